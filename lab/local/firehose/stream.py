"""Records read from a Kinesis stream, under the role that the delivery stream names.

A position is saved when its records are delivered. A crash between the two delivers them again: at least once, as AWS.
Source: https://docs.aws.amazon.com/firehose/latest/dev/writing-with-kinesis-streams.html
"""

from __future__ import annotations

import base64
import uuid
from collections import deque
from pathlib import Path
from typing import Any, Final, NamedTuple

from lab.local.context import Context
from lab.local.firehose.batch import Batch
from lab.local.firehose.metrics import StreamMetrics
from lab.local.firehose.settings import Settings
from lab.local.paths import read, write_private
from lab.local.wire import JsonClient

TARGET: Final = "Kinesis_20131202"
MOST_RECORDS: Final = 10_000
MOST_OBJECTS: Final = 4
"""Full objects that may wait before reading pauses; the stream keeps what is not read."""


class _Record(NamedTuple):
    """One record. arrived: Unix seconds."""

    shard: str
    sequence: str
    arrived: float
    data: bytes


class StreamSource:
    """The records of one Kinesis stream. Parameters: checkpoint, the file of delivered positions by shard."""

    def __init__(self, context: Context, settings: Settings, checkpoint: Path, metrics: StreamMetrics) -> None:
        self._metrics = metrics
        self._settings = settings
        self._kinesis = JsonClient(context, settings.source_role, settings.caller, "kinesis", TARGET)
        self._checkpoint = checkpoint
        self._waiting: deque[_Record] = deque()
        self._bytes = 0
        self._taken = 0
        self._name = uuid.uuid4()
        self._delivered: dict[str, str] = read(checkpoint) or {}
        self._read = dict(self._delivered)
        self._ended: set[str] = set()

    @property
    def size(self) -> int:
        """Bytes that wait."""
        return self._bytes

    @property
    def since(self) -> float | None:
        """When the oldest waiting record arrived in the stream."""
        return self._waiting[0].arrived if self._waiting else None

    def fill(self) -> bool:
        """Read what is new in every shard, in children only when their parents are read. Returns whether to go on."""
        if self._bytes >= MOST_OBJECTS * self._settings.buffer_bytes:
            return False
        name = self._settings.source_arn.rpartition("/")[2]
        unread: set[str] = set()
        for shard in self._kinesis.call("ListShards", {"StreamName": name})["Shards"]:
            waits_for = {shard.get("ParentShardId"), shard.get("AdjacentParentShardId")}
            if unread & waits_for or (shard["ShardId"] not in self._ended and self._read_shard(name, shard["ShardId"])):
                unread.add(shard["ShardId"])
        return bool(unread)

    def _read_shard(self, name: str, shard: str) -> bool:
        """Read after the last record of a shard, and return whether there was one.

        MiniStack's iterator is a place in a list that shrinks as records expire, so each read asks for a new one.
        """
        after = self._read.get(shard)
        place: dict[str, Any] = {"ShardIteratorType": "TRIM_HORIZON"}
        if after:
            place = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": after}
        found = self._kinesis.call("GetShardIterator", {"StreamName": name, "ShardId": shard, **place})
        ask = {
            "ShardIterator": found["ShardIterator"],
            "Limit": MOST_RECORDS,
            "StreamARN": self._settings.source_arn,
        }
        answer = self._kinesis.call("GetRecords", ask)
        records = answer["Records"]
        sizes = []
        for record in records:
            data = base64.b64decode(record["Data"])
            sizes.append(len(data))
            self._waiting.append(_Record(shard, record["SequenceNumber"], record["ApproximateArrivalTimestamp"], data))
            self._bytes += len(data)
        if records:
            self._metrics.read(sizes, answer["MillisBehindLatest"])
            self._read[shard] = records[-1]["SequenceNumber"]
        if not answer.get("NextShardIterator"):
            self._ended.add(shard)
        return bool(records)

    def take(self) -> Batch:
        """Return the oldest records, up to one object's size. Raises: LookupError when nothing waits."""
        if not self._waiting:
            raise LookupError("nothing waits")
        records: list[bytes] = []
        size = 0
        for record in self._waiting:
            records.append(record.data)
            size += len(record.data)
            if size >= self._settings.buffer_bytes:
                break
        self._taken = len(records)
        return Batch(records, self._waiting[0].arrived, self._name)

    def done(self) -> None:
        """Save the positions of what was taken."""
        for _ in range(self._taken):
            record = self._waiting.popleft()
            self._delivered[record.shard] = record.sequence
            self._bytes -= len(record.data)
        write_private(self._checkpoint, self._delivered)
        self._name = uuid.uuid4()
