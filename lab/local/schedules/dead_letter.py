"""The dead-letter event of an invocation that was given up.

Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lab.local.schedules import expression, target

LONGEST_MESSAGE: Final = 1024


def attributes(
    execution_id: str, invocation: Mapping[str, Any], code: str, message: str, condition: str
) -> dict[str, str]:
    """Return the message attributes.

    Parameters: code, message, the last error; condition, the limit of the retry policy that was reached, or nothing
    when the error was one that is not retried.
    """
    found = {
        "ERROR_CODE": code,
        "ERROR_MESSAGE": message[:LONGEST_MESSAGE] or code,
        "EXECUTION_ID": execution_id,
        "IS_PAYLOAD_TRUNCATED": "false",
        "RETRY_ATTEMPTS": str(max(0, invocation["attempts"] - 1)),
        "SCHEDULED_TIME": expression.text_of(invocation["due"]),
        "SCHEDULE_ARN": invocation["arn"],
        "TARGET_ARN": invocation["target"]["Arn"],
    }
    return found | ({"EXHAUSTED_RETRY_CONDITION": condition} if condition else {})


def send(client: Any, queue: str, called: Mapping[str, Any], found: Mapping[str, str]) -> None:
    """Send the event to a queue. Parameters: client, of SQS under the schedule's role; called, the target."""
    client.send_message(
        QueueUrl=target.queue_url(queue, client.meta.endpoint_url),
        MessageBody=called.get("Input") or "{}",
        MessageAttributes={name: {"DataType": "String", "StringValue": value} for name, value in found.items()},
    )
