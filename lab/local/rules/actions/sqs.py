"""The sqs action: one message into a queue.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/sqs-rule-action.html
"""

from __future__ import annotations

import base64
from typing import Final

from lab.local.rules.action import Action, Delivery, Fields
from lab.local.rules.errors import ActionError


async def perform(fields: Fields, delivery: Delivery) -> None:
    """Send the message, in base64 when the rule says so."""
    url = delivery.fill(fields["queueUrl"])
    parts = url.rsplit("/", 2)
    if len(parts) != 3:
        raise ActionError(f"{url} is not a queue's URL")
    body = base64.b64encode(delivery.body).decode("ascii") if fields.get("useBase64") else delivery.text
    arn = f"arn:aws:sqs:{delivery.effects.region}:{parts[1]}:{parts[2]}"
    await delivery.effects.call("sqs", "SendMessage", arn, {"QueueUrl": url, "MessageBody": body})


ACTION: Final = Action(
    required=("queueUrl", "roleArn"),
    optional=("useBase64",),
    templates=("queueUrl",),
    resource=lambda fields: str(fields["queueUrl"]),
    perform=perform,
)
