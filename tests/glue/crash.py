"""Kill the job at its worst moments over S3A, let it run once more, and compare with DuckDB.

``python -m tests.glue.crash --times 3`` kills three times at each moment, each time in a lake of its own, and prints a
table of how the lakes differ from what they must be.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from lab import target
from lab.local.spark import conf
from tests.glue import oracle
from tests.glue.gate import Gate, Moment, gate

SCRIPT: Final = Path(__file__).parents[2] / "glue" / "temperature_etl.py"
START_S: Final = 1_760_400_000
WAIT_SECONDS: Final = 300
# For runs of seconds: less to compile.
SHORT_LIVED: Final = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.shuffle.partitions": "2",
}
MOMENTS: Final = {
    "the first new curated object": Moment("PUT", r"/curated/.*\.parquet$"),
    "the checkpoint is written": Moment("PUT", r"/state\.json$", rb'"step": "published"'),
    "between curated object and checkpoint": Moment("PUT", r"/state\.json$", rb'"step": "published"', done=False),
    "the dead letters": Moment("PUT", r"/dlq/.*\.jsonl$"),
    "compaction: both old and new files are there": Moment("PUT", r"/curated/.*\.compacted\.snappy\.parquet$"),
    "compaction: merged files are staged": Moment("PUT", r"/checkpoint/.*/compact-.*\.parquet$"),
    "decided, before the first copy": Moment("PUT", r"/state\.json$", rb'"step": "decided"'),
    "dead letters are staged, nothing is decided": Moment("PUT", r"/checkpoint/.*/letters-\d+/part-[^/]*$"),
    "rows are staged, nothing is decided": Moment("PUT", r"/checkpoint/.*/rows-\d+/_SUCCESS$"),
}
# What makes the job safe, and the same without it: the job of the control.
SAFEGUARDS: Final = {
    '    return readings.join(stored_keys, ["device_id", "event_time"], "left_anti")': "    return readings",
    "        if self.recovered:\n            self.publish()": "        self.checkpoint.write(pending=None)",
}


class Lake:
    """A bucket with raw objects, and the job on it."""

    def __init__(self, client: Any, before: Gate, environment: dict[str, str], folder: Path, bucket: str) -> None:
        self.client, self.gate, self.bucket, self.folder = client, before, bucket, folder
        client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": target.DEFAULT_REGION})
        scratch = folder / "scratch"
        scratch.mkdir()
        conf.write(folder / "conf", before.endpoint, target.DEFAULT_REGION, scratch, SHORT_LIVED)
        self.environment = environment | {
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), "/usr/bin", "/bin")),
            "HOME": str(scratch),
            **conf.variables(folder / "conf"),
            "AWS_ENDPOINT_URL": before.endpoint,
        }
        self.script = SCRIPT
        place = f"s3://{bucket}"
        self.arguments = ["--SOURCE_S3", f"{place}/raw/", "--TARGET_S3", f"{place}/curated/t/"]
        self.arguments += ["--CHECKPOINT_S3", f"{place}/checkpoint/t/", "--DLQ_S3", f"{place}/dlq/t/"]
        self.arguments += ["--METRICS_S3", f"{place}/metrics/t/"]
        self._objects = 0

    def put(self, seed: int, objects: int = 3) -> None:
        """Put raw objects: readings, those of before once more, out of range, torn, late."""
        chance = random.Random(seed)
        for _ in range(objects):
            lines = []
            for _ in range(300):
                second = START_S + chance.randint(0, 1_500) * 100  # few moments, so that objects share some
                one = {"device_id": f"wio-{chance.randint(1, 3):02}", "timestamp": second}
                one["temperature"] = chance.randint(-1000, 2000) / 10 if chance.random() < 0.05 else 20.5 + seed
                line = json.dumps(one)
                lines += [line[:-3]] if chance.random() < 0.02 else [line] * chance.choice((1, 1, 1, 2))
            self._objects += 1
            key = f"raw/2025/10/15/03/o-{self._objects:04}.gz"
            self.client.put_object(Bucket=self.bucket, Key=key, Body=gzip.compress("\n".join(lines).encode() + b"\n"))

    def run(self, moment: Moment | None = None, batch_objects: int = 100) -> subprocess.CompletedProcess[str]:
        """Run the job as a process; kill it at the moment."""
        command = [sys.executable, str(self.script), *self.arguments, "--COMPACT", "2"]
        command += ["--BATCH_OBJECTS", str(batch_objects)]
        with (self.folder / "output").open("w+") as output:
            process = subprocess.Popen(
                command, stdout=output, stderr=output, env=self.environment, cwd=self.folder, start_new_session=True
            )
            self.gate.arm(moment, process.pid)
            try:
                status = process.wait(WAIT_SECONDS)
            finally:
                self.gate.disarm()
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
            output.seek(0)
            return subprocess.CompletedProcess(command, status, output.read())

    def keys(self, prefix: str) -> list[str]:
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    def content(self, key: str) -> bytes:
        content: bytes = self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return content

    def fetch(self, prefix: str, ending: str) -> list[Path]:
        """Bring the objects of a prefix into files."""
        files = []
        for key in self.keys(prefix):
            if key.endswith(ending):
                content, file = self.content(key), self.folder / "fetched" / key
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(gzip.decompress(content) if ending == ".gz" else content)
                files.append(file)
        return files

    def compare(self) -> dict[str, Any]:
        """Return how the lake differs from what DuckDB computes of the raw objects."""
        rows, letters = oracle.expected(self.fetch("raw/", ".gz"))
        found = oracle.stored(self.fetch("curated/", ".parquet"))
        lines = [json.loads(line) for key in self.keys("dlq/") for line in self.content(key).splitlines()]
        told = sorted((line["reason"], Path(line["object"]).name, line["raw"]) for line in lines)
        metrics = [json.loads(self.content(key)) for key in self.keys("metrics/")]
        fates = ("written", "duplicate", "out_of_range", "rejected")
        return {
            "rows_expected": len(rows),
            "rows": len(found),
            "missing": len(set(rows) - set(found)),
            "extra": len(set(found) - set(rows)),
            "twice": len(found) - len(set(found)),
            "letters_expected": len(letters),
            "letters": len(told),
            "letters_equal": told == sorted(letters),
            "written": sum(one["written"] for one in metrics),
            "unexplained": sum(one["read"] for one in metrics) - sum(one[name] for one in metrics for name in fates),
            "leftovers": [key for key in self.keys("checkpoint/") if not key.endswith("/state.json")],
        }

    def remove(self) -> None:
        """Remove the bucket."""
        keys = [{"Key": key} for key in self.keys("")]
        for start in range(0, len(keys), 1000):
            self.client.delete_objects(Bucket=self.bucket, Delete={"Objects": keys[start : start + 1000]})
        self.client.delete_bucket(Bucket=self.bucket)


@contextmanager
def lake(endpoint: str, environment: dict[str, str], bucket: str) -> Iterator[Lake]:
    """Make a lake behind a gate; remove it at the end."""
    with tempfile.TemporaryDirectory() as folder, gate(endpoint) as before:
        made = Lake(target.client("s3"), before, environment, Path(folder), bucket)
        try:
            yield made
        finally:
            made.remove()


def kill_at(place: Lake, name: str, seed: int, batch_objects: int = 100) -> None:
    """Put new objects and kill a run at a moment. Raises: AssertionError when it outlived its moment."""
    place.put(seed)
    ended = place.run(MOMENTS[name], batch_objects)
    assert place.gate.struck.is_set(), f"{name}: {ended.stdout[-3000:]}"
    assert ended.returncode == -signal.SIGKILL, f"{name}: {ended.stdout[-3000:]}"


def killed_once(endpoint: str, environment: dict[str, str], name: str, seed: int) -> dict[str, Any]:
    """Kill at a moment in a lake of its own, put new objects, run cleanly; return the comparison and the seconds."""
    began = time.monotonic()
    with lake(endpoint, environment, f"crash-{uuid.uuid4().hex[:12]}") as place:
        kill_at(place, name, seed, batch_objects=1)  # an object a batch: three files a day, enough to compact
        place.put(seed + 10)
        clean = place.run()
        assert clean.returncode == 0, clean.stdout[-3000:]
        return place.compare() | {"seconds": time.monotonic() - began}


def without_safeguards(folder: Path) -> Path:
    """Return a copy of the script in which nothing is finished and nothing compared with what is stored."""
    text = SCRIPT.read_text(encoding="utf-8")
    for safe, unsafe in SAFEGUARDS.items():
        assert text.count(safe) == 1, safe
        text = text.replace(safe, unsafe)
    script = folder / "unsafe.py"
    script.write_text(text, encoding="utf-8")
    return script


def is_exact(found: dict[str, Any]) -> bool:
    """Say whether a lake is what it must be."""
    wrong = [found[name] for name in ("missing", "extra", "twice", "unexplained", "leftovers")]
    return not any(wrong) and found["letters_equal"] and found["rows"] == found["rows_expected"] == found["written"]


def row(name: str, lakes: list[dict[str, Any]]) -> str:
    """Return a line of the table for the lakes that were killed at one moment."""
    sums = [sum(found[key] for found in lakes) for key in ("rows_expected", "rows", "missing", "twice", "letters")]
    letters = sum(found["letters_equal"] for found in lakes)
    seconds = sum(found["seconds"] for found in lakes) / len(lakes)
    cells = [name, str(len(lakes)), *(f"{count:,}" for count in sums), f"{letters} of {len(lakes)}", f"{seconds:.0f}"]
    return f"| {' | '.join(cells)} |"


def control(endpoint: str, environment: dict[str, str]) -> int:
    """Return how many rows the job without its safeguards stores twice."""
    with lake(endpoint, environment, "crash-control") as place:
        place.script = without_safeguards(place.folder)
        kill_at(place, "the first new curated object", 0)
        place.run()
        twice: int = place.compare()["twice"]
        return twice


def clean_up_when_ended() -> None:
    """Let SIGTERM end this command as an exception does: the job's JVM and the embedded AWS end too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def main() -> int:
    """Kill at each moment so many times and print the table; then the control. Returns 1 when a lake is not exact."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--times", type=int, default=3, help="kills at each moment")
    parser.add_argument("--moment", choices=list(MOMENTS), action="append", help="only at this one; may be repeated")
    asked = parser.parse_args()
    times = asked.times
    clean_up_when_ended()
    from tests.conftest import embedded_aws

    with tempfile.TemporaryDirectory() as folder, embedded_aws(Path(folder) / "lab") as aws:
        place = (aws.running.endpoint, aws.environment)
        print("| killed when | kills | rows expected | rows | missing | twice | dead letters | exact | seconds |")
        print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |", flush=True)
        exact = True
        for name in asked.moment or MOMENTS:
            lakes = [killed_once(*place, name, seed) for seed in range(times)]
            exact &= all(is_exact(found) for found in lakes)
            print(row(name, lakes), flush=True)
        twice = control(*place)
        print(f"\nThe control, without its safeguards, stores {twice} rows twice.")
    return 0 if exact and twice else 1


if __name__ == "__main__":
    sys.exit(main())
