"""The republish action: the result as a message to another topic, where rules see it again.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/republish-rule-action.html
"""

from __future__ import annotations

import contextvars
from typing import Final

from ministack.services import iot

from lab.local.rules.action import Action, Delivery, Fields
from lab.local.rules.errors import ActionError, RuleError

DEEPEST: Final = 8
"""Republished messages that one message may cause in a row; a loop ends in the error action."""

_depth: contextvars.ContextVar[int] = contextvars.ContextVar("republish_depth", default=0)


async def perform(fields: Fields, delivery: Delivery) -> None:
    """Publish. ``$$aws/…`` stands for a reserved topic ``$aws/…``."""
    topic = delivery.fill(fields["topic"])
    topic = topic[1:] if topic.startswith("$$") else topic
    if not topic or "+" in topic or "#" in topic or len(topic.encode()) > 256:
        raise ActionError(f"{topic!r} is not a topic to publish to")
    depth = _depth.get()
    if depth >= DEEPEST:
        raise ActionError(f"Messages were republished {DEEPEST} times in a row")
    effects = delivery.effects
    effects.require("iot:Publish", effects.arn("iot", f"topic/{topic}"))
    qos = int(delivery.fill(fields.get("qos", 0)) or 0)
    token = _depth.set(depth + 1)
    try:
        await iot.broker_publish(effects.account, effects.region, topic, delivery.body, qos=qos)
    finally:
        _depth.reset(token)


def check(fields: Fields) -> None:
    """Refuse a quality of service that is not served."""
    qos = str(fields.get("qos", 0))
    if "${" not in qos and qos not in ("0", "1"):
        raise RuleError(f"qos must be 0 or 1, not {qos}")


ACTION: Final = Action(
    required=("topic", "roleArn"),
    optional=("qos",),
    templates=("topic",),
    resource=lambda fields: str(fields["topic"]),
    perform=perform,
    check=check,
)
