"""Targets of rules on the event bus: which are served, and how an event is sent to one.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from lab.local import admission
from lab.local.context import Caller, Context
from lab.local.errors import AwsError
from lab.local.retries import AGE, ATTEMPTS
from lab.local.schedules.target import queue_url

PRINCIPAL: Final = "events.amazonaws.com"
NEED_A_ROLE: Final = ("firehose", "kinesis")
SERVED: Final = ("events", *NEED_A_ROLE, "sns", "sqs")
INPUTS: Final = ("Input", "InputPath", "InputTransformer")
MEMBERS: Final = frozenset(
    {"Arn", "DeadLetterConfig", "Id", "KinesisParameters", "RetryPolicy", "RoleArn", "SqsParameters", *INPUTS}
)
BOUNDS: Final = {ATTEMPTS: (0, 185), AGE: (60, 86400)}
"""Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RetryPolicy.html"""


def check(target: Mapping[str, Any]) -> None:
    """Return when a target is one that events can be sent to here.

    Raises: AwsError ValidationException that names what is wrong or not served.
    Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html
    """
    name, arn = target.get("Id"), str(target.get("Arn"))
    service = arn.split(":")[2] if arn.count(":") >= 5 else arn
    if service not in SERVED or (service == "events" and ":event-bus/" not in arn):
        raise _refusal(f"{arn} is not a supported target of this AWS; it serves {', '.join(SERVED)} (event buses).")
    unknown = sorted(set(target) - MEMBERS)
    if unknown:
        raise _refusal(f"{', '.join(unknown)} of target {name} is not served by this AWS.")
    if sum(member in target for member in INPUTS) > 1:
        raise _refusal(f"Only one of {', '.join(INPUTS)} must be provided for target {name}.")
    if service in NEED_A_ROLE and not target.get("RoleArn"):
        raise _refusal(f"RoleArn is required for target {arn}.")
    if arn.endswith(".fifo") and not (target.get("SqsParameters") or {}).get("MessageGroupId"):
        raise _refusal(f"Parameter(s) SqsParameters must be specified for target: {name}.")
    queue = (target.get("DeadLetterConfig") or {}).get("Arn")
    if queue and (not queue.startswith("arn:aws:sqs:") or queue.endswith(".fifo")):
        raise _refusal(f"The dead-letter queue of target {name} must be a standard queue of SQS, not {queue}.")
    for member, (least, most) in BOUNDS.items():
        value = (target.get("RetryPolicy") or {}).get(member, least)
        if not least <= int(value) <= most:
            raise _refusal(f"{member} of target {name} must be from {least} to {most}.")


def send(context: Context, caller: Caller, target: Mapping[str, Any], event: Mapping[str, Any], text: str) -> None:
    """Send an event once, under the target's role or, without one, by the policy of the queue or topic.

    Parameters: event, as it matched; text, what the target is given of it.
    Raises: AwsError, or what the client raises.
    """
    arn = str(target["Arn"])
    service, region, account = arn.split(":")[2:5]
    if service == "events" or (region, account) != (context.region, context.account):
        raise AwsError("ResourceNotFoundException", f"{arn} does not exist.")
    if target.get("RoleArn"):
        client = context.role_client(str(target["RoleArn"]), caller, service)
    else:
        admission.require(caller, arn)
        client = context.service_client(service)
    if service == "sqs":
        group = (target.get("SqsParameters") or {}).get("MessageGroupId")
        more = {"MessageGroupId": group} if group else {}
        client.send_message(QueueUrl=queue_url(arn, client.meta.endpoint_url), MessageBody=text, **more)
    elif service == "sns":
        client.publish(TopicArn=arn, Message=text)
    elif service == "kinesis":
        client.put_record(StreamARN=arn, PartitionKey=_partition_key(target, event), Data=text.encode())
    else:
        client.put_record(DeliveryStreamName=arn.rpartition("/")[2], Record={"Data": text.encode()})


def _partition_key(target: Mapping[str, Any], event: Mapping[str, Any]) -> str:
    """Return what the path names, or the event's id."""
    path = (target.get("KinesisParameters") or {}).get("PartitionKeyPath")
    found: Any = event
    for part in path.removeprefix("$.").split(".") if path else ("id",):
        found = found.get(part) if isinstance(found, dict) else None
    return (found if isinstance(found, str) else json.dumps(found))[:256]


def _refusal(message: str) -> AwsError:
    return AwsError("ValidationException", message)
