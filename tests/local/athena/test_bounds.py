"""A query that never ends is ended: by memory, by time, by the size of its result; the next one is answered."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from lab.local.athena import database, results, runs
from lab.local.athena import types as t
from lab.local.athena.database import Databases
from lab.local.athena.errors import QueryError
from lab.local.athena.failure import query_error
from lab.local.athena.query import OutputColumn
from lab.local.athena.records import Records
from lab.local.athena.task import Cancellation, Outcome

ENDLESS = "SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE (a.range * b.range) % 7 = 3"


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def test_a_query_that_needs_more_memory_than_it_may_have_fails_by_name_and_the_next_is_answered(
    monkeypatch: pytest.MonkeyPatch, executor: ThreadPoolExecutor
) -> None:
    monkeypatch.setitem(database.SETTINGS, "memory_limit", "40MB")
    databases = Databases(executor)
    with pytest.raises(duckdb.Error) as end, databases.locked(()) as connection:
        connection.execute("SELECT list(a.range || 'x' || b.range) FROM range(3000) a, range(3000) b").fetchall()
    told = str(query_error(end.value))
    assert told == "EXCEEDED_LOCAL_MEMORY_LIMIT: Query exhausted resources at this scale factor"
    with databases.locked(()) as connection:
        assert connection.execute("SELECT 1").fetchall() == [(1,)]


def test_memory_threads_and_the_disk_are_bounded_for_every_query(executor: ThreadPoolExecutor) -> None:
    with Databases(executor).locked(()) as connection:
        names = ("memory_limit", "threads", "temp_directory", "enable_external_access", "lock_configuration")
        found = connection.execute("SELECT " + ", ".join(f"current_setting('{name}')" for name in names)).fetchall()
        assert found == [("1.8 GiB", 2, "", False, True)]
        with pytest.raises(duckdb.InvalidInputException, match="locked"):
            connection.execute("SET memory_limit = '20GB'")
        with pytest.raises(duckdb.PermissionException):
            connection.execute("SELECT * FROM read_text('/etc/hostname')")


class Endless:
    """An engine whose query has no end."""

    def run(self, task: Any) -> Outcome:
        with duckdb.connect() as connection:
            task.cancellation.watch(connection)
            connection.execute(ENDLESS).fetchall()
        raise AssertionError("it ended")


def test_a_query_that_takes_too_long_is_ended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, executor: ThreadPoolExecutor
) -> None:
    monkeypatch.setattr(runs, "TIMEOUT_SECONDS", 0.2)
    records = Records(tmp_path)
    found = runs.Runs(records, Endless(), executor, time.time)  # type: ignore[arg-type]
    execution = {
        "QueryExecutionId": "e",
        "StatementType": "DML",
        "ResultConfiguration": {},
        "Status": {"State": "QUEUED", "SubmissionDateTime": time.time()},
    }
    task = SimpleNamespace(id="e", output="s3://b/e", cancellation=Cancellation())
    found.start({"Execution": execution}, task)  # type: ignore[arg-type]
    found.wait("e", 30)
    stored = records.get("e")
    assert stored is not None
    status = stored["Execution"]["Status"]
    assert (status["State"], status["StateChangeReason"]) == ("FAILED", "Query timeout")


class Uploads:
    """Remembers what would be uploaded."""

    def __init__(self) -> None:
        self.uris: list[str] = []

    def put_file(self, uri: str, *_: Any) -> None:
        self.uris.append(uri)

    put = put_file


def test_a_result_that_would_fill_the_disk_is_refused_and_nothing_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "LARGEST_RESULT", 1000)
    uploads = Uploads()
    rest = {"text_sql": "SELECT CAST(range AS VARCHAR) AS c0 FROM range(1000000)", "cancellation": Cancellation()}
    column = OutputColumn("n", t.VARCHAR)
    with duckdb.connect() as connection, pytest.raises(QueryError, match="NOT_SUPPORTED: A result of more than"):
        results.write_csv(uploads, "s3://b/r.csv", [column], connection=connection, **rest)  # type: ignore[arg-type]
    assert uploads.uris == []
