"""Requests that make or change a delivery stream: read, checked, and refused as AWS refuses them.

Source: https://docs.aws.amazon.com/firehose/latest/APIReference/API_CreateDeliveryStream.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lab.local.context import Caller, Context
from lab.local.edge import Call
from lab.local.errors import AwsError
from lab.local.firehose.describe import DESTINATION_ID
from lab.local.firehose.settings import NAME, PRINCIPAL, check

DESTINATION: Final = "ExtendedS3DestinationConfiguration"
TYPES: Final = ("DirectPut", "KinesisStreamAsSource")
_SERVED: Final = frozenset(
    {"DeliveryStreamName", "DeliveryStreamType", "KinesisStreamSourceConfiguration", DESTINATION, "Tags"}
)


def checked_creation(call: Call, context: Context) -> tuple[str, dict[str, Any]]:
    """Return the new stream's name and what is stored of it.

    Raises: AwsError InvalidArgumentException for what is wrong or not served, and for roles that cannot be used.
    """
    request = call.payload
    name = request.get("DeliveryStreamName")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise _refusal("DeliveryStreamName must be 1 to 64 of a-z A-Z 0-9 _ . -")
    unknown = sorted(set(request) - _SERVED)
    if unknown:
        raise _refusal(f"{unknown[0]} is not served by this AWS.")
    kind, source = request.get("DeliveryStreamType", "DirectPut"), request.get("KinesisStreamSourceConfiguration")
    if kind not in TYPES:
        raise _refusal(f"DeliveryStreamType {kind} is not served by this AWS.")
    if (kind == "KinesisStreamAsSource") != bool(source):
        raise _refusal("KinesisStreamSourceConfiguration goes with DeliveryStreamType KinesisStreamAsSource only.")
    destination = request.get(DESTINATION)
    if not isinstance(destination, dict):
        raise _refusal(f"{DESTINATION} is required: no other destination is served by this AWS.")
    check(destination)
    arn = f"arn:aws:firehose:{call.region}:{call.account}:deliverystream/{name}"
    caller = Caller(PRINCIPAL, arn)
    _usable(context, destination["RoleARN"], caller)
    if source:
        _readable(context, source, caller)
    return name, {
        "arn": arn,
        "type": kind,
        "source": source,
        "destination": destination,
        "tags": {tag["Key"]: tag.get("Value", "") for tag in request.get("Tags", [])},
        "version": 1,
        "created": context.now(),
    }


def checked_update(call: Call, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the destination with the changes of an UpdateDestination.

    Raises: AwsError ConcurrentModificationException for another version, InvalidArgumentException for the rest.
    """
    request = call.payload
    if request.get("CurrentDeliveryStreamVersionId") != str(found["version"]):
        raise AwsError(
            "ConcurrentModificationException",
            f"The current version of the delivery stream is {found['version']}, "
            f"not {request.get('CurrentDeliveryStreamVersionId')}.",
        )
    if request.get("DestinationId") != DESTINATION_ID:
        raise _refusal(f"Destination Id {request.get('DestinationId')} not found")
    other = [key for key in request if key.endswith("DestinationUpdate") and key != "ExtendedS3DestinationUpdate"]
    if other:
        raise _refusal(f"{other[0]} is not served by this AWS.")
    merged = {**found["destination"], **request.get("ExtendedS3DestinationUpdate", {})}
    check(merged)
    return merged


def _usable(context: Context, role: str, caller: Caller) -> None:
    """Refuse a role that Firehose may not assume."""
    try:
        context.assume(role, caller)
    except AwsError:
        raise _refusal(f"Firehose is unable to assume role {role}. Please check the role provided.") from None


def _readable(context: Context, source: Mapping[str, Any], caller: Caller) -> None:
    """Refuse a source that is not there or that its role may not describe."""
    role, arn = source.get("RoleARN", ""), source.get("KinesisStreamARN", "")
    _usable(context, role, caller)
    client = context.role_client(role, caller, "kinesis")
    try:
        client.describe_stream(StreamName=arn.rpartition("/")[2], Limit=1)
    except Exception as error:
        code = getattr(error, "response", {}).get("Error", {}).get("Code", "")
        if code == "ResourceNotFoundException":
            raise AwsError("ResourceNotFoundException", f"Kinesis stream {arn} not found.") from None
        if code.startswith("AccessDenied"):
            raise _refusal(
                f"Role {role} is not authorized to perform: kinesis:DescribeStream on resource {arn}."
            ) from None
        raise


def _refusal(message: str) -> AwsError:
    return AwsError("InvalidArgumentException", message)
