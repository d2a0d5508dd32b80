"""The dynamoDB action: one item whose keys are named in the rule and whose payload is one column.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/dynamodb-rule-action.html
"""

from __future__ import annotations

from typing import Any, Final

from lab.local.rules.action import Action, Delivery, Fields
from lab.local.rules.actions.attribute import attribute
from lab.local.rules.errors import ActionError, RuleError

OPERATIONS: Final = {"INSERT": "PutItem", "UPDATE": "UpdateItem", "DELETE": "DeleteItem"}
KEY_TYPES: Final = {"STRING": "S", "NUMBER": "N"}


async def perform(fields: Fields, delivery: Delivery) -> None:
    """Insert, update or delete the item. A key's type is the rule's: it is not looked up in the table."""
    table = delivery.fill(fields["tableName"])
    operation = OPERATIONS[delivery.fill(fields.get("operation") or "INSERT").upper()]
    keys = _key(fields, "hash", delivery)
    if fields.get("rangeKeyField"):
        keys |= _key(fields, "range", delivery)
    column = delivery.fill(fields.get("payloadField") or "payload")
    payload = attribute(delivery.output)
    request: dict[str, Any] = {"TableName": table}
    if operation == "PutItem":
        request["Item"] = {column: payload, **keys}
    else:
        request["Key"] = keys
    if operation == "UpdateItem":
        request |= {
            "UpdateExpression": "SET #payload = :payload",
            "ExpressionAttributeNames": {"#payload": column},
            "ExpressionAttributeValues": {":payload": payload},
        }
    arn = delivery.effects.arn("dynamodb", f"table/{table}")
    await delivery.effects.call("dynamodb", operation, arn, request)


def _key(fields: Fields, kind: str, delivery: Delivery) -> dict[str, Any]:
    """Return one key attribute."""
    name = delivery.fill(fields[f"{kind}KeyField"])
    value = delivery.fill(fields.get(f"{kind}KeyValue", ""))
    if not value:
        raise ActionError(f"One or more parameter values were invalid: the key {name} has no value in this message")
    return {name: {KEY_TYPES[(fields.get(f"{kind}KeyType") or "STRING").upper()]: value}}


def check(fields: Fields) -> None:
    """Refuse key types and operations that DynamoDB rules do not know."""
    for name in ("hashKeyType", "rangeKeyType"):
        if (fields.get(name) or "STRING").upper() not in KEY_TYPES:
            raise RuleError(f"{name} must be STRING or NUMBER, not {fields[name]}")
    operation = fields.get("operation") or "INSERT"
    if "${" not in operation and operation.upper() not in OPERATIONS:
        raise RuleError(f"operation must be one of {', '.join(OPERATIONS)}, not {operation}")
    if fields.get("rangeKeyField") and "rangeKeyValue" not in fields:
        raise RuleError("rangeKeyField needs rangeKeyValue")


ACTION: Final = Action(
    required=("tableName", "roleArn", "hashKeyField", "hashKeyValue"),
    optional=("hashKeyType", "rangeKeyField", "rangeKeyValue", "rangeKeyType", "payloadField", "operation"),
    templates=(
        "tableName",
        "hashKeyField",
        "hashKeyValue",
        "rangeKeyField",
        "rangeKeyValue",
        "payloadField",
        "operation",
    ),
    resource=lambda fields: str(fields["tableName"]),
    perform=perform,
    check=check,
)
