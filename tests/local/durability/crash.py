"""``kill -9`` of the embedded AWS while eight services are written to: what was acknowledged must be there afterwards.

``python -m tests.local.durability.crash --rounds 20 --seed 1`` runs as many rounds as wanted on one account.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from lab.local import server
from tests.local import account
from tests.local.durability.world import DIRECT, NAME, OBJECTS, STREAMED, World, Write

RULE_SECONDS: Final = 5.0
"""What was acknowledged longer before a crash may not be lost."""
SHORTEST_SECONDS: Final = 5.8
LONGEST_SECONDS: Final = 8.0
BETWEEN_WRITES: Final = 0.01


@dataclass
class Acknowledged:
    """What one writer was told is safe: (Unix seconds, id)."""

    entries: list[tuple[float, str]] = field(default_factory=list)

    def before(self, instant: float) -> set[str]:
        """Return the ids that were acknowledged before an instant."""
        return {text for when, text in self.entries if when < instant}


class Crash:
    """Rounds of writing, killing, starting and comparing on one account."""

    def __init__(self, world: World, seed: int) -> None:
        self._world = world
        self._random = random.Random(seed)
        self._must: dict[str, set[str]] = {name: set() for name in world.writers()}
        self._received: set[str] = set()
        self._number = 0

    def round(self) -> dict[str, int]:
        """Write for a while, kill, start again and compare. Returns the number of ids each service had to have.

        Raises: AssertionError naming the service and what it lost.
        """
        self._number += 1
        running, stop = self._world.running, threading.Event()
        assert running is not None
        kept = {name: Acknowledged() for name in self._must}
        writers = {name: make() for name, make in self._world.writers().items()}
        threads = [
            threading.Thread(target=self._write, args=(name, writers[name], kept[name], stop), daemon=True)
            for name in writers
        ]
        for thread in threads:
            thread.start()
        time.sleep(self._random.uniform(SHORTEST_SECONDS, LONGEST_SECONDS))
        killed = time.time()
        os.killpg(running.pid, signal.SIGKILL)
        stop.set()
        os.waitpid(running.pid, 0)
        for thread in threads:
            thread.join()
        self._world.start()
        for name, acknowledged in kept.items():
            self._must[name] |= acknowledged.before(killed - RULE_SECONDS)
        self._compare()
        return {name: len(must) for name, must in self._must.items()}

    def _write(self, name: str, write: Write, kept: Acknowledged, stop: threading.Event) -> None:
        number = 0
        with contextlib.suppress(Exception):  # the crash
            while not stop.wait(BETWEEN_WRITES):
                number += 1
                text = f"{name}-{self._number}-{number}"
                write(text)
                kept.entries.append((time.time(), text))

    def _compare(self) -> None:
        stored = {name: look() for name, look in self._readers().items()}
        for name in ("s3", "dynamodb", "kinesis", "sqs", "iot", "logs", "cloudwatch"):
            lost = self._must[name] - stored[name]
            assert not lost, f"{name} lost {len(lost)} of {len(self._must[name])}: {sorted(lost)[:5]}"
        # A delivery stream goes on from where it stood: what the stream still has and what was put is delivered.
        for name, bucket, must in (
            ("firehose", DIRECT, self._must["firehose"]),
            ("stream", STREAMED, stored["kinesis"]),
        ):
            self._delivered(name, bucket, must)

    @staticmethod
    def _delivered(name: str, bucket: str, must: set[str]) -> None:
        deadline = time.monotonic() + account.WAIT_SECONDS
        while lost := must - set(account.lines(bucket)):
            assert time.monotonic() < deadline, f"{name} did not deliver {len(lost)} of {len(must)}: {sorted(lost)[:5]}"
            time.sleep(0.2)

    def _readers(self) -> dict[str, Callable[[], set[str]]]:
        client = self._world.client
        return {
            "s3": lambda: set(account.keys(OBJECTS)),
            "dynamodb": lambda: _items(client("dynamodb"), NAME),
            "kinesis": lambda: _records(client("kinesis")),
            "sqs": lambda: self._messages(client("sqs")),
            "iot": lambda: _items(client("dynamodb"), f"{NAME}-rule"),
            "logs": lambda: _events(client("logs")),
            "cloudwatch": lambda: _metrics(client("cloudwatch")),
        }

    def _messages(self, sqs: Any) -> set[str]:
        """Take all messages out of the queue; those of earlier rounds were taken already."""
        url = sqs.get_queue_url(QueueName=NAME)["QueueUrl"]
        while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            self._received |= {message["Body"] for message in found}
            entries = [{"Id": str(n), "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(found)]
            sqs.delete_message_batch(QueueUrl=url, Entries=entries)
        return self._received


def _items(dynamodb: Any, table: str) -> set[str]:
    pages = dynamodb.get_paginator("scan").paginate(TableName=table)
    return {item["id"]["S"] for page in pages for item in page["Items"]}


def _events(logs: Any) -> set[str]:
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=NAME)
    return {event["message"] for page in pages for event in page["events"]}


def _metrics(cloudwatch: Any) -> set[str]:
    pages = cloudwatch.get_paginator("list_metrics").paginate(Namespace=NAME)
    return {metric["MetricName"] for page in pages for metric in page["Metrics"]}


def _records(kinesis: Any) -> set[str]:
    found = set()
    for shard in kinesis.list_shards(StreamName=NAME)["Shards"]:
        place = kinesis.get_shard_iterator(StreamName=NAME, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")
        iterator = place["ShardIterator"]
        while records := (answer := kinesis.get_records(ShardIterator=iterator))["Records"]:
            found |= {record["Data"].decode() for record in records}
            iterator = answer["NextShardIterator"]
    return found


def main() -> int:
    """Run the rounds that are asked for. Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder) / "lab")
        world.start()
        try:
            world.prepare()
            crash = Crash(world, options.seed)
            for number in range(1, options.rounds + 1):
                print(number, crash.round(), flush=True)
        finally:
            server.stop(world.root)
    return 0


if __name__ == "__main__":
    sys.exit(main())
