"""The firehose action: one record, or in batch mode the elements of an array, into a delivery stream.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/kinesis-firehose-rule-action.html
"""

from __future__ import annotations

import base64
from typing import Any, Final

from lab.local.rules.action import Action, Delivery, Fields
from lab.local.rules.errors import ActionError, RuleError
from lab.local.rules.values import dumps

SEPARATORS: Final = ("\n", "\t", "\r\n", ",")
MOST_RECORDS: Final = 500


async def perform(fields: Fields, delivery: Delivery) -> None:
    """Put the record with the separator behind it."""
    name = delivery.fill(fields["deliveryStreamName"])
    arn = delivery.effects.arn("firehose", f"deliverystream/{name}")
    end = str(fields.get("separator") or "").encode()
    if fields.get("batchMode") and isinstance(delivery.output, list):
        records = [_record(dumps(element).encode() + end) for element in delivery.output]
        for start in range(0, len(records), MOST_RECORDS):
            await _put_batch(delivery, name, arn, records[start : start + MOST_RECORDS])
        return
    request = {"DeliveryStreamName": name, "Record": _record(delivery.body + end)}
    await delivery.effects.call("firehose", "PutRecord", arn, request)


async def _put_batch(delivery: Delivery, name: str, arn: str, records: list[dict[str, Any]]) -> None:
    """Put records. Raises: ActionError when one of them was not taken."""
    request = {"DeliveryStreamName": name, "Records": records}
    answer = await delivery.effects.call("firehose", "PutRecordBatch", arn, request)
    if answer.get("FailedPutCount"):
        raise ActionError(f"{answer['FailedPutCount']} of {len(records)} records were not taken")


def _record(data: bytes) -> dict[str, Any]:
    return {"Data": base64.b64encode(data).decode("ascii")}


def check(fields: Fields) -> None:
    """Refuse separators that AWS does not allow."""
    if fields.get("separator") and fields["separator"] not in SEPARATORS:
        raise RuleError("separator must be a newline, a tab, a Windows newline or a comma")


ACTION: Final = Action(
    required=("deliveryStreamName", "roleArn"),
    optional=("separator", "batchMode"),
    templates=("deliveryStreamName",),
    resource=lambda fields: str(fields["deliveryStreamName"]),
    perform=perform,
    check=check,
)
