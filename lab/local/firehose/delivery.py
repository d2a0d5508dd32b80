"""One delivery stream at work: takes records in, buffers them, writes objects, remembers how far it came.

The checkpoint is written after the object. A crash between the two delivers those records again: at least once, as AWS.
"""

from __future__ import annotations

import gzip
import json
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lab.local.context import Context
from lab.local.firehose import prefix

PRINCIPAL: Final = "firehose.amazonaws.com"
POLL_SECONDS: Final = 0.25
RETRY_SECONDS: Final = 2.0
MOST_RECORDS: Final = 10_000
MEGABYTE: Final = 2**20

logger = logging.getLogger("lab.firehose")


@dataclass(frozen=True)
class Settings:
    """What a delivery stream does. stream: its name; source: Kinesis stream name, or None for direct put."""

    stream: str
    version: str
    source: str | None
    source_role: str
    source_arn: str
    bucket: str
    role: str
    prefix: str
    zone: str
    suffix: str
    compressed: bool
    delimiter: bytes
    buffer_bytes: int
    buffer_seconds: float


class Delivery:
    """The thread of one delivery stream. failed: told the last error, or an empty text when all is well."""

    def __init__(self, context: Context, settings: Settings, checkpoint: Path, failed: Callable[[str], None]) -> None:
        self._context = context
        self._settings = settings
        self._checkpoint = checkpoint
        self._failed = failed
        self._lock = threading.Lock()
        self._buffer: list[bytes] = []
        self._bytes = 0
        self._since: float | None = None
        self._positions: dict[str, str] = self._load()
        self._iterators: dict[str, str] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"firehose-{settings.stream}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, deadline: float) -> None:
        """Flush and end within some seconds."""
        self._stop.set()
        self._thread.join(deadline)

    def put(self, records: list[bytes]) -> None:
        """Take records that a client puts directly."""
        with self._lock:
            self._add(records)

    def _add(self, records: list[bytes]) -> None:
        if records and self._since is None:
            self._since = self._context.now()
        self._buffer += records
        self._bytes += sum(map(len, records))

    def _work(self) -> None:
        while not self._stop.wait(POLL_SECONDS):
            self._turn(final=False)
        self._turn(final=True)

    def _turn(self, final: bool) -> None:
        try:
            if self._settings.source and not final:
                self._read()
            self._flush(final)
            self._failed("")
        except Exception as error:  # tried again at the next turn; what was read is still in the buffer
            logger.warning("delivery stream %s: %s", self._settings.stream, error)
            self._iterators.clear()
            self._failed(str(error))
            self._stop.wait(RETRY_SECONDS)

    def _read(self) -> None:
        client = self._context.role_client(self._settings.source_role, PRINCIPAL, "kinesis")
        if not self._iterators:
            self._open(client)
        for shard, iterator in list(self._iterators.items()):
            answer = client.get_records(ShardIterator=iterator, Limit=MOST_RECORDS, StreamARN=self._settings.source_arn)
            records = answer["Records"]
            with self._lock:
                self._add([record["Data"] for record in records])
            if records:
                self._positions[shard] = records[-1]["SequenceNumber"]
            following = answer.get("NextShardIterator")
            if following:
                self._iterators[shard] = following
            else:
                del self._iterators[shard]

    def _open(self, client: Any) -> None:
        for shard in client.list_shards(StreamName=self._settings.source)["Shards"]:
            name = shard["ShardId"]
            after = self._positions.get(name)
            place: dict[str, Any] = {"ShardIteratorType": "TRIM_HORIZON"}
            if after:
                place = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": after}
            answer = client.get_shard_iterator(StreamName=self._settings.source, ShardId=name, **place)
            self._iterators[name] = answer["ShardIterator"]

    def _flush(self, final: bool) -> None:
        with self._lock:
            if self._since is None or not (final or self._due()):
                return
            records, since, positions = self._buffer, self._since, dict(self._positions)
        self._write(records, since)
        self._save(positions)
        with self._lock:
            self._buffer = self._buffer[len(records) :]
            self._bytes = sum(map(len, self._buffer))
            self._since = self._context.now() if self._buffer else None

    def _due(self) -> bool:
        waited = self._context.now() - (self._since or 0.0)
        return self._bytes >= self._settings.buffer_bytes or waited >= self._settings.buffer_seconds

    def _write(self, records: list[bytes], since: float) -> None:
        settings = self._settings
        body = b"".join(record + settings.delimiter for record in records)
        name = prefix.object_name(settings.stream, settings.version, since, settings.suffix)
        key = prefix.expand(settings.prefix, since, settings.zone) + name
        client = self._context.role_client(settings.role, PRINCIPAL, "s3")
        content = gzip.compress(body, compresslevel=6, mtime=0) if settings.compressed else body
        client.put_object(Bucket=settings.bucket, Key=key, Body=content, ContentType="application/octet-stream")

    def _load(self) -> dict[str, str]:
        try:
            document: dict[str, str] = json.loads(self._checkpoint.read_text())
        except FileNotFoundError:
            return {}
        return document

    def _save(self, positions: dict[str, str]) -> None:
        part = self._checkpoint.with_suffix(".part")
        part.write_text(json.dumps(positions))
        part.replace(self._checkpoint)
