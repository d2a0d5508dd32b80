"""What StartQueryExecution asks for: checked, as the record of an execution and the task that answers it.

Source: https://docs.aws.amazon.com/athena/latest/APIReference/API_StartQueryExecution.html
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from lab.local.athena.caller import Caller
from lab.local.athena.catalog import Context
from lab.local.athena.catalogs import GLUE, Catalogs
from lab.local.athena.classify import Statement, classify
from lab.local.athena.engine import check, check_location
from lab.local.athena.errors import SyntaxProblem
from lab.local.athena.requests import invalid, required
from lab.local.athena.task import Cancellation, Task
from lab.local.athena.workgroups import ENGINE
from lab.local.edge import Call

LONGEST_STATEMENT: Final = 262_144


@dataclass(frozen=True)
class Submission:
    """A request to answer a statement in a workgroup."""

    call: Call
    group: dict[str, Any]
    statement: Statement

    @classmethod
    def of(cls, call: Call, group: dict[str, Any]) -> Submission:
        """The request, if it is one. Raises: AwsError InvalidRequestException."""
        statement = _statement(required(call.payload, "QueryString"), call.payload.get("ExecutionParameters") or ())
        if group["Configuration"]["EnforceWorkGroupConfiguration"]:
            check_location(statement)
        return cls(call, group, statement)

    def record(self, now: float) -> dict[str, Any]:
        """What is kept of a new execution. Raises: AwsError when nothing says where its result goes."""
        configuration = self.group["Configuration"]
        wanted = self.call.payload.get("ResultConfiguration") or {}
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
            "Query": self.call.payload["QueryString"],
            "StatementType": self.statement.statement_type,
            "SubstatementType": self.statement.substatement_type,
            "ResultConfiguration": {**settings, "OutputLocation": location},
            "ResultReuseConfiguration": self.call.payload.get("ResultReuseConfiguration")
            or {"ResultReuseByAgeConfiguration": {"Enabled": False}},
            "QueryExecutionContext": self.call.payload.get("QueryExecutionContext") or {},
            "Status": {"State": "QUEUED", "SubmissionDateTime": now},
            "Statistics": {},
            "WorkGroup": self.group["Name"],
            "EngineVersion": ENGINE,
        }
        if self.call.payload.get("ExecutionParameters"):
            execution["ExecutionParameters"] = self.call.payload["ExecutionParameters"]
        token = self.call.payload.get("ClientRequestToken")
        return {"Execution": execution, "Columns": [], "Written": None, "Token": token}

    def task(self, execution: dict[str, Any], caller: Caller, catalogs: Catalogs, cancellation: Cancellation) -> Task:
        """What the engine is given to answer the execution."""
        context = execution["QueryExecutionContext"]
        folder = execution["ResultConfiguration"]["OutputLocation"]
        configuration = self.group["Configuration"]
        cutoff = configuration.get("BytesScannedCutoffPerQuery")
        return Task(
            id=execution["QueryExecutionId"],
            statement=self.statement,
            context=Context(
                (context.get("Catalog") or GLUE).lower(),
                _unquoted(context.get("Database") or "default"),
                self.call.account,
            ),
            caller=caller,
            catalogs=catalogs,
            parameters=tuple(self.call.payload.get("ExecutionParameters") or ()),
            folder=folder if folder.endswith("/") else f"{folder}/",
            workgroup=self.group["Name"],
            enforced=bool(configuration["EnforceWorkGroupConfiguration"]),
            cutoff=int(cutoff) if cutoff else None,
            cancellation=cancellation,
        )


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
