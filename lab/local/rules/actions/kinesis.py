"""The kinesis action: one record into a data stream.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/kinesis-rule-action.html
"""

from __future__ import annotations

import base64
import uuid
from typing import Final

from lab.local.rules.action import Action, Delivery, Fields


async def perform(fields: Fields, delivery: Delivery) -> None:
    """Put the record; without partition key, or with an empty one, it gets a random key."""
    stream = delivery.fill(fields["streamName"])
    key = delivery.fill(fields.get("partitionKey") or "") or str(uuid.uuid4())
    record = {
        "StreamName": stream,
        "PartitionKey": key[:256],
        "Data": base64.b64encode(delivery.body).decode("ascii"),
    }
    await delivery.effects.call("kinesis", "PutRecord", delivery.effects.arn("kinesis", f"stream/{stream}"), record)


ACTION: Final = Action(
    required=("streamName", "roleArn"),
    optional=("partitionKey",),
    templates=("streamName", "partitionKey"),
    resource=lambda fields: str(fields["streamName"]),
    perform=perform,
)
