"""Raw objects as Firehose wrote them: list them, open them, count their records, wait for them."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lab import target
from lab.errors import LabError

POLL_SECONDS: Final = 0.25
LONGEST_SECONDS: Final = 900.0


@dataclass(frozen=True)
class RawObject:
    """One object. bytes: as stored, compressed; text_bytes: unpacked; records: lines that are not empty."""

    key: str
    bytes: int
    text_bytes: int
    records: int


def keys(bucket: str, prefix: str) -> list[str]:
    """Return the keys below a prefix, sorted."""
    pages = target.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return sorted(item["Key"] for page in pages for item in page.get("Contents", []))


def read(bucket: str, key: str) -> bytes:
    """Return an object's content, unpacked."""
    content: bytes = target.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return gzip.decompress(content)


def look(bucket: str, names: Sequence[str]) -> list[RawObject]:
    """Return objects with their sizes and their number of records."""
    client = target.client("s3")
    return [_look(client, bucket, key) for key in names]


def wait_for(
    bucket: str,
    prefix: str,
    known: Sequence[str],
    records: int,
    watch: Callable[[str], None] = lambda _message: None,
) -> list[RawObject]:
    """Return the objects beyond the known ones as soon as they hold at least so many records.

    Parameters: watch, told how many records have arrived.
    Raises: LabError when they do not come within 15 minutes.
    """
    client = target.client("s3")
    found: dict[str, RawObject] = {}
    deadline = time.monotonic() + LONGEST_SECONDS
    while True:
        for key in keys(bucket, prefix):
            if key not in found and key not in known:
                found[key] = _look(client, bucket, key)
        arrived = sum(item.records for item in found.values())
        watch(f"{arrived:,} of {records:,} records in {len(found)} objects")
        if arrived >= records:
            return list(found.values())
        if time.monotonic() > deadline:
            raise LabError(
                f"Only {arrived:,} of {records:,} records are in s3://{bucket}/{prefix} after 15 minutes.",
                "Look at the delivery stream: `aws firehose describe-delivery-stream`.",
            )
        time.sleep(POLL_SECONDS)


def _look(client: Any, bucket: str, key: str) -> RawObject:
    content: bytes = client.get_object(Bucket=bucket, Key=key)["Body"].read()
    text = gzip.decompress(content)
    return RawObject(key, len(content), len(text), sum(1 for line in text.splitlines() if line.strip()))
