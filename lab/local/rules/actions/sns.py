"""The sns action: a push notification.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/sns-rule-action.html
"""

from __future__ import annotations

from typing import Final

from lab.local.rules.action import Action, Delivery, Fields
from lab.local.rules.errors import RuleError


async def perform(fields: Fields, delivery: Delivery) -> None:
    """Publish; with messageFormat JSON the result holds one message a protocol."""
    form = {"Message": delivery.text}
    if (fields.get("messageFormat") or "RAW").upper() == "JSON":
        form["MessageStructure"] = "json"
    await delivery.effects.publish(delivery.fill(fields["targetArn"]), form)


def check(fields: Fields) -> None:
    """Refuse message formats that AWS does not know."""
    if (fields.get("messageFormat") or "RAW").upper() not in ("RAW", "JSON"):
        raise RuleError(f"messageFormat must be RAW or JSON, not {fields['messageFormat']}")


ACTION: Final = Action(
    required=("targetArn", "roleArn"),
    optional=("messageFormat",),
    templates=("targetArn",),
    resource=lambda fields: str(fields["targetArn"]),
    perform=perform,
    check=check,
)
