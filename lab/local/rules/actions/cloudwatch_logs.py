"""The cloudwatchLogs action: one event a message, in a stream a rule and day.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/cloudwatch-logs-rule-action.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from lab.local.rules.action import Action, Delivery, Fields
from lab.local.rules.errors import ActionError
from lab.local.rules.values import to_number, to_text


async def perform(fields: Fields, delivery: Delivery) -> None:
    """Put the event, making the stream when it is missing."""
    group = delivery.fill(fields["logGroupName"])
    day = datetime.fromtimestamp(delivery.message.milliseconds / 1000, UTC).date()
    stream = f"{delivery.rule_name}_{day}"
    effects = delivery.effects
    streams = effects.arn("logs", f"log-group:{group}:log-stream:{stream}")
    found = await effects.call(
        "logs",
        "DescribeLogStreams",
        effects.arn("logs", f"log-group:{group}:log-stream:"),
        {"logGroupName": group, "logStreamNamePrefix": stream},
    )
    place = {"logGroupName": group, "logStreamName": stream}
    if not any(known["logStreamName"] == stream for known in found.get("logStreams", [])):
        await effects.call("logs", "CreateLogStream", streams, place)
    await effects.call("logs", "PutLogEvents", streams, {**place, "logEvents": _events(fields, delivery)})


def _events(fields: Fields, delivery: Delivery) -> list[dict[str, Any]]:
    """Return the events: in batch mode the result is an array of objects with timestamp and message."""
    if not fields.get("batchMode"):
        return [{"timestamp": delivery.message.milliseconds, "message": delivery.text}]
    events = delivery.output if isinstance(delivery.output, list) else [delivery.output]
    if not all(
        isinstance(event, dict)
        and isinstance(to_number(event.get("timestamp")), int)
        and isinstance(to_text(event.get("message")), str)
        for event in events
    ):
        raise ActionError("In batch mode each event needs a timestamp in milliseconds and a message")
    return sorted(
        ({"timestamp": to_number(event["timestamp"]), "message": to_text(event["message"])} for event in events),
        key=lambda event: event["timestamp"],
    )


ACTION: Final = Action(
    required=("logGroupName", "roleArn"),
    optional=("batchMode",),
    templates=("logGroupName",),
    resource=lambda fields: str(fields["logGroupName"]),
    perform=perform,
)
