"""A delivery stream as DescribeDeliveryStream shows it.

Source: https://docs.aws.amazon.com/firehose/latest/APIReference/API_DeliveryStreamDescription.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

DESTINATION_ID: Final = "destinationId-000000000001"
_DEFAULTS: Final[dict[str, Any]] = {
    "BufferingHints": {"SizeInMBs": 5, "IntervalInSeconds": 300},
    "CompressionFormat": "UNCOMPRESSED",
    "EncryptionConfiguration": {"NoEncryptionConfig": "NoEncryption"},
    "CloudWatchLoggingOptions": {"Enabled": False},
    "S3BackupMode": "Disabled",
}
_PLAIN: Final = (
    "RoleARN",
    "BucketARN",
    "Prefix",
    "ErrorOutputPrefix",
    "BufferingHints",
    "CompressionFormat",
    "EncryptionConfiguration",
    "CloudWatchLoggingOptions",
)


def description(name: str, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the description of a stored stream, with AWS's defaults where nothing was said."""
    extended = {**_DEFAULTS, **found["destination"]}
    plain = {member: extended[member] for member in _PLAIN if member in extended}
    shown: dict[str, Any] = {
        "DeliveryStreamName": name,
        "DeliveryStreamARN": found["arn"],
        "DeliveryStreamStatus": "ACTIVE",
        "DeliveryStreamType": found["type"],
        "VersionId": str(found["version"]),
        "CreateTimestamp": found["created"],
        "HasMoreDestinations": False,
        "Destinations": [
            {
                "DestinationId": DESTINATION_ID,
                "S3DestinationDescription": plain,
                "ExtendedS3DestinationDescription": extended,
            }
        ],
    }
    if found["source"]:
        shown["Source"] = {
            "KinesisStreamSourceDescription": {**found["source"], "DeliveryStartTimestamp": found["created"]}
        }
    else:
        shown["DeliveryStreamEncryptionConfiguration"] = {"Status": "DISABLED"}
    return shown
