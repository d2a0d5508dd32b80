"""Executions on their way: every one that is started ends in a final state, whatever happens.

Source: https://docs.aws.amazon.com/athena/latest/APIReference/API_QueryExecutionStatus.html
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, Final

from lab.local.athena import failure
from lab.local.athena.engine import Engine
from lab.local.athena.errors import SYSTEM
from lab.local.athena.records import Records
from lab.local.athena.task import Cancellation, Cancelled, Outcome, Task, TimedOut

TIMEOUT_SECONDS: Final = 1800
"""A query that runs longer FAILs with ``Query timeout``, as on AWS: https://github.com/dbt-labs/dbt-adapters/issues/1813"""
WAITERS: Final = 2
LIVE: Final = ("QUEUED", "RUNNING")
INTERRUPTED: Final = "GENERIC_INTERNAL_ERROR: The service ended while the query ran"


class Runs:
    """Runs tasks and writes into their records what came of them.

    Parameters: executor, runs queries; now, Unix seconds. What a process that was killed left running is ended at once.
    """

    def __init__(self, records: Records, engine: Engine, executor: Executor, now: Callable[[], float]) -> None:
        self._records = records
        self._engine = engine
        self._executor = executor
        self._now = now
        self._live: dict[str, Cancellation] = {}
        self._ends: dict[str, threading.Event] = {}
        self._waiters = threading.Semaphore(WAITERS)
        for record in records.all():
            if record["Execution"]["Status"]["State"] in LIVE:
                self._finish(record, "FAILED", failure.athena_error(INTERRUPTED, SYSTEM), INTERRUPTED)

    def start(self, record: dict[str, Any], task: Task) -> None:
        """Answer the task in the background."""
        self._records.put(task.id, record)
        self._live[task.id] = task.cancellation
        self._ends[task.id] = threading.Event()
        self._executor.submit(self._run, record, task)

    def cancel(self, key: str) -> None:
        """Stop an execution; one that has ended stays as it is."""
        cancellation = self._live.get(key)
        if cancellation is not None:
            cancellation.cancel(Cancelled("Query cancelled by user"))

    def wait(self, key: str, seconds: float) -> None:
        """Give a running execution so long to end, unless others are waiting already."""
        end = self._ends.get(key)
        if end is not None and self._waiters.acquire(blocking=False):
            try:
                end.wait(seconds)
            finally:
                self._waiters.release()

    def _run(self, record: dict[str, Any], task: Task) -> None:
        """Answer the statement and store what came of it; every way ends in a final state."""
        execution = record["Execution"]
        began = time.monotonic()
        queued = _millis(self._now() - execution["Status"]["SubmissionDateTime"])
        execution["Statistics"] = {"QueryQueueTimeInMillis": queued}
        execution["Status"] = {**execution["Status"], "State": "RUNNING"}
        self._records.put(task.id, record)
        timer = threading.Timer(TIMEOUT_SECONDS, task.cancellation.cancel, [TimedOut("Query timeout")])
        timer.daemon = True
        timer.start()
        try:
            outcome = self._engine.run(task)
        except BaseException as error:
            self._failed(record, task, error, began)
        else:
            self._succeeded(record, outcome, began)
        finally:
            timer.cancel()
            task.cancellation.end()
            self._live.pop(task.id, None)
            self._ends.pop(task.id).set()

    def _succeeded(self, record: dict[str, Any], outcome: Outcome, began: float) -> None:
        execution = record["Execution"]
        execution["ResultConfiguration"] = {
            **execution["ResultConfiguration"],
            "OutputLocation": outcome.location,
        }
        record["Columns"] = [
            {"name": column.name, "info": list(column.type.info), "type": column.type.name}
            for column in outcome.columns
        ]
        record["Written"] = outcome.written
        self._count(execution, began, outcome.scanned)
        if outcome.manifest:
            execution["Statistics"]["DataManifestLocation"] = outcome.manifest
        self._finish(record, "SUCCEEDED")

    def _failed(self, record: dict[str, Any], task: Task, error: BaseException, began: float) -> None:
        self._count(record["Execution"], began, error.scanned if isinstance(error, Cancelled) else 0)
        suffix = "csv" if record["Execution"]["StatementType"] == "DML" else "txt"
        results_ = record["Execution"]["ResultConfiguration"]
        record["Execution"]["ResultConfiguration"] = {**results_, "OutputLocation": f"{task.output}.{suffix}"}
        try:
            task.cancellation.check()
        except Cancelled as cancelled:
            error = cancelled
        if isinstance(error, TimedOut):
            self._finish(record, "FAILED", failure.athena_error(str(error)), str(error))
            return
        if isinstance(error, Cancelled):
            self._finish(record, "CANCELLED", None, str(error))
            return
        known = failure.query_error(error)
        self._finish(record, "FAILED", failure.athena_error(str(known), known.category), str(known))

    @staticmethod
    def _count(execution: dict[str, Any], began: float, scanned: int) -> None:
        spent = _millis(time.monotonic() - began)
        queued = execution["Statistics"].get("QueryQueueTimeInMillis", 0)
        execution["Statistics"] = {
            **execution["Statistics"],
            "EngineExecutionTimeInMillis": spent,
            "DataScannedInBytes": scanned,
            "TotalExecutionTimeInMillis": spent + queued,
            "ServicePreProcessingTimeInMillis": 0,
            "QueryPlanningTimeInMillis": 0,
            "ServiceProcessingTimeInMillis": 0,
            "ResultReuseInformation": {"ReusedPreviousResult": False},
        }

    def _finish(
        self, record: dict[str, Any], state: str, error: dict[str, Any] | None = None, reason: str | None = None
    ) -> None:
        execution = record["Execution"]
        status = {**execution["Status"], "State": state, "CompletionDateTime": self._now()}
        if reason:
            status["StateChangeReason"] = reason
        if error:
            status["AthenaError"] = error
        execution["Status"] = status
        self._records.put(execution["QueryExecutionId"], record)


def _millis(seconds: float) -> int:
    return max(0, round(seconds * 1000))
