"""What a schedule calls: any operation of a service that is served here, or a queue, topic or stream by its ARN.

Sources: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html (aws-sdk targets) and
https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html (targets by ARN)
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from lab.local.errors import AwsError

UNIVERSAL: Final = re.compile(r"^arn:aws:scheduler:::aws-sdk:([a-z0-9\-]+):([a-z]\w*)$")
SERVED: Final = (
    "athena",
    "cloudwatchlogs",
    "dynamodb",
    "firehose",
    "glue",
    "kinesis",
    "sns",
    "sqs",
    "ssm",
)
CLIENTS: Final = {"cloudwatchlogs": "logs"}
READ_ONLY: Final = re.compile(
    r"^(get|describe|list|poll|receive|search|scan|query|select|read|lookup|discover|validate|batchGet|batchDescribe"
    r"|batchRead|transactGet|adminGet|adminList|testMigration|retrieve|testConnection|translateDocument|isAuthorized"
    r"|invokeModel)"
)
Client = Callable[[str], Any]


def check(target: Mapping[str, Any]) -> None:
    """Refuse a target that nobody here would answer.

    Raises: AwsError ValidationException that names the service or the operation.
    """
    arn = str(target["Arn"])
    universal = UNIVERSAL.match(arn)
    if universal is None:
        service = arn.split(":")[2] if arn.count(":") >= 5 else arn
        if service not in TEMPLATED:
            raise AwsError("ValidationException", f"{service} is not a supported service for a target.")
        TEMPLATED[service](target, "", "")
        return
    service, action = universal[1], universal[2]
    if service not in SERVED:
        raise AwsError("ValidationException", f"{service} is not a supported service for a target.")
    if READ_ONLY.match(action) or _method(service, action) is None:
        raise AwsError("ValidationException", f"{action} is not a supported API action of {service} for a target.")
    try:
        parameters = json.loads(target.get("Input") or "{}")
    except ValueError:
        raise AwsError("ValidationException", "The Input of a universal target must be well-formed JSON.") from None
    if not isinstance(parameters, dict):
        raise AwsError("ValidationException", "The Input of a universal target must be a JSON object.")


def call(target: Mapping[str, Any], text: str, client: Client) -> None:
    """Call the target once.

    Parameters: text, the input with its keywords replaced; client, returns a boto3 client of a service under the role.
    Raises: what the client raises.
    """
    arn = str(target["Arn"])
    universal = UNIVERSAL.match(arn)
    if universal is None:
        caller = client(arn.split(":")[2])
        method, parameters = TEMPLATED[arn.split(":")[2]](target, text, caller.meta.endpoint_url)
    else:
        caller = client(CLIENTS.get(universal[1], universal[1]))
        method, parameters = str(_method(universal[1], universal[2])), json.loads(text or "{}")
    getattr(caller, method)(**parameters)


def queue_url(arn: str, endpoint: str) -> str:
    """Return the URL of a queue at an endpoint."""
    _, _, _, _, account, name = arn.split(":", 5)
    return f"{endpoint}/{account}/{name}"


@functools.cache
def _method(service: str, action: str) -> str | None:
    """Return the client's name of an operation, such as ``start_job_run`` of ``startJobRun``."""
    import botocore.session  # 40 MB of memory that an idle AWS does without
    from botocore import xform_name

    model = botocore.session.get_session().get_service_model(CLIENTS.get(service, service))
    for name in model.operation_names:
        if name[0].lower() + name[1:] == action:
            return str(xform_name(name))
    return None


Called = tuple[str, dict[str, Any]]
Templated = Callable[[Mapping[str, Any], str, str], Called]
"""From a target, its input and the endpoint to the client's method and its parameters."""


def _queue(target: Mapping[str, Any], text: str, endpoint: str) -> Called:
    arn = str(target["Arn"])
    group = (target.get("SqsParameters") or {}).get("MessageGroupId")
    if arn.endswith(".fifo") != (group is not None):
        raise AwsError("ValidationException", "SqsParameters.MessageGroupId is for FIFO queues, and required there.")
    parameters = {"QueueUrl": queue_url(arn, endpoint), "MessageBody": text}
    return "send_message", {**parameters, **({"MessageGroupId": group} if group else {})}


def _topic(target: Mapping[str, Any], text: str, _endpoint: str) -> Called:
    return "publish", {"TopicArn": target["Arn"], "Message": text}


def _stream(target: Mapping[str, Any], text: str, _endpoint: str) -> Called:
    key = (target.get("KinesisParameters") or {}).get("PartitionKey")
    if not key:
        raise AwsError("ValidationException", "KinesisParameters.PartitionKey is required for a Kinesis target.")
    return "put_record", {"StreamARN": target["Arn"], "PartitionKey": key, "Data": text.encode()}


def _delivery_stream(target: Mapping[str, Any], text: str, _endpoint: str) -> Called:
    name = str(target["Arn"]).rpartition("/")[2]
    return "put_record", {"DeliveryStreamName": name, "Record": {"Data": text.encode()}}


TEMPLATED: Final[dict[str, Templated]] = {
    "sqs": _queue,
    "sns": _topic,
    "kinesis": _stream,
    "firehose": _delivery_stream,
}
