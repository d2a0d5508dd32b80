"""GetQueryResults: the result object of an execution, page by page.

Source: https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryResults.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lab.local.athena import results
from lab.local.athena.caller import Caller
from lab.local.athena.objects import Objects
from lab.local.athena.requests import invalid, offset, page_size, token
from lab.local.athena.runs import LIVE
from lab.local.edge import Call


class ResultPages:
    """Gives out results. Parameters: objects, of the service itself; callers, tells who sent a request."""

    def __init__(self, objects: Objects, callers: Callable[[Mapping[str, str]], Caller]) -> None:
        self._objects = objects
        self._callers = callers

    def answer(self, call: Call, record: dict[str, Any]) -> dict[str, Any]:
        """The page that a request asks for. Raises: AwsError."""
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
