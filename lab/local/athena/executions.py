"""Query executions: started, looked at, stopped, their results read.

Source: https://docs.aws.amazon.com/athena/latest/APIReference/API_QueryExecution.html
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from typing import Any, Final

from lab.local.athena import failure, results, reuse
from lab.local.athena.caller import Caller
from lab.local.athena.catalog import Context
from lab.local.athena.catalogs import GLUE, Catalogs
from lab.local.athena.classify import Statement, classify
from lab.local.athena.engine import Engine, check, check_location
from lab.local.athena.errors import QueryError, SyntaxProblem
from lab.local.athena.objects import Objects
from lab.local.athena.records import Records
from lab.local.athena.requests import invalid, offset, page, page_size, required, token
from lab.local.athena.task import Cancellation, Cancelled, Outcome, Task
from lab.local.athena.workgroups import ENGINE, PRIMARY, WorkGroups
from lab.local.edge import Call, Operation

LONGEST_STATEMENT: Final = 262_144
TIMEOUT_SECONDS: Final = 1800
PATIENCE_SECONDS: Final = 0.25
"""How long GetQueryExecution waits for the end of a running query. AWS needs about as long to answer; clients poll
every second, so that an answer in time saves them one."""
WAITERS: Final = 2
LIVE: Final = ("QUEUED", "RUNNING")


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
        self._engine = engine
        self._objects = objects
        self._callers = callers
        self._catalogs = catalogs
        self._executor = executor
        self._now = now
        self._live: dict[str, Cancellation] = {}
        self._ends: dict[str, threading.Event] = {}
        self._waiters = threading.Semaphore(WAITERS)
        for record in records.all():
            if record["Execution"]["Status"]["State"] in LIVE:
                self._finish(record, "FAILED", failure.athena_error(_interrupted()), str(_interrupted()))

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

    # Starting

    def _start(self, call: Call) -> dict[str, Any]:
        text = required(call.payload, "QueryString")
        request_token = call.payload.get("ClientRequestToken")
        known = next((r for r in self._records.all() if request_token and r.get("Token") == request_token), None)
        if known is not None:
            return {"QueryExecutionId": known["Execution"]["QueryExecutionId"]}
        group = self._workgroups.enabled(call.payload.get("WorkGroup") or PRIMARY)
        statement = _statement(text, call.payload.get("ExecutionParameters") or ())
        if group["Configuration"]["EnforceWorkGroupConfiguration"]:
            check_location(statement)
        caller = self._callers(call.headers)
        record = self._record(call, group, statement, text)
        record["Token"] = request_token
        execution = record["Execution"]
        key = execution["QueryExecutionId"]
        reused = reuse.find(record, self._records.all(), self._objects, self._now())
        if reused is not None:
            self._records.put(key, reuse.copy(record, reused, self._now()))
            return {"QueryExecutionId": key}
        self._records.put(key, record)
        self._live[key] = Cancellation()
        self._ends[key] = threading.Event()
        self._executor.submit(self._run, record, self._task(call, caller, group, statement, record))
        return {"QueryExecutionId": key}

    def _record(self, call: Call, group: dict[str, Any], statement: Statement, text: str) -> dict[str, Any]:
        configuration = group["Configuration"]
        wanted = call.payload.get("ResultConfiguration") or {}
        set_up = configuration["ResultConfiguration"]
        settings = set_up if configuration["EnforceWorkGroupConfiguration"] else {**set_up, **wanted}
        location = settings.get("OutputLocation")
        if not location:
            raise invalid(
                "No output location provided. An output location is required either through the Workgroup result "
                "configuration setting or as an API input."
            )
        if not location.startswith("s3://"):
            raise invalid(f"outputLocation is not a valid S3 path: {location}")
        execution = {
            "QueryExecutionId": str(uuid.uuid4()),
            "Query": text,
            "StatementType": statement.statement_type,
            "SubstatementType": statement.substatement_type,
            "ResultConfiguration": {**settings, "OutputLocation": location},
            "ResultReuseConfiguration": call.payload.get("ResultReuseConfiguration")
            or {"ResultReuseByAgeConfiguration": {"Enabled": False}},
            "QueryExecutionContext": call.payload.get("QueryExecutionContext") or {},
            "Status": {"State": "QUEUED", "SubmissionDateTime": self._now()},
            "Statistics": {},
            "WorkGroup": group["Name"],
            "EngineVersion": ENGINE,
        }
        if call.payload.get("ExecutionParameters"):
            execution["ExecutionParameters"] = call.payload["ExecutionParameters"]
        return {"Execution": execution, "Columns": [], "Written": None}

    def _task(
        self, call: Call, caller: Caller, group: dict[str, Any], statement: Statement, record: dict[str, Any]
    ) -> Task:
        execution = record["Execution"]
        context = execution["QueryExecutionContext"]
        folder = execution["ResultConfiguration"]["OutputLocation"]
        configuration = group["Configuration"]
        cutoff = configuration.get("BytesScannedCutoffPerQuery")
        return Task(
            id=execution["QueryExecutionId"],
            statement=statement,
            context=Context(
                (context.get("Catalog") or GLUE).lower(), _unquoted(context.get("Database") or "default"), call.account
            ),
            caller=caller,
            catalogs=self._catalogs(caller),
            parameters=tuple(call.payload.get("ExecutionParameters") or ()),
            folder=folder if folder.endswith("/") else f"{folder}/",
            workgroup=group["Name"],
            enforced=bool(configuration["EnforceWorkGroupConfiguration"]),
            cutoff=int(cutoff) if cutoff else None,
            cancellation=self._live[execution["QueryExecutionId"]],
        )

    # Running

    def _run(self, record: dict[str, Any], task: Task) -> None:
        """Answer the statement and store what came of it; every way ends in a final state."""
        execution = record["Execution"]
        began = time.monotonic()
        queued = _millis(self._now() - execution["Status"]["SubmissionDateTime"])
        execution["Statistics"] = {"QueryQueueTimeInMillis": queued}
        execution["Status"] = {**execution["Status"], "State": "RUNNING"}
        self._records.put(task.id, record)
        timer = threading.Timer(TIMEOUT_SECONDS, task.cancellation.cancel, ["Query timeout"])
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
        if isinstance(error, Cancelled):
            self._finish(record, "CANCELLED", None, str(error))
            return
        known = failure.query_error(error)
        self._finish(record, "FAILED", failure.athena_error(known), str(known))

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

    # Looking

    def _of(self, call: Call) -> dict[str, Any]:
        key = required(call.payload, "QueryExecutionId")
        found = self._records.get(key)
        if found is None:
            raise invalid(f"QueryExecution {key} was not found")
        return found

    def _get(self, call: Call) -> dict[str, Any]:
        record = self._of(call)
        end = self._ends.get(record["Execution"]["QueryExecutionId"])
        if end is not None and self._waiters.acquire(blocking=False):
            try:
                end.wait(PATIENCE_SECONDS)
            finally:
                self._waiters.release()
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
        record = self._of(call)
        cancellation = self._live.get(record["Execution"]["QueryExecutionId"])
        if cancellation is not None:
            cancellation.cancel("Query cancelled by user")
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

    # Results

    def _results(self, call: Call) -> dict[str, Any]:
        record = self._of(call)
        execution = record["Execution"]
        _check_finished(execution)
        size = page_size(call.payload, 1000)
        location = execution["ResultConfiguration"]["OutputLocation"]
        if record["Columns"] and record["Written"] is None:
            self._callers(call.headers).require("s3:GetObject", f"arn:aws:s3:::{location.removeprefix('s3://')}")
        start = offset(call.payload)
        rows, following = self._page(record, location, start, size)
        answer: dict[str, Any] = {
            "ResultSet": {
                "Rows": [{"Data": [_datum(cell) for cell in row]} for row in rows],
                "ResultSetMetadata": {"ColumnInfo": [_column(column) for column in record["Columns"]]},
            }
        }
        if record["Written"] is not None:
            answer["UpdateCount"] = record["Written"]
        elif execution["StatementType"] == "DML":
            answer["UpdateCount"] = 0
        if following is not None:
            answer["NextToken"] = token(following)
        return answer

    def _page(
        self, record: dict[str, Any], location: str, start: int, size: int
    ) -> tuple[list[list[str | None]], int | None]:
        if record["Written"] is not None or not record["Columns"]:
            return [], None
        try:
            return results.read_page(self._objects, location, start, size)
        except FileNotFoundError:
            raise invalid(f"Could not find results: {location} does not exist any more") from None


def _statement(text: str, parameters: Sequence[str]) -> Statement:
    if len(text.encode()) > LONGEST_STATEMENT:
        raise invalid(f"The query is longer than {LONGEST_STATEMENT} bytes", "QUERY_STRING_TOO_LONG")
    try:
        statement = classify(text)
        check(statement, parameters)
    except SyntaxProblem as problem:
        raise invalid(str(problem), "MALFORMED_QUERY") from problem
    return statement


def _unquoted(name: str) -> str:
    """awswrangler sends the database of some statements in backticks."""
    return name.strip('`"').lower()


def _interrupted() -> QueryError:
    return QueryError("GENERIC_INTERNAL_ERROR", "The service ended while the query ran", None, 1)


def _check_finished(execution: dict[str, Any]) -> None:
    state = execution["Status"]["State"]
    if state in LIVE:
        raise invalid(f"Query has not yet finished. Current state: {state}")
    if state != "SUCCEEDED":
        raise invalid(f"Query did not finish successfully. Final query state: {state}")


def _datum(cell: str | None) -> dict[str, str]:
    return {} if cell is None else {"VarCharValue": cell}


def _column(column: dict[str, Any]) -> dict[str, Any]:
    kind, precision, scale = column["info"]
    return {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": column["name"],
        "Label": column["name"],
        "Type": kind,
        "Precision": precision,
        "Scale": scale,
        "Nullable": "UNKNOWN",
        "CaseSensitive": kind in ("varchar", "char", "string"),
    }


def _millis(seconds: float) -> int:
    return max(0, round(seconds * 1000))
