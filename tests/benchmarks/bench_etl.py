"""The ETL job on folders: 1e6 and 1e7 raw lines against a bare Spark read-parse-write and DuckDB; nothing new.

Seconds are wall clock of the whole process, JVM start included; CPU and peak memory count the process and its children
(Python workers, JVM). The raw data: readings of 50 devices, one in 200 lines torn, one in 50 doubled.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import duckdb
import psutil

from lab import target
from lab.local.spark import conf

SCRIPT: Final = Path(__file__).parents[2] / "glue" / "temperature_etl.py"
SIZES: Final = (1_000_000, 10_000_000)
OBJECT_LINES: Final = 31_250
SAMPLE_SECONDS: Final = 0.1
STOCK_JVM: Final = {"spark.driver.extraJavaOptions": ""}  # as Spark starts it where nobody chose
BARE: Final = """
import sys
from pyspark.sql import SparkSession, functions as F
spark = SparkSession.builder.getOrCreate()
spark.conf.set("spark.sql.session.timeZone", "Asia/Tokyo")
schema = "device_id string, timestamp double, temperature double, humidity double"
rows = spark.read.schema(schema).option("recursiveFileLookup", "true").json(sys.argv[1])
rows = rows.where("device_id is not null and temperature > -50 and temperature < 100")
rows = rows.withColumn("event_time", F.timestamp_micros((F.col("timestamp") * 1e6).cast("long"))).drop("timestamp")
for name, form in (("year", "yyyy"), ("month", "MM"), ("day", "dd")):
    rows = rows.withColumn(name, F.date_format("event_time", form))
rows.dropDuplicates(["device_id", "event_time"]).write.partitionBy("year", "month", "day").parquet(sys.argv[2])
"""
DUCKDB: Final = """
COPY (
  SELECT device_id, event_time, temperature, humidity, strftime(event_time + INTERVAL 9 HOUR, '%Y') AS year,
         strftime(event_time + INTERVAL 9 HOUR, '%m') AS month, strftime(event_time + INTERVAL 9 HOUR, '%d') AS day
  FROM (SELECT DISTINCT ON (device_id, event_time) device_id, temperature, humidity,
               make_timestamp((timestamp * 1000000)::BIGINT) AS event_time
        FROM read_json('{source}/*.gz', format = 'newline_delimited', ignore_errors = true, columns = {{
             device_id: 'VARCHAR', timestamp: 'DOUBLE', temperature: 'DOUBLE', humidity: 'DOUBLE'}})
        WHERE device_id IS NOT NULL AND temperature > -50 AND temperature < 100)
) TO '{table}' (FORMAT parquet, PARTITION_BY (year, month, day))
"""


def rows() -> list[dict[str, Any]]:
    """Return a row for each program and size. ratio: of the job's seconds to the bare Spark's."""
    found = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for size in SIZES:
            found += compare(folder, size)
        return found


def compare(folder: Path, size: int) -> list[dict[str, Any]]:
    """Run the programs on the same data, one after another."""
    raw = make(folder / "raw" / "2025" / "10" / "15" / "00", size)
    job = [str(SCRIPT), "--SOURCE_S3", str(folder / "raw"), "--TARGET_S3", str(folder / "curated" / "t")]
    bare = folder / "bare.py"
    bare.write_text(BARE)
    statement = DUCKDB.format(source=raw, table=folder / "duckdb")
    straight = f"import duckdb; duckdb.connect(config={{'threads': 2}}).execute({statement!r})"
    found = {
        "bare Spark": measure(folder, [str(bare), str(folder / "raw"), str(folder / "bare")], STOCK_JVM),
        "job": measure(folder, job, {}),
        "job, nothing new": measure(folder, job, {}),
        "DuckDB": measure(folder, ["-c", straight], {}),
    }
    counts = {
        what: stored(folder / place)
        for what, place in (("bare Spark", "bare"), ("job", "curated"), ("DuckDB", "duckdb"))
    }
    for name in ("raw", "bare", "curated", "duckdb", "checkpoint", "metrics", "dlq"):
        shutil.rmtree(folder / name, ignore_errors=True)
    ratio = found["job"]["seconds"] / found["bare Spark"]["seconds"]
    return [
        {"what": what, "lines": size, **figures, "rows": counts.get(what, ""), "ratio": ratio if what == "job" else ""}
        for what, figures in found.items()
    ]


def make(folder: Path, size: int) -> Path:
    """Write the raw objects."""
    folder.mkdir(parents=True)
    chance = random.Random(size)
    for number in range(size // OBJECT_LINES):
        lines: list[str] = []
        for at in range(number * OBJECT_LINES, (number + 1) * OBJECT_LINES):
            if lines and chance.random() < 0.02:
                lines.append(lines[-1])
                continue
            second = 1_760_450_000 + at // 50 * 12 + chance.randint(0, 9) / 10
            temperature, humidity = round(chance.gauss(20, 5), 2), round(chance.uniform(30, 70), 1)
            one = {"device_id": f"wio-{at % 50:03}", "timestamp": second}
            line = json.dumps(one | {"temperature": temperature, "humidity": humidity})
            lines.append(line[:-4] if chance.random() < 0.005 else line)
        (folder / f"o-{number:05}.gz").write_bytes(gzip.compress("\n".join(lines).encode() + b"\n", 6))
    return folder


def stored(folder: Path) -> int:
    """Return how many rows a folder of Parquet holds."""
    with duckdb.connect() as database:
        return database.execute(f"SELECT count(*) FROM '{folder}/**/*.parquet'").fetchone()[0]  # type: ignore[index]


def measure(folder: Path, arguments: list[str], more: Mapping[str, str]) -> dict[str, Any]:
    """Run a Python program with Spark's local settings; return seconds, CPU seconds, peak memory in GB.

    Parameters: more, Spark settings over those of the embedded AWS's jobs.
    """
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    conf.write(folder / "conf", "http://127.0.0.1:9", target.DEFAULT_REGION, scratch, more)
    environment = os.environ | conf.variables(folder / "conf")
    began = time.perf_counter()
    with (folder / "output").open("wb") as output:
        process = psutil.Popen([sys.executable, *arguments], stdout=output, stderr=output, env=environment, cwd=scratch)
        watch = Watch(process)
        watch.start()
        status = process.wait()
    seconds = time.perf_counter() - began
    watch.join()
    if status:
        raise RuntimeError((folder / "output").read_text()[-3000:])
    return {"seconds": seconds, "cpu_s": watch.cpu_s, "peak_GB": watch.peak_bytes / 1e9}


class Watch(threading.Thread):
    """Adds up the memory and the CPU seconds of a process and its children, as often as it can."""

    def __init__(self, process: psutil.Popen) -> None:
        super().__init__(daemon=True)
        self._process = process
        self._cpu: dict[int, float] = {}
        self.peak_bytes = 0

    @property
    def cpu_s(self) -> float:
        """CPU seconds, to the last sample of each process."""
        return sum(self._cpu.values())

    def run(self) -> None:
        """Sample until the process has ended."""
        while self._process.poll() is None:
            used = 0
            for one in self._family():
                try:
                    used += one.memory_info().rss
                    self._cpu[one.pid] = sum(one.cpu_times()[:2])
                except psutil.Error:
                    continue
            self.peak_bytes = max(self.peak_bytes, used)
            time.sleep(SAMPLE_SECONDS)

    def _family(self) -> list[psutil.Process]:
        try:
            return [self._process, *self._process.children(recursive=True)]
        except psutil.Error:
            return []


if __name__ == "__main__":
    for row in rows():
        print(row)
