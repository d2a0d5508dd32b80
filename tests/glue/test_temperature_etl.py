"""The job on folders: whole runs in one JVM against plain Python, and every count."""

from __future__ import annotations

import gzip
import json
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from glue import temperature_etl as etl
from tests.glue import reference

pytestmark = pytest.mark.spark

HOUR = "2025/10/15/03"
MIDNIGHT = int(datetime(2025, 10, 14, 15, tzinfo=UTC).timestamp())  # of 15 October in Tokyo
NOW = datetime.now(UTC) + timedelta(days=1)


class Lake:
    """A source and a table in a folder."""

    def __init__(self, root: Path, spark: SparkSession) -> None:
        self.root, self.spark = root, spark
        self.source, self.table = root / "raw", root / "curated" / "telemetry"
        self.source.mkdir()

    def put(self, key: str, messages: list[Any]) -> None:
        """Write an object of messages; bytes are taken as they are, a line."""
        lines = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in messages]
        path = self.source / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(b"\n".join(lines) + b"\n"))

    def start(self, **options: Any) -> None:
        """Run the job."""
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        etl.main(["--SOURCE_S3", str(self.source), "--TARGET_S3", str(self.table), *words])

    def run(self, **options: Any) -> dict[str, Any]:
        """Run the job and return its metrics object."""
        known = set(self.metrics())
        self.start(**options)
        (new,) = set(self.metrics()) - known
        return json.loads(new.read_text())

    def metrics(self) -> list[Path]:
        return sorted((self.root / "metrics").rglob("*.json"))

    def files(self) -> list[Path]:
        return sorted(self.table.rglob("*.parquet"))

    def rows(self) -> list[dict[str, Any]]:
        """Return the table as DuckDB sees it."""
        if not self.files():
            return []
        with duckdb.connect() as database:
            database.execute("SET TimeZone = 'UTC'")
            found = database.execute(
                "SELECT device_id, event_time, temperature, humidity, extra, concat_ws('-', year, month, day) AS day"
                " FROM read_parquet($1, hive_partitioning = true, hive_types_autocast = false)",
                [[str(file) for file in self.files()]],
            )
            names = [column[0] for column in found.description]
            rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        for row in rows:
            row["event_time"] = row["event_time"].astimezone(UTC)
        return sorted(rows, key=lambda row: (row["device_id"], row["event_time"]))

    def letters(self) -> list[dict[str, Any]]:
        return [json.loads(line) for file in sorted((self.root / "dlq").rglob("*.jsonl")) for line in file.open()]


@pytest.fixture
def lake(tmp_path: Path, spark: SparkSession) -> Lake:
    return Lake(tmp_path, spark)


def reading(device: str = "wio-01", second: float = 0, **further: Any) -> dict[str, Any]:
    return {"device_id": device, "timestamp": MIDNIGHT + second, "temperature": 20.5, **further}


def expected(messages: list[Any]) -> list[dict[str, Any]]:
    rows = reference.table([one for one in messages if not isinstance(one, bytes)], NOW)
    return [rows[key] for key in sorted(rows)]


def mixture(seed: int, count: int) -> list[Any]:
    """Return messages with all kinds of faults; some keys come twice with other values."""
    chance = random.Random(seed)
    kinds: list[Any] = [
        lambda one: one | {"temperature": chance.choice([-50, 100, 250.0])},
        lambda one: one | {"temperature": "hot"},
        lambda one: one | {"humidity": 40.5, "battery": chance.randint(0, 100)},
        lambda one: one | {"timestamp": 5},
        lambda one: json.dumps(one).encode()[:-4],
        lambda one: one | {"humidity": None},
    ]
    found = []
    for _ in range(count):
        one = reading(
            f"wio-{chance.randint(1, 4):02}", chance.randint(-5, 200_000), temperature=chance.randint(-200, 400) / 10
        )
        found.append(chance.choice(kinds)(one) if chance.random() < 0.3 else one)
        if chance.random() < 0.1 and isinstance(found[-1], dict):
            found.append(found[-1] | {"temperature": 1.25})
    return found


def test_a_run_stores_what_plain_python_computes_and_explains_every_record(lake: Lake) -> None:
    parts = [mixture(seed, 150) for seed in range(3)]
    for number, part in enumerate(parts):
        lake.put(f"{HOUR}/o{number}.gz", part)
    messages = [one for part in parts for one in part]
    fates = Counter("malformed_json" if isinstance(one, bytes) else reference.fate(one, NOW) for one in messages)
    rows = expected(messages)

    metrics = lake.run(BATCH_OBJECTS=2)  # two batches: a key of the second may be stored already

    assert lake.rows() == rows
    assert metrics["read"] == len(messages)
    assert metrics["written"] == len(rows)
    assert metrics["duplicate"] == fates["reading"] - len(rows)
    assert metrics["out_of_range"] == fates["out_of_range"]
    assert metrics["rejected_by_reason"] == {
        reason: count for reason, count in fates.items() if reason not in ("reading", "out_of_range")
    }
    assert metrics["rejected"] == sum(metrics["rejected_by_reason"].values())
    assert Counter(letter["reason"] for letter in lake.letters()) == fates - Counter(reading=fates["reading"])


def test_a_second_run_changes_nothing_and_new_objects_add_only_what_is_new(lake: Lake) -> None:
    first, second = mixture(1, 60), mixture(2, 60)
    lake.put(f"{HOUR}/a.gz", first)
    lake.run()
    before = lake.files()
    assert lake.run()["objects"] == 0
    assert lake.files() == before
    lake.put(f"{HOUR}/b.gz", [*first, *second])
    metrics = lake.run()
    assert lake.rows() == expected([*first, *second])
    assert metrics["read"] == metrics["written"] + metrics["duplicate"] + metrics["out_of_range"] + metrics["rejected"]


def test_a_letter_leads_to_its_record(lake: Lake) -> None:
    torn = b'{"device_id": "caf\xc3\xa9", ' + b"x" * 3000
    lake.put(f"{HOUR}/a.gz", [reading(), torn, reading(second=1, temperature=150)])
    lake.run()
    content = gzip.decompress((lake.source / HOUR / "a.gz").read_bytes())
    letters = sorted(lake.letters(), key=lambda letter: letter["position"])
    assert [letter["reason"] for letter in letters] == ["malformed_json", "out_of_range"]
    for letter in letters:
        assert letter["object"] == str(lake.source / HOUR / "a.gz")
        raw = content[letter["position"] : letter["position"] + letter["length"]]
        assert raw.decode().startswith(letter["raw"].rstrip("�"))
    assert letters[0]["length"] == len(torn)
    assert 1990 <= len(letters[0]["raw"]) <= 2000


def test_of_two_readings_with_one_key_the_first_by_object_and_position_stays(lake: Lake) -> None:
    lake.put(f"{HOUR}/b.gz", [reading(temperature=3.0)])
    lake.put(f"{HOUR}/a.gz", [reading(temperature=1.0), reading(temperature=2.0)])
    assert lake.run()["duplicate"] == 2
    assert [row["temperature"] for row in lake.rows()] == [1.0]


def test_days_begin_at_midnight_of_the_time_zone(lake: Lake) -> None:
    lake.put(f"{HOUR}/a.gz", [reading(second=-1), reading(second=0)])
    lake.run()
    assert [file.parent.relative_to(lake.table).as_posix() for file in lake.files()] == [
        "year=2025/month=10/day=14",
        "year=2025/month=10/day=15",
    ]


def test_another_time_zone_on_the_same_table_is_refused(lake: Lake) -> None:
    lake.put(f"{HOUR}/a.gz", [reading()])
    lake.run()
    with pytest.raises(ValueError, match="TIME_ZONE=Asia/Tokyo, not UTC: keep it"):
        lake.run(TIME_ZONE="UTC")


def test_late_rows_are_counted_among_the_written(lake: Lake) -> None:
    lake.put(f"{HOUR}/a.gz", [reading(second=10_000)])
    lake.run()
    lake.put(f"{HOUR}/b.gz", [reading(second=10_000 - 3600), reading(second=10_000 - 3601), reading(second=10_000)])
    metrics = lake.run()
    assert (metrics["written"], metrics["late"], metrics["duplicate"]) == (2, 1, 1)


def test_a_member_that_is_added_is_kept_and_told(lake: Lake) -> None:
    lake.put(f"{HOUR}/a.gz", [reading(), reading(second=1, battery=90, place={"room": "R1"})])
    assert lake.run()["extra_members"] == {"battery": 1, "place": 1}
    assert [row["extra"] for row in lake.rows()] == [None, '{"battery": 90, "place": {"room": "R1"}}']


def test_a_member_whose_type_changes_is_rejected_and_told(lake: Lake) -> None:
    lake.put(f"{HOUR}/a.gz", [reading(), reading(second=1, temperature="20.5"), reading(second=2, humidity=[40])])
    assert lake.run()["rejected_by_reason"] == {"temperature_invalid": 1, "humidity_invalid": 1}
    assert [letter["reason"] for letter in lake.letters()] == ["temperature_invalid", "humidity_invalid"]


def test_small_files_of_a_day_are_merged_and_no_row_changes(lake: Lake) -> None:
    for number in range(4):
        lake.put(f"{HOUR}/o{number}.gz", [reading(second=60 * number + n) for n in range(20)])
    metrics = lake.run(BATCH_OBJECTS=1, COMPACT=3)
    assert metrics["compaction"] == {"days": 1, "files_before": 4, "files_after": 1, "refused": {}}
    assert [file.name.split(".", 1)[1] for file in lake.files()] == ["compacted.snappy.parquet"]
    assert lake.rows() == expected([reading(second=60 * number + n) for number in range(4) for n in range(20)])


def test_compaction_keeps_columns_of_other_writers_and_refuses_one_of_two_types(lake: Lake) -> None:
    lake.put(f"{HOUR}/a.gz", [reading()])
    lake.run()
    day = lake.files()[0].parent
    moment = pa.array([datetime(2025, 10, 15, 3)], pa.timestamp("us", "UTC"))
    row = {"device_id": pa.array(["wio-09"]), "event_time": moment, "temperature": pa.array([1.0])}
    pq.write_table(pa.table(row | {"quality": pa.array(["good"])}), day / "z.parquet")
    lake.put(f"{HOUR}/b.gz", [reading(second=1)])
    assert lake.run(COMPACT=2)["compaction"]["files_after"] == 1
    (file,) = lake.files()
    assert pq.read_table(file).sort_by("device_id").column("quality").to_pylist() == [None, None, "good"]
    pq.write_table(pa.table(row | {"quality": pa.array([7])}), day / "y.parquet")
    lake.put(f"{HOUR}/c.gz", [reading(second=2)])
    metrics = lake.run(COMPACT=2)
    assert list(metrics["compaction"]["refused"]) == ["year=2025/month=10/day=15"]
    assert metrics["compaction"]["days"] == 0
    assert len(lake.files()) == 3


def test_a_backfill_reads_days_again_and_stores_only_what_is_missing(lake: Lake) -> None:
    for number, key in enumerate(("2025/10/13/23", "2025/10/14/00", "2025/10/15/23", "2025/10/16/00")):
        lake.put(f"{key}/a.gz", [reading(second=number)])
    lake.run()
    lost = [file for file in lake.files()]
    for file in lost:
        file.unlink()
    assert lake.run()["objects"] == 0
    metrics = lake.run(BACKFILL_FROM="2025-10-14", BACKFILL_TO="2025-10-15")
    assert (metrics["objects"], metrics["written"], metrics["backfill"]) == (2, 2, True)
    assert lake.rows() == expected([reading(second=1), reading(second=2)])


def test_objects_of_strange_names_are_read(lake: Lake) -> None:
    names = ("a b+c%41.gz", "{x}[1]*.gz", "é=ü.gz", "a:b.gz", "_hidden.gz", ".hidden.gz")
    for number, name in enumerate(names):
        lake.put(f"{HOUR}/{name}", [reading(second=number), b"{"])
    assert lake.run()["written"] == len(names)
    assert {letter["object"] for letter in lake.letters()} == {str(lake.source / HOUR / name) for name in names}


def test_an_object_that_goes_away_stops_the_run_and_changes_nothing(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.put(f"{HOUR}/a.gz", [reading()])
    lake.put(f"{HOUR}/b.gz", [reading(second=1)])
    load = etl.Job.load

    def lose(job: etl.Job, batch: list[etl.Item]) -> None:
        (lake.source / HOUR / "b.gz").unlink()
        load(job, batch)

    monkeypatch.setattr(etl.Job, "load", lose)
    with pytest.raises(Exception, match=r"b\.gz is gone since it was listed: run the job again"):
        lake.run()
    assert lake.files() == []
    monkeypatch.undo()
    assert lake.run()["written"] == 1


@pytest.mark.parametrize("step", ["decide", "publish"])
def test_a_run_that_another_one_overtook_changes_nothing_any_more(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    first, second = mixture(1, 40), mixture(2, 40)
    lake.put(f"{HOUR}/a.gz", first)
    before = getattr(etl.Job, step)

    def overtaken(job: etl.Job, *arguments: Any) -> None:
        monkeypatch.undo()
        lake.put(f"{HOUR}/b.gz", second)
        lake.start()  # from its beginning to its end, while the first run stands here
        before(job, *arguments)

    monkeypatch.setattr(etl.Job, step, overtaken)
    with pytest.raises(etl.OvertakenError, match="another run took over this checkpoint: allow one run at a time"):
        lake.run()

    assert lake.rows() == expected([*first, *second])
    runs = [json.loads(file.read_text()) for file in lake.metrics()]
    assert sum(run["written"] for run in runs) == len(lake.rows())
    assert sum(run["read"] for run in runs) == len(first) + len(second)
    assert len(lake.letters()) == sum(run["rejected"] + run["out_of_range"] for run in runs)
    assert lake.run()["objects"] == 0


def test_what_an_overtaken_run_still_stages_is_published_by_nobody(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.put(f"{HOUR}/a.gz", [reading(), reading(second=1)])
    staging = lake.root / "checkpoint" / "telemetry" / "staging"
    decide, plan = etl.Job.decide, etl.Job.plan

    def overtaken(job: etl.Job, *arguments: Any) -> None:
        staged = {path: path.read_bytes() for path in staging.rglob("*.parquet")}

        def plan_while_a_straggler_writes(second: etl.Job) -> list[list[etl.Item]]:
            for path, content in staged.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            return plan(second)

        monkeypatch.setattr(etl.Job, "decide", decide)
        monkeypatch.setattr(etl.Job, "plan", plan_while_a_straggler_writes)
        assert staged
        lake.start()
        monkeypatch.undo()
        decide(job, *arguments)

    monkeypatch.setattr(etl.Job, "decide", overtaken)
    with pytest.raises(etl.OvertakenError):
        lake.run()
    assert lake.rows() == expected([reading(), reading(second=1)])


def test_of_two_runs_that_begin_at_once_one_is_refused(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.put(f"{HOUR}/a.gz", [reading()])
    begin = etl.Job.begin

    def overtaken(job: etl.Job) -> None:
        monkeypatch.undo()
        lake.run()
        begin(job)

    monkeypatch.setattr(etl.Job, "begin", overtaken)
    with pytest.raises(etl.OvertakenError):
        lake.run()
    assert len(lake.rows()) == 1


def test_an_empty_source_is_no_fault(lake: Lake) -> None:
    assert lake.run()["read"] == 0
    lake.put(f"{HOUR}/a.gz", [b"", b"  "])
    assert lake.run()["read"] == 0
    assert lake.rows() == []


def test_what_a_killed_run_left_is_removed(lake: Lake) -> None:
    left = lake.root / "checkpoint" / "telemetry" / "staging" / "rows-1" / "part-0.parquet"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half a file")
    lake.put(f"{HOUR}/a.gz", [reading()])
    lake.run()
    assert not left.exists()
    assert len(lake.rows()) == 1


def test_nothing_stays_staged_after_a_run(lake: Lake) -> None:
    lake.put(f"{HOUR}/a.gz", [*mixture(3, 40), reading()])
    lake.put(f"{HOUR}/b.gz", mixture(3, 40))
    lake.run(BATCH_OBJECTS=1, COMPACT=1)
    staging = lake.root / "checkpoint" / "telemetry" / "staging"
    assert [path for path in staging.rglob("*") if path.is_file()] == []
