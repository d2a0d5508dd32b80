"""Let the job run every 15 minutes for three months, and show that a run costs no more at the end than before.

``python -m tests.glue.months`` lays the objects of every day down, lets a run of the job load those of several days,
and lays down what the runs between would have left: dead letters, metrics and curated files. On the days that are
measured the last runs come every 15 minutes, all real: the job over S3A, in one JVM. A gate before S3 counts the
requests. It prints the table and returns 1 when the cost grew.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import io
import json
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark import cloudpickle

from glue import temperature_etl as etl
from tests.glue.crash import Lake, clean_up_when_ended, lake

FIRST: Final = dt.datetime(2025, 7, 1, tzinfo=dt.UTC)
DAYS: Final = 90
MEASURED: Final = (1, 30, 60, 90)
QUARTER: Final = dt.timedelta(minutes=15)
RUNS_A_DAY: Final = 96
REAL_RUNS: Final = 24  # of a measured day: every third compacts
STEP: Final = 5  # days that a run between loads at once
READINGS: Final = 5  # in an object; one more is torn
FILES_A_DAY: Final = 8  # compaction merges a day's files above this number
GROWTH: Final = 1.05  # of requests and listed keys, from the second measured day on
KINDS: Final = ("LIST", "GET", "HEAD", "PUT", "COPY", "DELETE")


@dataclass(frozen=True)
class Cost:
    """What one run took. seconds: in a JVM that runs already; listed: keys that its listings showed."""

    seconds: float
    listed: int
    requests: Counter[str]
    compacts: bool


class Months:
    """The lake, day by day."""

    def __init__(self, place: Lake, objects: int) -> None:
        """Parameters: objects, that Firehose writes in a quarter of an hour."""
        self._place, self._objects = place, objects
        self._hands = ThreadPoolExecutor(4)

    def lay(self, pairs: Iterable[tuple[str, bytes]]) -> None:
        """Put objects (key, content)."""
        client, bucket = self._place.client, self._place.bucket
        done = self._hands.map(lambda pair: client.put_object(Bucket=bucket, Key=pair[0], Body=pair[1]), pairs)
        assert all(answer["ETag"] for answer in done)

    def raw(self, quarter: dt.datetime) -> Iterable[tuple[str, bytes]]:
        """Yield the raw objects of a quarter of an hour."""
        for number in range(self._objects):
            moment = quarter + QUARTER * number / self._objects
            lines = [
                json.dumps(
                    {"device_id": f"wio-{n:02}", "timestamp": moment.timestamp() + n, "temperature": 20 + n / 10}
                )
                for n in range(READINGS)
            ]
            yield f"raw/{moment:%Y/%m/%d/%H}/stream-1-{moment:%Y-%m-%d-%H-%M-%S}", "\n".join([*lines, "{torn"]).encode()

    def left_by_other_runs(self, day: dt.datetime, runs: int) -> Iterable[tuple[str, bytes]]:
        """Yield what runs of a day leave that are not made: dead letters, metrics, and files of the day."""
        for number in range(runs):
            yield f"dlq/t/{day:%Y/%m/%d}/laid-{number:04}.jsonl", b'{"reason": "malformed_json"}\n'
            yield f"metrics/t/{day:%Y/%m/%d}/laid-{number:04}.json", b"{}"
        for number in range(FILES_A_DAY - 2):
            moment = pa.array([day + QUARTER * number], pa.timestamp("us", "UTC"))
            row = pa.table({"device_id": ["laid"], "event_time": moment, "temperature": [1.0], "humidity": [40.0]})
            file = io.BytesIO()
            pq.write_table(row, file)
            yield f"curated/t/year={day:%Y}/month={day:%m}/day={day:%d}/laid-{number}.snappy.parquet", file.getvalue()

    def run(self) -> Cost:
        """Run the job once."""
        self._place.gate.seen.clear()
        said = io.StringIO()
        began = time.perf_counter()
        with contextlib.redirect_stdout(said):
            etl.main([*self._place.arguments, "--METRICS_NAMESPACE", ""])
        seconds = time.perf_counter() - began
        summary = json.loads(said.getvalue().splitlines()[-1].removeprefix("summary "))
        assert summary["read"] == summary["written"] + summary["rejected"], summary
        assert summary["objects"], "the run found nothing new"
        seen = list(self._place.gate.seen)
        listed = sum(one.listed for one in seen)
        return Cost(seconds, listed, Counter(one.kind for one in seen), summary["compaction"]["days"] > 0)

    def day(self, number: int) -> list[Cost]:
        """Let a day pass (1 is the first); return the costs of its real runs of 15 minutes, if it is measured."""
        day = FIRST + dt.timedelta(days=number - 1)
        quarters = [day + QUARTER * n for n in range(RUNS_A_DAY)]
        real = REAL_RUNS if number in MEASURED else 0
        self.lay(self.left_by_other_runs(day, RUNS_A_DAY - real - 1))
        self.lay(pair for quarter in quarters[: RUNS_A_DAY - real] for pair in self.raw(quarter))
        if real or number % STEP == 0:
            self.run()
        costs = []
        for quarter in quarters[RUNS_A_DAY - real :]:
            self.lay(self.raw(quarter))
            costs.append(self.run())
        return costs

    def count(self, prefix: str) -> int:
        """Return how many objects are below a prefix."""
        return len(self._place.keys(prefix))


def figures(costs: list[Cost]) -> dict[str, float]:
    """Return the median of the runs that compact nothing."""
    plain = [cost for cost in costs if not cost.compacts]
    found = {"seconds": statistics.median(cost.seconds for cost in plain)}
    found["listed"] = statistics.median(cost.listed for cost in plain)
    return found | {kind: statistics.median(cost.requests[kind] for cost in plain) for kind in KINDS}


def table(found: dict[int, dict[str, Any]]) -> str:
    """Return the measured days as a Markdown table."""
    names = list(next(iter(found.values())))
    lines = [f"| day | {' | '.join(names)} |", f"| {' | '.join(['---'] * (len(names) + 1))} |"]
    for day, values in found.items():
        cells = [f"{value:.2f}" if name.endswith("seconds") else f"{value:,.0f}" for name, value in values.items()]
        lines.append(f"| {day} | {' | '.join(cells)} |")
    return "\n".join(lines)


def is_flat(found: dict[int, dict[str, Any]]) -> bool:
    """Say whether no later day's run asks or lists more than one of the second measured day, whose window is full."""
    _, full, *later = found.values()
    return all(values[name] <= full[name] * GROWTH for values in later for name in ("listed", *KINDS))


def simulate(place: Lake, objects: int) -> dict[int, dict[str, Any]]:
    """Let the months pass; return the figures of the measured days."""
    months = Months(place, objects)
    found: dict[int, dict[str, Any]] = {}
    for number in range(1, DAYS + 1):
        costs = months.day(number)
        if costs:
            compacting = max((cost.seconds for cost in costs if cost.compacts), default=0.0)
            objects_of = {f"{name} objects": months.count(f"{name}/") for name in ("raw", "curated", "dlq")}
            found[number] = {**objects_of, **figures(costs), "compacting seconds": compacting}
            print(f"day {number}: {json.dumps(found[number])}", file=sys.stderr, flush=True)
    return found


def main() -> int:
    """Print the cost of a run on the measured days. Returns 1 when it grew."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--objects", type=int, default=3, help="raw objects in a quarter of an hour")
    objects = parser.parse_args().objects
    clean_up_when_ended()
    from tests.conftest import embedded_aws

    cloudpickle.register_pickle_by_value(etl)  # as in Glue, where the script is __main__
    with (
        tempfile.TemporaryDirectory() as folder,
        embedded_aws(Path(folder) / "lab") as aws,
        lake(aws.running.endpoint, aws.environment, "three-months") as place,
    ):
        os.environ.update(place.environment)
        found = simulate(place, objects)
        print(table(found))
        etl.SparkSession.builder.getOrCreate().stop()
    return 0 if is_flat(found) else 1


if __name__ == "__main__":
    sys.exit(main())
