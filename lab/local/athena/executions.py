"""Query executions: started, looked at, stopped, their results read.

Source: https://docs.aws.amazon.com/athena/latest/APIReference/API_QueryExecution.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from typing import Any, Final

from lab.local.athena import reuse
from lab.local.athena.caller import Caller
from lab.local.athena.catalogs import Catalogs
from lab.local.athena.engine import Engine
from lab.local.athena.objects import Objects
from lab.local.athena.records import Records
from lab.local.athena.requests import invalid, page, required
from lab.local.athena.result_pages import ResultPages
from lab.local.athena.runs import Runs
from lab.local.athena.submission import Submission
from lab.local.athena.task import Cancellation
from lab.local.athena.workgroups import PRIMARY, WorkGroups
from lab.local.edge import Call, Operation

PATIENCE_SECONDS: Final = 0.25
"""How long GetQueryExecution waits for the end of a running query. AWS needs about as long to answer; clients poll
every second, so that an answer in time saves them one."""


class Executions:
    """The executions of the account.

    Parameters: objects, of the service itself; callers, tells who sent a request; catalogs, makes the catalogs of one
    query; executor, runs queries; now, Unix seconds.
    """

    def __init__(
        self,
        records: Records,
        workgroups: WorkGroups,
        engine: Engine,
        objects: Objects,
        *,
        callers: Callable[[Mapping[str, str]], Caller],
        catalogs: Callable[[Caller], Catalogs],
        executor: Executor,
        now: Callable[[], float],
    ) -> None:
        self._records = records
        self._workgroups = workgroups
        self._objects = objects
        self._callers = callers
        self._catalogs = catalogs
        self._now = now
        self._runs = Runs(records, engine, executor, now)
        self._pages = ResultPages(objects, callers)

    def operations(self) -> dict[str, Operation]:
        """The operations on query executions."""
        return {
            "StartQueryExecution": self._start,
            "GetQueryExecution": self._get,
            "BatchGetQueryExecution": self._batch,
            "ListQueryExecutions": self._list,
            "StopQueryExecution": self._stop,
            "GetQueryResults": self._results,
            "GetQueryRuntimeStatistics": self._runtime,
        }

    def in_workgroup(self, name: str) -> list[str]:
        """The ids of a workgroup's executions, newest first."""
        found = [record["Execution"] for record in self._records.all()]
        return [execution["QueryExecutionId"] for execution in reversed(found) if execution["WorkGroup"] == name]

    def empty(self, workgroup: str) -> None:
        """Forget the executions of a workgroup."""
        for key in self.in_workgroup(workgroup):
            self._records.delete(key)

    def _start(self, call: Call) -> dict[str, Any]:
        request_token = call.payload.get("ClientRequestToken")
        known = next((r for r in self._records.all() if request_token and r.get("Token") == request_token), None)
        if known is not None:
            return {"QueryExecutionId": known["Execution"]["QueryExecutionId"]}
        submission = Submission.of(call, self._workgroups.enabled(call.payload.get("WorkGroup") or PRIMARY))
        caller = self._callers(call.headers)
        record = submission.record(self._now())
        key = record["Execution"]["QueryExecutionId"]
        reused = reuse.find(record, self._records.all(), self._objects, self._now())
        if reused is not None:
            self._records.put(key, reuse.copy(record, reused, self._now()))
        else:
            task = submission.task(record["Execution"], caller, self._catalogs(caller), Cancellation())
            self._runs.start(record, task)
        return {"QueryExecutionId": key}

    def _of(self, call: Call) -> dict[str, Any]:
        key = required(call.payload, "QueryExecutionId")
        found = self._records.get(key)
        if found is None:
            raise invalid(f"QueryExecution {key} was not found")
        return found

    def _get(self, call: Call) -> dict[str, Any]:
        record = self._of(call)
        self._runs.wait(record["Execution"]["QueryExecutionId"], PATIENCE_SECONDS)
        return {"QueryExecution": record["Execution"]}

    def _batch(self, call: Call) -> dict[str, Any]:
        keys = required(call.payload, "QueryExecutionIds")
        found = {key: self._records.get(key) for key in keys}
        unknown = [
            {
                "QueryExecutionId": key,
                "ErrorCode": "INVALID_INPUT",
                "ErrorMessage": f"QueryExecution {key} was not found",
            }
            for key, record in found.items()
            if record is None
        ]
        known = [record["Execution"] for record in found.values() if record]
        return {"QueryExecutions": known, "UnprocessedQueryExecutionIds": unknown}

    def _list(self, call: Call) -> dict[str, Any]:
        name = call.payload.get("WorkGroup") or PRIMARY
        self._workgroups.get(name)
        shown, more = page(self.in_workgroup(name), call.payload, 50)
        return {"QueryExecutionIds": list(shown), **more}

    def _stop(self, call: Call) -> dict[str, Any]:
        self._runs.cancel(self._of(call)["Execution"]["QueryExecutionId"])
        return {}

    def _runtime(self, call: Call) -> dict[str, Any]:
        statistics = self._of(call)["Execution"]["Statistics"]
        times = {key: value for key, value in statistics.items() if key.endswith("Millis")}
        return {
            "QueryRuntimeStatistics": {
                "Timeline": times,
                "Rows": {"InputBytes": statistics.get("DataScannedInBytes", 0)},
            }
        }

    def _results(self, call: Call) -> dict[str, Any]:
        return self._pages.answer(call, self._of(call))
