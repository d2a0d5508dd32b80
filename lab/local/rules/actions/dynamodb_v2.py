"""The dynamoDBv2 action: each member of the result becomes a column.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/dynamodb-v2-rule-action.html
"""

from __future__ import annotations

from typing import Final

from lab.local.rules.action import Action, Delivery, Fields
from lab.local.rules.actions.attribute import attribute
from lab.local.rules.errors import ActionError, RuleError


async def perform(fields: Fields, delivery: Delivery) -> None:
    """Put the item."""
    if not isinstance(delivery.output, dict):
        raise ActionError("The result of the rule's SQL is not a JSON object, so it has no columns")
    table = delivery.fill(fields["putItem"]["tableName"])
    item = {name: attribute(value) for name, value in delivery.output.items()}
    arn = delivery.effects.arn("dynamodb", f"table/{table}")
    await delivery.effects.call("dynamodb", "PutItem", arn, {"TableName": table, "Item": item})


def check(fields: Fields) -> None:
    """Refuse an action without a table."""
    put = fields["putItem"]
    if not isinstance(put, dict) or not put.get("tableName"):
        raise RuleError("dynamoDBv2 needs putItem with a tableName")


ACTION: Final = Action(
    required=("putItem", "roleArn"),
    optional=(),
    templates=(),
    resource=lambda fields: str(fields["putItem"]["tableName"]),
    perform=perform,
    check=check,
)
