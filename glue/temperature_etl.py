"""Raw telemetry objects become curated Parquet rows, each reading exactly once: the job script of AWS Glue 5.1.

One file, deployed as it is: it needs Spark 3.5, PyArrow and boto3, which Glue has, and nothing of this repository.

A batch of raw objects is read, checked and written to a *staging* prefix. One write to one object, the *checkpoint*,
then decides it: it lists every copy and every removal that the batch means, and the state after it. Publishing is a
series of steps that may be repeated. A run that dies before the decision has changed nothing; one that dies later is
finished by the next run. So the result does not depend on how Spark or Glue commits files, and the counts stay exact
through any number of crashes. Each write to the checkpoint holds only where nobody else wrote meanwhile: of two runs at
once, the one that began first can change nothing any more.
"""

from __future__ import annotations

import argparse
import datetime as dt
import fcntl
import json
import os
import re
import shutil
import sys
import uuid
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json
from py4j.protocol import Py4JJavaError
from pyspark.accumulators import AccumulatorParam
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F  # noqa: N812  the name that Spark's own documentation uses

# ---------------------------------------------------------------- rules of the data
DEVICE_ID: Final = re.compile(r"[A-Za-z0-9:_-]{1,128}")
COLDEST_C, HOTTEST_C = -50, 100  # both excluded
OLDEST_S: Final = 978_307_200  # 2001-01-01 UTC: clocks that were never set say 1970, 1980 or 2000
AHEAD_S: Final = 86_400  # a reading may be this much newer than the arrival of its object
LATE_US: Final = 3_600_000_000  # older than the newest stored event time by more: a late row
OUT_OF_RANGE: Final = "out_of_range"
MEMBERS: Final = ("device_id", "timestamp", "temperature", "humidity")
MICROS: Final = 1_000_000
NUMBERS: Final = (int, float)
INFINITE: Final = (float("inf"), -float("inf"))

# ---------------------------------------------------------------- limits
PIECE_BYTES: Final = 4 << 20  # records are cut out of pieces of this size, so memory does not depend on the object
RECORD_BYTES: Final = 16 << 20  # Kinesis takes records of 10 MiB at most
RAW_BYTES: Final = 2_000  # of a rejected record; object, position and length lead to the rest
OFFSET_BITS: Final = 40  # position within an object, below the object's number
BATCH_ROWS: Final = 65_536  # of one Arrow batch
FEW_BYTES: Final = 256 << 10  # of lines that are read one by one when they cannot be read as columns
SMALL_FILE_BYTES: Final = 32 << 20  # curated files below this are merged

READINGS: Final = pa.schema(
    [
        ("ordinal", pa.int64()),
        ("device_id", pa.string()),
        ("event_us", pa.int64()),
        ("temperature", pa.float64()),
        ("humidity", pa.float64()),
        ("extra", pa.string()),
    ]
)
CONTRACT: Final = pa.schema(
    [
        ("device_id", pa.string()),
        ("timestamp", pa.float64()),
        ("temperature", pa.float64()),
        ("humidity", pa.float64()),
    ]
)
READINGS_DDL: Final = "ordinal long, device_id string, event_us long, temperature double, humidity double, extra string"
LETTERS: Final = pa.schema(
    [
        ("reason", pa.string()),
        ("object", pa.string()),
        ("position", pa.int64()),
        ("length", pa.int64()),
        ("raw", pa.string()),
    ]
)
LETTERS_DDL: Final = "reason string, object string, position long, length long, raw string"
CURATED_DDL: Final = (
    "device_id string, event_time timestamp, temperature double, humidity double, extra string,"
    " year string, month string, day string"
)
KEY_DDL: Final = "device_id string, event_time timestamp"


class Reading(NamedTuple):
    """One record: values when it is to be stored, a reason when it is not."""

    device_id: str | None = None
    event_us: int | None = None
    temperature: float | None = None
    humidity: float | None = None
    extra: str | None = None
    reason: str | None = None


# ---------------------------------------------------------------- records out of bytes
class NotFiniteError(ValueError):
    """NaN or Infinity, which JSON does not have."""


def _refuse_constant(name: str) -> None:
    raise NotFiniteError(name)


_GLUE = re.compile(r"}\s*{")
_SPACE = re.compile(r"[\s\ufeff]*")  # a byte order mark may stand before any record: Firehose joins files of records


def examine(message: Any, latest_us: int) -> Reading:
    """Return a parsed record as a reading, or the reason why it is none.

    Parameters: message, any JSON value; latest_us, the newest event time allowed, microseconds since 1970.
    Returns: values in degrees Celsius, percent and microseconds; members beyond the contract as one JSON object in
    ``extra``.
    """
    problem = _wrong_type(message) or _wrong_value(message, latest_us)
    if problem:
        return Reading(reason=problem)
    humidity, extra = message.get("humidity"), None
    if len(message) > len(MEMBERS) - ("humidity" not in message):
        try:
            extra = json.dumps({k: v for k, v in message.items() if k not in MEMBERS}, sort_keys=True, allow_nan=False)
        except ValueError:
            return Reading(reason="not_finite")
    celsius = message["temperature"]
    if not COLDEST_C < celsius < HOTTEST_C:
        return Reading(reason=OUT_OF_RANGE)
    event_us = round(message["timestamp"] * MICROS)
    return Reading(message["device_id"], event_us, float(celsius), None if humidity is None else float(humidity), extra)


def _wrong_type(message: Any) -> str | None:
    if type(message) is not dict:
        return "not_an_object"
    device_id = message.get("device_id")
    if type(device_id) is not str or not DEVICE_ID.fullmatch(device_id):
        return "device_id_invalid"
    if type(message.get("timestamp")) not in NUMBERS:  # type() and not isinstance: true is an int in Python
        return "timestamp_invalid"
    if type(message.get("temperature")) not in NUMBERS:
        return "temperature_invalid"
    if "humidity" in message and type(message["humidity"]) not in NUMBERS:
        return "humidity_invalid"
    return None


def _wrong_value(message: dict[str, Any], latest_us: int) -> str | None:
    seconds = message["timestamp"]
    if seconds in INFINITE or message["temperature"] in INFINITE:  # 1e999 is valid JSON
        return "not_finite"
    if not 0 <= message.get("humidity", 0) <= 100:
        return "humidity_invalid"
    if seconds < OLDEST_S:
        return "time_too_old"
    if seconds * MICROS > latest_us:
        return "time_in_future"
    return None


def _width(text: str, start: int, end: int) -> int:
    return end - start if text.isascii() else len(text[start:end].encode())


def inflate(content: bytes) -> Iterator[tuple[bytes, str | None]]:
    """Yield (bytes, problem) pieces of an object, unpacked when it is GZIP (RFC 1952, several members allowed).

    The problem is None but for the last piece of a damaged object: everything before the damage is still delivered.
    """
    if content[:2] != b"\x1f\x8b":
        for start in range(0, len(content), PIECE_BYTES):
            yield content[start : start + PIECE_BYTES], None
        return
    rest = content
    while rest:
        member = zlib.decompressobj(wbits=31)
        while not member.eof:
            before = member.copy()
            try:
                piece = member.decompress(rest, PIECE_BYTES)
            except zlib.error:
                yield _before_damage(before, rest), "corrupt_gzip"
                return
            rest = member.unconsumed_tail
            if piece:
                yield piece, None
            elif not rest and not member.eof:
                yield b"", "truncated_gzip"
                return
        rest = member.unused_data.lstrip(b"\0")  # padding between members is allowed


def _before_damage(member: Any, rest: bytes) -> bytes:
    """Return what can be unpacked: zlib drops the output of a call that fails, so the bytes are fed one by one."""
    unpacked = bytearray()
    try:
        for at in range(len(rest)):
            unpacked += member.decompress(rest[at : at + 1])
    except zlib.error:
        pass
    return bytes(unpacked)


Record = tuple[int, bytes, Reading]  # position, raw bytes, what they say


class Part(NamedTuple):
    """Records of a stretch of an object.

    readings: those that came as columns (READINGS), their ordinals are positions; records: the others, one by one.
    """

    readings: pa.RecordBatch
    records: list[Record]


# ---------------------------------------------------------------- many records at once, where they are plain
class Lines(NamedTuple):
    """Lines of a block: its bytes, and where each line begins and ends (at its newline)."""

    data: Any
    starts: Any
    ends: Any

    @classmethod
    def of(cls, block: bytes) -> Lines:
        """Find the lines of a block that ends with a newline."""
        data = np.frombuffer(block, np.uint8)
        ends = np.flatnonzero(data == ord("\n"))
        return cls(data, np.concatenate(([0], ends[:-1] + 1)), ends)

    def plain(self) -> Any:
        """Say of each line whether it looks like one JSON object of ASCII without escapes.

        A line that ends with a brace and is followed by one that begins with a brace ends its object: no valid JSON
        goes on so. As many objects as lines are therefore one in each.
        """
        odd = (self.data > 126) | (self.data == ord("\\"))
        braces = (self.data[self.starts] == ord("{")) & (self.data[self.ends - 1] == ord("}"))
        return braces & ~np.logical_or.reduceat(odd, self.starts)

    def only(self, wanted: Any) -> bytes:
        """Return the bytes of the wanted lines."""
        found: bytes = self.data[np.repeat(wanted, self.ends - self.starts + 1)].tobytes()
        return found


def columns_of(text: bytes) -> pa.Table:
    """Return lines of JSON as columns of the contract.

    Raises: pyarrow.ArrowInvalid where one is no JSON object, has a member beyond the contract, one twice, or one of
    another type. Arrow takes NaN and null where numbers are due: the caller has to look.
    Source: https://arrow.apache.org/docs/python/generated/pyarrow.json.ParseOptions.html
    """
    return pyarrow.json.read_json(
        pa.py_buffer(text),
        pyarrow.json.ReadOptions(use_threads=False, block_size=len(text)),
        pyarrow.json.ParseOptions(explicit_schema=CONTRACT, unexpected_field_behavior="error"),
    )


def kept(table: pa.Table, text: bytes, latest_us: int) -> Any:
    """Say of each row whether it is surely a reading; the others need `examine`."""
    devices = table["device_id"].combine_chunks().dictionary_encode()
    known = [name is not None and bool(DEVICE_ID.fullmatch(name)) for name in devices.dictionary.to_pylist()]
    known.append(False)  # of null
    seconds, celsius, humidity = (table[name].to_numpy() for name in CONTRACT.names[1:])
    absent = table["humidity"].is_null().to_numpy()
    if text.count(b'"humidity"') > len(absent) - absent.sum():  # a null is written somewhere: not the same as absent
        absent = np.zeros(len(absent), bool)
    return (
        np.array(known)[devices.indices.fill_null(len(known) - 1).to_numpy()]
        & (seconds >= OLDEST_S)
        & (seconds * MICROS <= latest_us)
        & (celsius > COLDEST_C)
        & (celsius < HOTTEST_C)
        & ~((celsius == 0) & np.signbit(celsius))  # -0 is 0 in Python, -0.0 is not
        & (absent | ((humidity >= 0) & (humidity <= 100) & ~np.signbit(humidity)))
    )


NONE: Final = pa.RecordBatch.from_pylist([], READINGS)


class RecordReader:
    """Cuts objects into records and examines them; latest_us, from the object's arrival, decides what is the future."""

    def __init__(self, latest_us: int) -> None:
        self._latest_us = latest_us
        # Made here because they cannot travel to the workers.
        self._scan = json.JSONDecoder(parse_constant=_refuse_constant).raw_decode
        self._scan_constants = json.JSONDecoder().raw_decode

    def read(self, content: bytes) -> Iterator[Part]:
        """Yield the records of an object part by part; positions count unpacked bytes from 0."""
        position, carry = 0, b""
        problem: str | None = None
        for piece, problem in inflate(content):  # noqa: B007  the last problem counts
            carry += piece
            cut = carry.rfind(b"\n") + 1
            if cut:
                yield from self._block(carry[:cut], position)
            else:
                records, cut = self._glued(carry, position)
                yield Part(NONE, records)
            position, carry = position + cut, carry[cut:]
            if len(carry) > RECORD_BYTES:
                yield Part(NONE, [(position, carry, Reading(reason="too_long"))])
                position, carry = position + len(carry), b""
        tail = list(self._lines(carry, position))
        if problem and tail and tail[-1][2].reason == "malformed_json":  # the record that the damage cut
            tail[-1] = (*tail[-1][:2], Reading(reason=problem))
        elif problem:
            tail.append((position + len(carry), b"", Reading(reason=problem)))
        yield Part(NONE, tail)

    def _block(self, block: bytes, position: int) -> Iterator[Part]:
        """Yield the records of whole lines: as columns where that is sure to give what reading one by one gives."""
        lines = Lines.of(block)
        plain = lines.plain()
        text = lines.only(plain)
        try:
            table = columns_of(text) if text else CONTRACT.empty_table()
        except pa.ArrowInvalid:
            table = None
        if table is None or table.num_rows != plain.sum():
            cut = block.find(b"\n", len(block) // 2) + 1
            if len(block) <= FEW_BYTES or cut == len(block):
                yield Part(NONE, list(self._lines(block, position)))
            else:
                yield from self._block(block[:cut], position)
                yield from self._block(block[cut:], position + cut)
            return
        sure = kept(table, text, self._latest_us)
        rest = ~plain
        rest[plain] = ~sure
        yield Part(
            _readings(table.filter(pa.array(sure)), position + lines.starts[~rest]),
            [
                record
                for start, end in zip(lines.starts[rest].tolist(), lines.ends[rest].tolist(), strict=True)
                for record in self._lines(block[start:end], position + start)
            ],
        )

    def split(self, line: bytes) -> Iterator[tuple[int, int, Reading]]:
        """Yield (offset, length, reading) for each record of a line; records may be glued, as Firehose leaves them.

        Offsets and lengths are bytes. Every byte that is not white space belongs to one record.
        """
        try:
            text = line.decode()
        except UnicodeDecodeError:
            yield 0, len(line), Reading(reason="not_utf8")
            return
        offset, at, end = 0, 0, len(text)
        while True:
            start = _SPACE.match(text, at).end()  # type: ignore[union-attr]
            if start >= end:
                return
            offset += _width(text, at, start)
            reading, at = self._record(text, start)
            length = _width(text, start, at)
            yield offset, length, reading
            offset += length

    def _record(self, text: str, start: int) -> tuple[Reading, int]:
        """Return the record that begins at start and where it ends; a broken one ends where the next object begins."""
        try:
            try:
                message, end = self._scan(text, start)
                return examine(message, self._latest_us), end
            except NotFiniteError:
                return Reading(reason="not_finite"), self._scan_constants(text, start)[1]
        except RecursionError:
            reason = "nested_too_deeply"
        except ValueError:
            reason = "malformed_json"
        glue = _GLUE.search(text, start + 1)
        return Reading(reason=reason), glue.start() + 1 if glue else len(text)

    def _glued(self, block: bytes, position: int) -> tuple[list[Record], int]:
        """Return the records that end within a block without line ends, and where the rest begins.

        What is malformed at the end stays in the rest: the next piece may complete it.
        """
        found = [
            (position + offset, block[offset : offset + length], reading)
            for offset, length, reading in self.split(block[: block.rfind(b"}") + 1])
        ]
        while found and found[-1][2].reason == "malformed_json":
            found.pop()
        return found, found[-1][0] + len(found[-1][1]) - position if found else 0

    def _lines(self, block: bytes, position: int) -> Iterator[Record]:
        scan, latest_us = self._scan, self._latest_us
        for line in block.split(b"\n"):
            try:  # a line is one record nearly always: no search for others then
                message, end = scan(text := line.decode(), 0)
                if end == len(text):
                    yield position, line, examine(message, latest_us)
                    position += len(line) + 1
                    continue
            except (ValueError, RecursionError):
                pass
            for offset, length, reading in self.split(line):
                yield position + offset, line[offset : offset + length], reading
            position += len(line) + 1


# ---------------------------------------------------------------- DataFrame to DataFrame
Batches = Iterable[pa.RecordBatch]


class Item(NamedTuple):
    """An object as a listing shows it. modified_us: when it arrived, microseconds since 1970."""

    url: str
    size: int
    etag: str
    modified_us: int


class Tally(NamedTuple):
    """What one object held. newest_us: the newest event time among the readings."""

    readings: int
    newest_us: int
    reasons: dict[str, int]
    extra_members: dict[str, int]


class Tallies(AccumulatorParam[dict[int, Tally]]):
    """Object number -> tally. An object read twice, by a repeated task, counts once: Spark's own counters would add."""

    def zero(self, value: dict[int, Tally]) -> dict[int, Tally]:  # noqa: ARG002  Spark's signature
        """Return the start of a sum."""
        return {}

    def addInPlace(self, value1: dict[int, Tally], value2: dict[int, Tally]) -> dict[int, Tally]:  # noqa: N802
        """Return both together."""
        value1.update(value2)
        return value1


def objects_in(batches: Batches, items: list[Item]) -> Iterator[tuple[int, bytes, RecordReader]]:
    """Yield (number, content, reader) for batches of numbers of objects.

    The workers read the objects themselves: Spark's own sources know no key with a colon and hide some others.
    Raises: FileNotFoundError when an object went away since it was listed.
    """
    store = store_for(items[0].url)
    for batch in batches:
        for number in batch.column(0).to_pylist():
            found = store.read(items[number].url)
            if found is None:
                raise FileNotFoundError(f"{items[number].url} is gone since it was listed: run the job again")
            yield number, found[0], RecordReader(items[number].modified_us + AHEAD_S * MICROS)


def reading_decoder(items: list[Item], tell: Callable[[dict[int, Tally]], None]) -> Callable[[Batches], Batches]:
    """Return the function that turns numbers of objects into readings and tells each object's tally."""

    def decode(batches: Batches) -> Iterator[pa.RecordBatch]:
        for number, content, reader in objects_in(batches, items):
            first, total, newest_us = number << OFFSET_BITS, 0, 0
            reasons, members = Counter[str](), Counter[str]()
            for part in reader.read(content):
                reasons.update(reading.reason for _, _, reading in part.records if reading.reason is not None)
                singly = [(at, *reading[:-1]) for at, _, reading in part.records if reading.reason is None]
                for row in singly:
                    members.update(json.loads(row[-1] or "{}").keys())
                for batch in (part.readings, *_arrow(singly, READINGS)):
                    if batch.num_rows:
                        newest_us = max(newest_us, pc.max(batch.column(2)).as_py())
                        total += batch.num_rows
                        ordinals = pc.add(batch.column(0), first)
                        yield pa.RecordBatch.from_arrays([ordinals, *batch.columns[1:]], schema=READINGS)
            tell({number: Tally(total, newest_us, dict(reasons), dict(members.most_common(100)))})

    return decode


def letter_decoder(items: list[Item]) -> Callable[[Batches], Batches]:
    """Return the function that turns numbers of objects into dead letters: the records that are not stored, and why."""

    def decode(batches: Batches) -> Iterator[pa.RecordBatch]:
        for number, content, reader in objects_in(batches, items):
            url = items[number].url
            for part in reader.read(content):
                rows = [
                    (reading.reason, url, position, len(raw), raw[:RAW_BYTES].decode(errors="backslashreplace"))
                    for position, raw, reading in part.records
                    if reading.reason is not None
                ]
                yield from _arrow(rows, LETTERS)

    return decode


def _arrow(rows: list[tuple[Any, ...]], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for start in range(0, len(rows), BATCH_ROWS):
        columns = zip(*rows[start : start + BATCH_ROWS], strict=True)
        arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _readings(table: pa.Table, positions: Any) -> pa.RecordBatch:
    """Return rows of the contract, at these positions of their object, as READINGS."""
    columns = [
        pa.array(positions, pa.int64()),
        table["device_id"].combine_chunks(),
        pa.array(np.rint(table["timestamp"].to_numpy() * MICROS).astype(np.int64)),
        table["temperature"].combine_chunks(),
        table["humidity"].combine_chunks(),
        pa.nulls(table.num_rows, pa.string()),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=READINGS)


def readings_of(numbers: DataFrame, items: list[Item], tell: Callable[[dict[int, Tally]], None]) -> DataFrame:
    """Return one row for each reading in the objects of these numbers."""
    return numbers.mapInArrow(reading_decoder(items, tell), READINGS_DDL)


def letters_of(numbers: DataFrame, items: list[Item]) -> DataFrame:
    """Return one JSON text for each record that is not stored: reason, object, position, length and its beginning."""
    letters = numbers.mapInArrow(letter_decoder(items), LETTERS_DDL)
    return letters.select(F.to_json(F.struct("*")).alias("value"))


def first_of_each(readings: DataFrame) -> DataFrame:
    """Return one row for each (device_id, event_us): the first by (object, position)."""
    order = Window.partitionBy("device_id", "event_us").orderBy("ordinal")
    return readings.withColumn("rank", F.row_number().over(order)).where("rank = 1").drop("rank", "ordinal")


def by_day(readings: DataFrame) -> DataFrame:
    """Return readings as the table has them: event_time, and its day in the session's time zone as three strings."""
    event_time = F.timestamp_micros("event_us")
    day = [
        F.date_format(event_time, part).alias(name) for part, name in (("yyyy", "year"), ("MM", "month"), ("dd", "day"))
    ]
    return readings.select("device_id", event_time.alias("event_time"), "temperature", "humidity", "extra", *day)


def not_stored(readings: DataFrame, stored_keys: DataFrame) -> DataFrame:
    """Return the readings whose (device_id, event_time) is not stored yet: what is stored wins."""
    return readings.join(stored_keys, ["device_id", "event_time"], "left_anti")


# ---------------------------------------------------------------- objects, on S3 or in a folder
OVERTAKEN: Final = "another run took over this checkpoint: allow one run at a time (MaxConcurrentRuns=1)"


class OvertakenError(RuntimeError):
    """Another run has begun on the same checkpoint: this one can change nothing any more."""


class S3Store:
    """S3 through boto3; endpoint and credentials come from the environment, as Glue and the AWS SDKs have it."""

    def __init__(self) -> None:
        import boto3  # folders need no AWS

        self._s3 = boto3.client("s3")
        self._condition: dict[str, str] = {}
        # As headers, for Glue's boto3 may be older than put_object's IfMatch.
        self._s3.meta.events.register(
            "before-call.s3.PutObject", lambda params, **_: params["headers"].update(self._condition)
        )

    @staticmethod
    def _place(url: str) -> dict[str, str]:
        bucket, _, key = url.split("://", 1)[1].partition("/")
        return {"Bucket": bucket, "Key": key}

    def below(self, prefix: str, after: str = "") -> Iterator[Item]:
        """Yield the objects below a prefix in key order, beginning after prefix + after."""
        place = self._place(prefix)
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=place["Bucket"], Prefix=place["Key"], StartAfter=place["Key"] + after
        )
        for page in pages:
            for entry in page.get("Contents", []):
                url, arrived = f"s3://{place['Bucket']}/{entry['Key']}", entry["LastModified"].timestamp()
                yield Item(url, entry["Size"], entry["ETag"], int(arrived * MICROS))

    def read(self, url: str) -> tuple[bytes, str] | None:
        """Return an object's bytes and its ETag, None when there is none."""
        try:
            answer = self._s3.get_object(**self._place(url))
        except self._s3.exceptions.NoSuchKey:
            return None
        return answer["Body"].read(), answer["ETag"]

    def write(self, url: str, content: bytes) -> None:
        """Write an object; readers see the old or the new one, nothing between."""
        self._s3.put_object(**self._place(url), Body=content)

    def replace(self, url: str, content: bytes, etag: str | None) -> str:
        """Write an object that still has this ETag (None: that is not there yet) and return its new one.

        Raises: OvertakenError when somebody else wrote it meanwhile.
        Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
        """
        self._condition = {"If-None-Match": "*"} if etag is None else {"If-Match": etag}
        try:
            return self._s3.put_object(**self._place(url), Body=content)["ETag"]
        except self._s3.exceptions.ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] not in (404, 409, 412):
                raise
            found = self.read(url)
            if found and found[0] == content:  # boto3 repeated a request that had been done, but not answered
                return found[1]
            raise OvertakenError(OVERTAKEN) from error
        finally:
            self._condition = {}

    def copy(self, source: str, target: str) -> None:
        """Copy an object within S3."""
        self._s3.copy_object(**self._place(target), CopySource=self._place(source))

    def delete(self, urls: list[str]) -> None:
        """Delete objects; those already gone count as deleted."""
        for start in range(0, len(urls), 1000):
            places = [self._place(url) for url in urls[start : start + 1000]]
            answer = self._s3.delete_objects(
                Bucket=places[0]["Bucket"], Delete={"Objects": [{"Key": p["Key"]} for p in places], "Quiet": True}
            )
            if answer.get("Errors"):
                raise OSError(f"S3 did not delete: {answer['Errors'][:3]}")


class FolderStore:
    """The same over plain paths."""

    def below(self, prefix: str, after: str = "") -> Iterator[Item]:
        """Yield the files whose paths begin with a prefix, in path order, beginning after prefix + after."""
        folder = prefix.rpartition("/")[0]
        found = sorted(str(path) for path in Path(folder).rglob("*") if path.is_file())
        for name in found:
            if name.startswith(prefix) and name > prefix + after:
                facts = Path(name).stat()
                yield Item(name, facts.st_size, self._etag(name), facts.st_mtime_ns // 1000)

    @staticmethod
    def _etag(url: str) -> str:
        facts = Path(url).stat()
        return f"{facts.st_ino}-{facts.st_size}-{facts.st_mtime_ns}"

    def read(self, url: str) -> tuple[bytes, str] | None:
        """Return a file's bytes and what tells it from others of its name, None when there is none."""
        return (Path(url).read_bytes(), self._etag(url)) if Path(url).is_file() else None

    def write(self, url: str, content: bytes) -> None:
        """Write a file at once, by a rename."""
        Path(url).parent.mkdir(parents=True, exist_ok=True)
        part = Path(f"{url}.part")
        part.write_bytes(content)
        part.replace(url)

    def replace(self, url: str, content: bytes, etag: str | None) -> str:
        """Write a file that is still the same (None: that is not there yet) and return what tells it from others."""
        Path(url).parent.mkdir(parents=True, exist_ok=True)
        with Path(f"{url}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            found = self.read(url)
            if (found and found[1]) != etag:
                raise OvertakenError(OVERTAKEN)
            self.write(url, content)
            return self._etag(url)

    def copy(self, source: str, target: str) -> None:
        """Copy a file at once, by a rename."""
        Path(target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, f"{target}.part")
        Path(f"{target}.part").replace(target)

    def delete(self, urls: list[str]) -> None:
        """Delete files; those already gone count as deleted."""
        for url in urls:
            Path(url).unlink(missing_ok=True)


def store_for(url: str) -> S3Store | FolderStore:
    """Return the store that a URL lives in."""
    return S3Store() if url.startswith("s3://") else FolderStore()


# ---------------------------------------------------------------- what a run counts
@dataclass
class Counts:
    """What became of the records: read = written + duplicate + out_of_range + rejected; late ones are among written."""

    objects: int = 0
    bytes: int = 0
    read: int = 0
    written: int = 0
    duplicate: int = 0
    late: int = 0
    out_of_range: int = 0
    rejected: int = 0
    rejected_by_reason: Counter[str] = field(default_factory=Counter)
    extra_members: Counter[str] = field(default_factory=Counter)  # beyond the contract, how many readings have each

    def take(self, tally: Tally) -> None:
        """Add an object's records; its readings count as duplicates until they are known to be written."""
        self.read += tally.readings + sum(tally.reasons.values())
        self.duplicate += tally.readings
        self.out_of_range += tally.reasons.get(OUT_OF_RANGE, 0)
        self.rejected_by_reason.update({name: n for name, n in tally.reasons.items() if name != OUT_OF_RANGE})
        self.rejected = self.rejected_by_reason.total()
        self.extra_members.update(tally.extra_members)

    def add(self, other: Counts) -> None:
        """Add another batch's counts."""
        for name, count in vars(other).items():
            setattr(self, name, getattr(self, name) + count)


# ---------------------------------------------------------------- the arguments
def _flag(text: str) -> int:
    words = {"true": 8, "yes": 8, "false": 0, "no": 0}
    if text.lower() in words:
        return words[text.lower()]
    if text.isdigit():
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is neither true, false nor a number of files")


def _prefix(text: str) -> str:
    return re.sub(r"^s3[an]://", "s3://", text).rstrip("/") + "/"


def _beside(target: str, kind: str) -> str:
    """Return the default place of the DLQ, checkpoint or metrics: outside the folder that the crawler reads."""
    scheme, rest = re.match(r"(s3://[^/]+/|/|)(.*)/$", target).groups()  # type: ignore[union-attr]
    above = rest.split("/")[:-2]
    return scheme + "/".join([*above, kind, rest.split("/")[-1]]) + "/"


def arguments(argv: list[str]) -> argparse.Namespace:
    """Return the job's arguments; Glue's own ones are passed over.

    Raises: SystemExit with the usage when one is missing or wrong.
    Source: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-arguments.html
    """
    parser = argparse.ArgumentParser(description="raw telemetry objects to curated Parquet", allow_abbrev=False)
    parser.add_argument("--JOB_NAME", default="temperature-etl")
    parser.add_argument(
        "--SOURCE_S3", type=_prefix, required=True, help="raw objects, below YYYY/MM/DD/HH/ by arrival (UTC)"
    )
    parser.add_argument("--TARGET_S3", type=_prefix, required=True, help="curated Parquet, below year=/month=/day=")
    parser.add_argument("--DLQ_S3", type=_prefix, help="records that were not stored, as JSON lines")
    parser.add_argument("--CHECKPOINT_S3", type=_prefix, help="state and staging; one job only")
    parser.add_argument("--METRICS_S3", type=_prefix, help="one JSON object a run")
    parser.add_argument("--METRICS_NAMESPACE", default="TemperatureEtl", help="of CloudWatch; empty: none")
    parser.add_argument("--TIME_ZONE", default="Asia/Tokyo", help="whose midnight divides the days")
    parser.add_argument(
        "--COMPACT", type=_flag, default=8, help="merge a day's small files above this number; false: never"
    )
    parser.add_argument("--BACKFILL_FROM", type=dt.date.fromisoformat, help="read this arrival day again, YYYY-MM-DD")
    parser.add_argument("--BACKFILL_TO", type=dt.date.fromisoformat, help="to this day, included")
    parser.add_argument(
        "--LOOKBACK_HOURS", type=int, default=48, help="how late an object may appear in an hour's prefix"
    )
    parser.add_argument("--BATCH_OBJECTS", type=int, default=2000)
    parser.add_argument("--BATCH_BYTES", type=int, default=64 << 20)
    args, _ = parser.parse_known_args(argv)
    for name, kind in (("DLQ_S3", "dlq"), ("CHECKPOINT_S3", "checkpoint"), ("METRICS_S3", "metrics")):
        setattr(args, name, getattr(args, name) or _beside(args.TARGET_S3, kind))
    if (args.BACKFILL_FROM is None) != (args.BACKFILL_TO is None):
        parser.error("give both --BACKFILL_FROM and --BACKFILL_TO")
    places = [args.SOURCE_S3, args.TARGET_S3, args.DLQ_S3, args.CHECKPOINT_S3, args.METRICS_S3]
    for one in places:
        if sum(other.startswith(one) for other in places) > 1:
            parser.error(f"{one} holds another of the job's prefixes: give each its own")
    if len({place.startswith("s3://") for place in places}) > 1:
        parser.error("give either S3 URLs or folders, not both")
    return args


# ---------------------------------------------------------------- the state and the checkpoint
@dataclass
class State:
    """What the job knows between runs.

    ``seen`` holds only objects that the next listing shows again, so its size is bounded.
    """

    time_zone: str
    batch: int = 0
    hour: str = ""  # the newest arrival hour seen, YYYY/MM/DD/HH
    newest_event_us: int = 0
    seen: dict[str, str] = field(default_factory=dict)  # key below the source -> ETag

    def listing_start(self, lookback_hours: int) -> str:
        """Return the key after which new objects can stand; the whole prefix ("") at the beginning."""
        if not self.hour:
            return ""
        newest = dt.datetime.strptime(self.hour, "%Y/%m/%d/%H").replace(tzinfo=dt.UTC)
        return (newest - dt.timedelta(hours=lookback_hours)).strftime("%Y/%m/%d/%H")

    def after(self, keys: dict[str, str], newest_event_us: int, lookback_hours: int) -> State:
        """Return the state once these objects (key -> ETag) are done."""
        hours = [key[:13] for key in keys if _HOUR.fullmatch(key[:13])]
        hour = max([self.hour, *hours])
        new = State(self.time_zone, self.batch + 1, hour, max(self.newest_event_us, newest_event_us))
        start = new.listing_start(lookback_hours)
        new.seen = {key: etag for key, etag in (self.seen | keys).items() if key > start}
        return new


_HOUR = re.compile(r"\d{4}/(0\d|1[0-2])/([0-2]\d|3[01])/([01]\d|2[0-3])")


class Checkpoint:
    """The one object that decides what happened: its last run, that run's step, the state, and what is to be published.

    A write holds only where the object is as this run left it.
    """

    def __init__(self, store: S3Store | FolderStore, url: str, time_zone: str) -> None:
        self._store, self._url = store, url
        found = store.read(url)
        self._etag = found and found[1]
        self._document = json.loads(found[0]) if found else {"state": vars(State(time_zone)), "pending": None}

    @property
    def state(self) -> State:
        """What the job knows."""
        return State(**self._document["state"])

    @property
    def pending(self) -> dict[str, Any] | None:
        """What was decided and is not published yet."""
        return self._document["pending"]

    def write(self, **changes: Any) -> None:
        """Change members of the document. Raises: OvertakenError when another run changed it since."""
        self._document |= changes
        self._etag = self._store.replace(self._url, json.dumps(self._document).encode(), self._etag)

    def overtaken(self) -> bool:
        """Say whether another run changed the object since."""
        found = self._store.read(self._url)
        return (found and found[1]) != self._etag


class Job:
    """A run of the job: its places, its state and the steps that change them."""

    def __init__(self, args: argparse.Namespace, spark: SparkSession) -> None:
        self.args, self.spark = args, spark
        self.store = store_for(args.TARGET_S3)
        self.started = dt.datetime.now(dt.UTC)
        self.run = f"{self.started:%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:8]}"
        self.counts = Counts()
        self.touched: set[str] = set()  # days that this run wrote to
        self.compacted: dict[str, Any] = {"days": 0, "files_before": 0, "files_after": 0, "refused": {}}
        self.recovered = False
        self.staging = f"{args.CHECKPOINT_S3}staging/{self.run}/"  # its own: no straggler of another run writes there
        self.checkpoint = Checkpoint(self.store, args.CHECKPOINT_S3 + "state.json", args.TIME_ZONE)
        self.state = self.checkpoint.state
        if self.state.time_zone != args.TIME_ZONE:
            raise ValueError(
                f"the table was made with TIME_ZONE={self.state.time_zone}, not {args.TIME_ZONE}:"
                " keep it, or choose a new TARGET_S3 and CHECKPOINT_S3"
            )

    # -- deciding and publishing
    def begin(self) -> None:
        """Take the checkpoint over, finish what a killed run had decided, remove what it had not."""
        self.checkpoint.write(run=self.run, step="begun")
        self.recovered = self.checkpoint.pending is not None
        if self.recovered:
            self.publish()
        self.clear_staging()

    def decide(self, copies: list[tuple[str, str]], deletes: list[str], state: State) -> None:
        """Write down what a batch means, then do it. From the writing on, it happens whatever else does."""
        puts = {self.metrics_url(): self.metrics()}
        pending = {"copies": copies, "deletes": deletes, "puts": puts, "state": vars(state)}
        self.checkpoint.write(step="decided", pending=pending)
        self.publish()

    def publish(self) -> None:
        """Do what was decided; any number of times with the same result."""
        pending = self.checkpoint.pending or {}
        for source, target in pending["copies"]:
            self.store.copy(source, target)
        self.store.delete(pending["deletes"])
        for url, document in pending["puts"].items():
            self.store.write(url, json.dumps(document).encode())
        self.checkpoint.write(step="published", pending=None, state=pending["state"])
        self.state = self.checkpoint.state
        self.clear_staging()

    def clear_staging(self) -> None:
        """Remove all that is staged, by whatever run: it is published by now, or will never be."""
        self.store.delete([item.url for item in self.store.below(f"{self.args.CHECKPOINT_S3}staging/")])

    # -- batches
    def plan(self) -> list[list[Item]]:
        """Return the objects to read in batches, in key order."""
        first, last = self.args.BACKFILL_FROM, self.args.BACKFILL_TO
        start = self.state.listing_start(self.args.LOOKBACK_HOURS) if first is None else f"{first:%Y/%m/%d}"
        batches: list[list[Item]] = [[]]
        size = 0
        for item in self.store.below(self.args.SOURCE_S3, start):
            key = self.key(item)
            if last is not None and key[:10] > f"{last:%Y/%m/%d}":
                break
            if key.endswith("/") or (first is None and self.state.seen.get(key) == item.etag):
                continue
            if batches[-1] and (
                len(batches[-1]) >= self.args.BATCH_OBJECTS or size + item.size > self.args.BATCH_BYTES
            ):
                batches.append([])
                size = 0
            batches[-1].append(item)
            size += item.size
        return [batch for batch in batches if batch]

    def key(self, item: Item) -> str:
        """Return an object's key below the source."""
        return item.url[len(self.args.SOURCE_S3) :]

    def load(self, batch: list[Item]) -> None:
        """Read, check, deduplicate, stage, decide and publish a batch of objects."""
        tallies = self.spark.sparkContext.accumulator({}, Tallies())
        staged = f"{self.staging}rows-{self.state.batch + 1}/"
        readings = readings_of(self.numbers(batch), batch, tallies.add)
        self.write_rows(by_day(first_of_each(readings)), staged)
        if len(tallies.value) != len(batch):
            raise RuntimeError(f"Spark read {len(tallies.value)} of {len(batch)} objects: nothing was changed")
        counts = Counts(objects=len(batch), bytes=sum(item.size for item in batch))
        for tally in tallies.value.values():
            counts.take(tally)
        copies, days = self.new_rows(staged, counts)
        letters = [item for number, item in enumerate(batch) if tallies.value[number].reasons]
        if letters:
            copies += self.stage_letters(letters)
        self.counts.add(counts)
        keys = {self.key(item): item.etag for item in batch}
        newest_us = max(tally.newest_us for tally in tallies.value.values())
        self.decide(copies, [], self.state.after(keys, newest_us, self.args.LOOKBACK_HOURS))
        self.touched |= days

    def numbers(self, items: list[Item]) -> DataFrame:
        """Return a row for each object, shared out among the workers."""
        workers = self.spark.sparkContext.defaultParallelism
        return self.spark.range(0, len(items), numPartitions=min(len(items), 4 * workers))

    def write_rows(self, rows: DataFrame, staged: str) -> None:
        """Write rows of the table to a staging prefix."""
        rows.write.mode("overwrite").partitionBy("year", "month", "day").option("compression", "snappy").parquet(staged)

    def new_rows(self, staged: str, counts: Counts) -> tuple[list[tuple[str, str]], set[str]]:
        """Drop staged rows that are stored already, count the others; return their (staged, final) URLs and days."""
        days = {item.url[len(staged) :].rpartition("/")[0] for item in self.store.below(staged)} - {""}
        if not days:
            return [], days
        rows = self.spark.read.schema(CURATED_DDL).parquet(staged)
        stored = [item.url for day in sorted(days) for item in self.files_of(day)]
        if stored:
            fresh = not_stored(rows, self.spark.read.schema(KEY_DDL).parquet(*stored))
            if fresh.count() < rows.count():
                staged = staged.replace("/rows-", "/fresh-")
                self.write_rows(fresh, staged)
                if not any(self.store.below(f"{staged}year=")):
                    return [], set()
                rows = self.spark.read.schema(CURATED_DDL).parquet(staged)
        late = F.unix_micros("event_time") < self.state.newest_event_us - LATE_US
        (found,) = rows.agg(F.count("*").alias("written"), F.count(F.when(late, 1)).alias("late")).collect()
        counts.written, counts.late = found.written, found.late
        counts.duplicate -= counts.written
        return self.names(staged, self.args.TARGET_S3, ".snappy.parquet"), days

    def stage_letters(self, items: list[Item]) -> list[tuple[str, str]]:
        """Write the records of these objects that are not stored to the staging prefix; return (staged, final) URLs."""
        staged = f"{self.staging}letters-{self.state.batch + 1}/"
        letters_of(self.numbers(items), items).coalesce(1).write.mode("overwrite").text(staged)
        return self.names(staged, f"{self.args.DLQ_S3}{self.started:%Y/%m/%d}/", ".jsonl")

    def names(self, staged: str, final: str, suffix: str) -> list[tuple[str, str]]:
        """Return (staged, final) URLs; a final name is used once, so that nothing is ever overwritten."""
        pairs: list[tuple[str, str]] = []
        for item in self.store.below(staged):
            folder, _, name = item.url[len(staged) :].rpartition("/")
            if item.size and name.startswith("part-"):
                stem = f"{self.state.batch + 1:07d}-{self.run[-8:]}-{len(pairs):04d}{suffix}"
                pairs.append((item.url, f"{final}{folder}{'/' if folder else ''}{stem}"))
        return pairs

    def files_of(self, day: str) -> list[Item]:
        """Return the curated files of a day."""
        return [item for item in self.store.below(f"{self.args.TARGET_S3}{day}/") if item.url.endswith(".parquet")]

    # -- compaction
    def compact(self) -> None:
        """Merge the small files of the days that this run wrote to, where a day has more than --COMPACT of them."""
        for day in sorted(self.touched):
            small = [item for item in self.files_of(day) if item.size < SMALL_FILE_BYTES]
            if 0 < self.args.COMPACT < len(small):
                self.merge(day, small)

    def merge(self, day: str, files: list[Item]) -> None:
        """Replace files of a day by few; columns of other writers are kept, a column of two types is refused."""
        urls = [item.url for item in files]
        staged = f"{self.staging}compact-{day.replace('/', '-')}/"
        few = 1 + sum(item.size for item in files) // (4 * SMALL_FILE_BYTES)
        try:
            rows = self.spark.read.option("mergeSchema", "true").parquet(*urls)
        except (PySparkException, Py4JJavaError) as error:
            if "CANNOT_MERGE_SCHEMAS" not in str(error):
                raise
            self.compacted["refused"][day] = str(error)[str(error).index("[CANNOT_MERGE_SCHEMAS]") :][:300]
            return
        rows.coalesce(few).sortWithinPartitions("device_id", "event_time").write.mode("overwrite").parquet(staged)
        before, after = rows.count(), self.spark.read.parquet(staged).count()  # footers only
        if before != after:
            raise RuntimeError(f"compaction of {day} would keep {after} of {before} rows: nothing was changed")
        copies = self.names(staged, f"{self.args.TARGET_S3}{day}/", ".compacted.snappy.parquet")
        self.compacted["days"] += 1
        self.compacted["files_before"] += len(files)
        self.compacted["files_after"] += len(copies)
        self.decide(copies, urls, self.state)

    # -- metrics
    def metrics_url(self) -> str:
        """Return this run's metrics object."""
        return f"{self.args.METRICS_S3}{self.started:%Y/%m/%d}/{self.run}.json"

    def metrics(self) -> dict[str, Any]:
        """Return this run's metrics so far."""
        return {
            "job": self.args.JOB_NAME,
            "run": self.run,
            "started": self.started.isoformat(),
            "seconds": round((dt.datetime.now(dt.UTC) - self.started).total_seconds(), 3),
            "backfill": self.args.BACKFILL_FROM is not None,
            "recovered": self.recovered,
            **vars(self.counts),
            "compaction": self.compacted,
        }

    def tell_cloudwatch(self) -> str:
        """Send the run's counts to CloudWatch; return "sent" or why not.

        The data are safe by then, so a refusal is told, not raised.
        Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
        """
        if not self.args.METRICS_NAMESPACE or isinstance(self.store, FolderStore):
            return "off"
        import boto3  # folders need no AWS
        from botocore.exceptions import BotoCoreError, ClientError

        names = {"read": "Read", "written": "Written", "duplicate": "Duplicate", "late": "Late"}
        names |= {"out_of_range": "OutOfRange", "rejected": "Rejected"}
        dimensions = [{"Name": "JobName", "Value": self.args.JOB_NAME}]
        data = [
            {"MetricName": title, "Dimensions": dimensions, "Value": getattr(self.counts, name), "Unit": "Count"}
            for name, title in names.items()
        ]
        try:
            boto3.client("cloudwatch").put_metric_data(Namespace=self.args.METRICS_NAMESPACE, MetricData=data)
        except (BotoCoreError, ClientError) as error:
            print(f"CloudWatch took no metrics: {error}", file=sys.stderr, flush=True)
            return str(error)
        return "sent"


def main(argv: list[str]) -> None:
    """Run the job once."""
    args = arguments(argv)
    spark = SparkSession.builder.appName(args.JOB_NAME).getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", args.TIME_ZONE)
    spark.conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
    spark.conf.set("spark.sql.maxConcurrentOutputFileWriters", "64")
    job = Job(args, spark)
    try:
        work(job)
    except Exception as error:
        if not isinstance(error, OvertakenError) and job.checkpoint.overtaken():  # it removed what this run had staged
            raise OvertakenError(OVERTAKEN) from error
        raise


def work(job: Job) -> None:
    """Load what is new, keep the files few, tell what was done."""
    job.begin()
    batches = job.plan()
    for number, batch in enumerate(batches, 1):
        job.load(batch)
        print(f"batch {number} of {len(batches)}: {json.dumps(vars(job.counts))}", flush=True)
    job.compact()
    summary = job.metrics() | {"cloudwatch": job.tell_cloudwatch()}
    job.store.write(job.metrics_url(), json.dumps(summary).encode())
    print(f"summary {json.dumps(summary)}", flush=True)


if __name__ == "__main__":
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # the workers' Python is the driver's
    main(sys.argv[1:])
