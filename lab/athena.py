"""Ask Athena: run a statement in a workgroup, wait for it, return rows with types and what it cost."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from lab import target
from lab.errors import LabError

if TYPE_CHECKING:
    import pandas

FIRST_POLL_SECONDS: Final = 0.05
LONGEST_POLL_SECONDS: Final = 1.0
LONGEST_SECONDS: Final = 600.0
NO_TABLE: Final = "A table is there once a crawler has run: `lab run 14` (level 1) or `lab run 22` (the lake)."
_WHOLE: Final = ("tinyint", "smallint", "integer", "int", "bigint")
_REAL: Final = ("double", "float", "real", "decimal")


@dataclass(frozen=True)
class Result:
    """Rows of a statement. types: Athena's type by column; bytes_scanned: what Athena charges for."""

    query_id: str
    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    bytes_scanned: int
    milliseconds: int

    @property
    def value(self) -> Any:
        """The only value of a result of one row and one column."""
        ((value,),) = self.rows
        return value

    def frame(self) -> pandas.DataFrame:
        """Return the rows as a data frame."""
        import pandas

        return pandas.DataFrame(self.rows, columns=list(self.columns))


def query(sql: str, workgroup: str, database: str | None = None, catalog: str | None = None) -> Result:
    """Run one statement and return its rows.

    Parameters: workgroup, which also says where results go; database and catalog, the context of unqualified names.
    Raises: LabError with Athena's own reason when the statement fails, or takes longer than ten minutes.
    Source: https://docs.aws.amazon.com/athena/latest/APIReference/API_StartQueryExecution.html
    """
    client = target.client("athena")
    context = {name: value for name, value in (("Database", database), ("Catalog", catalog)) if value}
    extra: dict[str, Any] = {"QueryExecutionContext": context} if context else {}
    try:
        query_id = client.start_query_execution(QueryString=sql, WorkGroup=workgroup, **extra)["QueryExecutionId"]
    except ClientError as error:
        raise LabError(f"Athena: {error.response['Error']['Message']}", "Check workgroup and statement.") from error
    execution = _finished(client, query_id)
    columns, types, rows = _rows(client, query_id)
    statistics = execution.get("Statistics", {})
    scanned, spent = statistics.get("DataScannedInBytes", 0), statistics.get("EngineExecutionTimeInMillis", 0)
    return Result(query_id, columns, types, rows, scanned, spent)


def _finished(client: Any, query_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + LONGEST_SECONDS
    pause = FIRST_POLL_SECONDS
    while time.monotonic() < deadline:
        execution: dict[str, Any] = client.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
        status = execution["Status"]
        if status["State"] == "SUCCEEDED":
            return execution
        if status["State"] in ("FAILED", "CANCELLED"):
            reason = status.get("StateChangeReason", "no reason given")
            remedy = f"{NO_TABLE} " if reason.startswith("TABLE_NOT_FOUND") else ""
            raise LabError(f"Athena: {reason}", f"{remedy}Query {query_id}.")
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_POLL_SECONDS)
    client.stop_query_execution(QueryExecutionId=query_id)
    raise LabError(
        f"Athena query {query_id} took longer than {LONGEST_SECONDS:.0f} s and was stopped.", "Ask for less."
    )


def _rows(client: Any, query_id: str) -> tuple[tuple[str, ...], tuple[str, ...], list[tuple[Any, ...]]]:
    columns: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    rows: list[tuple[Any, ...]] = []
    for number, page in enumerate(client.get_paginator("get_query_results").paginate(QueryExecutionId=query_id)):
        described = page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
        columns = tuple(column["Name"] for column in described)
        types = tuple(column["Type"] for column in described)
        data = [tuple(cell.get("VarCharValue") for cell in row["Data"]) for row in page["ResultSet"]["Rows"]]
        if number == 0 and data and data[0] == columns:  # SELECT's first row repeats the names, DDL's does not
            data = data[1:]
        rows += [tuple(_typed(text, kind) for text, kind in zip(row, types, strict=True)) for row in data]
    return columns, types, rows


def _typed(text: str | None, kind: str) -> Any:
    if text is None:
        return None
    if kind in _WHOLE:
        return int(text)
    if re.match("|".join(_REAL), kind):
        return float(text)
    if kind == "boolean":
        return text == "true"
    return text
