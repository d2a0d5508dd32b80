"""What a delivery stream's configuration means, and what of it is refused.

Source: https://docs.aws.amazon.com/firehose/latest/APIReference/API_ExtendedS3DestinationConfiguration.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lab.local.context import Caller
from lab.local.errors import AwsError
from lab.local.firehose import prefix

PRINCIPAL: Final = "firehose.amazonaws.com"
MEGABYTE: Final = 2**20
NAME: Final = re.compile(r"[a-zA-Z0-9_.-]{1,64}")
_EXTENSION: Final = re.compile(r"\.[0-9a-z!\-_.*'()]{1,127}")
_SERVED: Final = frozenset(
    {
        "RoleARN",
        "BucketARN",
        "Prefix",
        "ErrorOutputPrefix",
        "BufferingHints",
        "CompressionFormat",
        "EncryptionConfiguration",
        "CloudWatchLoggingOptions",
        "ProcessingConfiguration",
        "S3BackupMode",
        "DataFormatConversionConfiguration",
        "DynamicPartitioningConfiguration",
        "FileExtension",
        "CustomTimeZone",
    }
)
_SWITCHES: Final = ("DataFormatConversionConfiguration", "DynamicPartitioningConfiguration")


@dataclass(frozen=True)
class Settings:
    """What a delivery stream does.

    stream, arn, version: its own; source_arn, source_role: the Kinesis stream it reads, empty for direct put; bucket,
    role, prefix, zone, suffix, compressed, delimiter: the objects; buffer_bytes, buffer_seconds: when one is written;
    log_group, log_stream: where failures are told, empty for nowhere.
    """

    stream: str
    arn: str
    version: str
    source_arn: str
    source_role: str
    bucket: str
    role: str
    prefix: str
    zone: str
    suffix: str
    compressed: bool
    delimiter: bytes
    buffer_bytes: int
    buffer_seconds: float
    log_group: str
    log_stream: str

    @property
    def caller(self) -> Caller:
        """Who assumes the stream's roles."""
        return Caller(PRINCIPAL, self.arn)


def check(destination: Mapping[str, Any]) -> None:
    """Refuse what AWS refuses and what is not served here.

    Raises: AwsError InvalidArgumentException naming the member.
    """
    missing = [name for name in ("RoleARN", "BucketARN") if not destination.get(name)]
    unknown = sorted(set(destination) - _SERVED)
    switched = [name for name in _SWITCHES if destination.get(name) and _on({"Enabled": True, **destination[name]})]
    if missing:
        raise _refusal(f"{missing[0]} is required.")
    if unknown or switched:
        raise _refusal(f"{(unknown or switched)[0]} is not served by this AWS.")
    if destination.get("S3BackupMode", "Disabled") != "Disabled":
        raise _refusal("S3BackupMode Enabled is not served by this AWS.")
    if destination.get("CompressionFormat", "UNCOMPRESSED") not in ("UNCOMPRESSED", "GZIP"):
        raise _refusal(f"CompressionFormat {destination['CompressionFormat']} is not served by this AWS.")
    if "NoEncryptionConfig" not in destination.get("EncryptionConfiguration", {"NoEncryptionConfig": ""}):
        raise _refusal("EncryptionConfiguration with a KMS key is not served by this AWS.")
    hints = destination.get("BufferingHints", {})
    _within("SizeInMBs", hints.get("SizeInMBs", 5), 1, 128)
    _within("IntervalInSeconds", hints.get("IntervalInSeconds", 300), 0, 900)
    extension = destination.get("FileExtension")
    if extension and not _EXTENSION.fullmatch(extension):
        raise _refusal("FileExtension must begin with a period and hold only 0-9a-z!-_.*'().")
    try:
        ZoneInfo(destination.get("CustomTimeZone") or "UTC")
        prefix.check(destination.get("Prefix") or "", destination.get("ErrorOutputPrefix"))
    except (ValueError, ZoneInfoNotFoundError, OSError) as error:
        raise _refusal(f"Invalid prefix or time zone: {error}.") from None
    _delimiter(destination.get("ProcessingConfiguration", {}))


def settings(name: str, found: Mapping[str, Any]) -> Settings:
    """Return what a stored stream does."""
    destination, source = found["destination"], found["source"] or {}
    hints, log = destination.get("BufferingHints", {}), destination.get("CloudWatchLoggingOptions", {})
    compressed = destination.get("CompressionFormat", "UNCOMPRESSED") == "GZIP"
    return Settings(
        stream=name,
        arn=found["arn"],
        version=str(found["version"]),
        source_arn=source.get("KinesisStreamARN", ""),
        source_role=source.get("RoleARN", ""),
        bucket=destination["BucketARN"].rpartition(":")[2],
        role=destination["RoleARN"],
        prefix=destination.get("Prefix") or "",
        zone=destination.get("CustomTimeZone") or "UTC",
        suffix=destination.get("FileExtension") or (".gz" if compressed else ""),
        compressed=compressed,
        delimiter=_delimiter(destination.get("ProcessingConfiguration", {})),
        buffer_bytes=int(hints.get("SizeInMBs", 5)) * MEGABYTE,
        buffer_seconds=float(hints.get("IntervalInSeconds", 300)),
        log_group=log.get("LogGroupName", "") if _on(log) else "",
        log_stream=log.get("LogStreamName", "") if _on(log) else "",
    )


def _delimiter(processing: Mapping[str, Any]) -> bytes:
    """Return what is put behind each record. Raises: AwsError for a processor that is not served."""
    if not _on(processing):
        return b""
    delimiter = b""
    for processor in processing.get("Processors", []):
        if processor.get("Type") != "AppendDelimiterToRecord":
            raise _refusal(f"The processor {processor.get('Type')} is not served by this AWS.")
        given = {item["ParameterName"]: item["ParameterValue"] for item in processor.get("Parameters", [])}
        delimiter = given.get("Delimiter", "\\n").encode("latin-1", "replace").decode("unicode_escape").encode()
    return delimiter


def _on(part: Mapping[str, Any]) -> bool:
    """Tell whether an optional part is enabled; a template may hold the word as text."""
    return str(part.get("Enabled", False)).lower() == "true"


def _within(name: str, value: Any, least: int, most: int) -> None:
    try:
        number = int(value)
    except (TypeError, ValueError):
        raise _refusal(f"{name} must be a number.") from None
    if not least <= number <= most:
        raise _refusal(f"{name} must be between {least} and {most}.")


def _refusal(message: str) -> AwsError:
    return AwsError("InvalidArgumentException", message)
