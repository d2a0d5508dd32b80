"""Sensors: put readings into the stage's Kinesis stream at a chosen rate, every one acknowledged.

Records that Kinesis turns down (a shard's throughput is used up) are sent again, with growing pauses, until they are
taken or the attempts are used up: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
"""

from __future__ import annotations

import itertools
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import click

from lab import stacks, target, telemetry
from lab.errors import LabError

MOST_RECORDS: Final = 500  # of one PutRecords request
MOST_ATTEMPTS: Final = 10
FIRST_PAUSE_SECONDS: Final = 0.1
LONGEST_PAUSE_SECONDS: Final = 5.0
DEFAULT_SEED: Final = 7
SOURCES: Final = ("replay", "random")
Pause = Callable[[float], None]


@dataclass(frozen=True)
class Record:
    """What goes into the stream. key: decides the shard; data: the bytes."""

    key: str
    data: bytes


@dataclass(frozen=True)
class Sent:
    """What was put: acknowledged records, records that needed another attempt, shards that took them."""

    acknowledged: int
    retried: int
    shards: dict[str, int]


def put(client: Any, stream: str, records: Sequence[Record], pause: Pause = time.sleep) -> Sent:
    """Put records into a stream and return when each is acknowledged.

    Raises: LabError when Kinesis still turns records down after the last attempt.
    """
    acknowledged, retried = 0, 0
    shards: Counter[str] = Counter()
    for batch in _batches(records):
        left = batch
        for attempt in range(MOST_ATTEMPTS):
            if attempt:
                retried += len(left)
                pause(min(FIRST_PAUSE_SECONDS * 2 ** (attempt - 1), LONGEST_PAUSE_SECONDS))
            left, taken = _attempt(client, stream, left)
            acknowledged += taken.total()
            shards += taken
            if not left:
                break
        if left:
            raise LabError(
                f"Kinesis turned {len(left)} of {len(records):,} records down {MOST_ATTEMPTS} times.",
                "Send more slowly with --rate, or add a shard.",
            )
    return Sent(acknowledged, retried, dict(shards))


def _attempt(client: Any, stream: str, records: Sequence[Record]) -> tuple[list[Record], Counter[str]]:
    """Send one request. Returns the records that were turned down, and how many each shard took."""
    entries = [{"Data": record.data, "PartitionKey": record.key} for record in records]
    results = client.put_records(StreamName=stream, Records=entries)["Records"]
    failed = [record for record, result in zip(records, results, strict=True) if result.get("ErrorCode")]
    return failed, Counter(result["ShardId"] for result in results if not result.get("ErrorCode"))


def record(reading: telemetry.Reading) -> Record:
    """Return a reading as a record: its JSON, with the device id as partition key."""
    return Record(reading["device_id"], json.dumps(reading).encode())


def paced(readings: Iterable[telemetry.Reading], rate: float, clock: Callable[[], float]) -> Iterator[list[Any]]:
    """Yield readings in batches so that about ``rate`` a second leave, four batches a second at most.

    Parameters: rate, records a second (0: as fast as possible); clock, seconds that only grow.
    """
    size = min(max(int(rate / 4), 1), MOST_RECORDS) if rate else MOST_RECORDS
    began = clock()
    for number, batch in enumerate(_batches(readings, size)):
        due = began + number * size / rate if rate else 0.0
        while rate and (wait := due - clock()) > 0:
            time.sleep(wait)
        yield batch


def stream_of(stage: str) -> str:
    """Return the name of a stage's stream. Raises: LabError when the stage is not deployed."""
    return stacks.outputs("datastreamer", stage)["StreamName"]


def _batches(readings: Iterable[Any], size: int = MOST_RECORDS) -> Iterator[list[Any]]:
    iterator = iter(readings)
    while batch := list(itertools.islice(iterator, size)):
        yield batch


def _source(name: str, count: int | None) -> Iterable[telemetry.Reading]:
    if name == "random":
        return itertools.islice(telemetry.generate(DEFAULT_SEED, time.time()), count)
    whole = len(telemetry.frame())
    if count is not None and count > whole:
        raise LabError(f"The replay has {whole:,} readings.", "Ask for fewer, or use --source random.")
    return telemetry.replay(count or whole)


@click.command("sensor")
@click.argument("stage")
@click.option(
    "--rate", type=click.FloatRange(min=0), default=100, show_default=True, help="Records a second; 0: fastest."
)
@click.option("--count", type=click.IntRange(min=1), help="Stop after so many records (random: endless without it).")
@click.option(
    "--source", type=click.Choice(SOURCES), default="replay", show_default=True, help="Real or random readings."
)
def sensor_command(stage: str, rate: float, count: int | None, source: str) -> None:
    """Put telemetry into STAGE's Kinesis stream; Ctrl-C stops it."""
    from rich.console import Console
    from rich.progress import Progress

    stream = stream_of(stage)
    readings = _source(source, count)
    client = target.client("kinesis")
    acknowledged = retried = 0
    try:
        with Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task(stream, total=count)
            for batch in paced(readings, rate, time.monotonic):
                sent = put(client, stream, [record(reading) for reading in batch])
                acknowledged, retried = acknowledged + sent.acknowledged, retried + sent.retried
                progress.update(task, completed=acknowledged)
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
    click.echo(f"{acknowledged:,} records acknowledged by {stream}, {retried:,} sent again")
