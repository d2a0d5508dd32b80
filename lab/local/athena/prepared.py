"""Prepared statements: SQL with ``?`` under a name, run by EXECUTE.

Source: https://docs.aws.amazon.com/athena/latest/ug/querying-with-prepared-statements.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from lab.local.athena.records import Records
from lab.local.athena.requests import invalid, missing, page, required
from lab.local.edge import Call, Operation

_NAME: Final = re.compile(r"^[a-zA-Z_][a-zA-Z0-9_@:]{0,255}$")


class PreparedStatements:
    """The prepared statements of the account, each in a workgroup."""

    def __init__(self, records: Records, workgroup: Callable[[str], Any], now: Callable[[], float]) -> None:
        self._records = records
        self._workgroup = workgroup
        self._now = now

    def operations(self) -> dict[str, Operation]:
        """The operations on prepared statements."""
        return {
            "CreatePreparedStatement": self._create,
            "GetPreparedStatement": lambda call: {"PreparedStatement": self._get(*_names(call))},
            "BatchGetPreparedStatement": self._batch,
            "ListPreparedStatements": self._list,
            "UpdatePreparedStatement": self._update,
            "DeletePreparedStatement": self._delete,
        }

    def find(self, workgroup: str, name: str) -> str | None:
        """The text of a statement, or None."""
        found = self._records.get(f"{workgroup}/{name}")
        return found["QueryStatement"] if found else None

    def put(self, workgroup: str, name: str, statement: str, description: str = "") -> None:
        """Keep a statement; one of the same name is replaced. Raises: AwsError when the name is not possible."""
        if not _NAME.match(name):
            raise invalid(f"Invalid statement name {name}: it must match [a-zA-Z_][a-zA-Z0-9_@:]{{1,256}}")
        document = {
            "StatementName": name,
            "WorkGroupName": workgroup,
            "QueryStatement": statement,
            "Description": description,
            "LastModifiedTime": self._now(),
        }
        self._records.put(f"{workgroup}/{name}", document)

    def remove(self, workgroup: str, name: str) -> None:
        """Forget a statement."""
        self._records.delete(f"{workgroup}/{name}")

    def in_workgroup(self, workgroup: str) -> list[dict[str, Any]]:
        """The statements of a workgroup, by name."""
        found = [statement for statement in self._records.all() if statement["WorkGroupName"] == workgroup]
        return sorted(found, key=lambda statement: statement["StatementName"])

    def empty(self, workgroup: str) -> None:
        """Remove the statements of a workgroup."""
        for statement in self.in_workgroup(workgroup):
            self.remove(workgroup, statement["StatementName"])

    def _get(self, workgroup: str, name: str) -> dict[str, Any]:
        self._workgroup(workgroup)
        found = self._records.get(f"{workgroup}/{name}")
        if found is None:
            raise missing(f"PreparedStatement {name} was not found in workGroup {workgroup}", name)
        return found

    def _create(self, call: Call) -> dict[str, Any]:
        workgroup, name = _names(call)
        self._workgroup(workgroup)
        if self._records.get(f"{workgroup}/{name}") is not None:
            raise invalid(f"Prepared statement {name} already exists in workGroup {workgroup}")
        self.put(workgroup, name, required(call.payload, "QueryStatement"), call.payload.get("Description", ""))
        return {}

    def _update(self, call: Call) -> dict[str, Any]:
        workgroup, name = _names(call)
        known = self._get(workgroup, name)
        described = call.payload.get("Description", known["Description"])
        self.put(workgroup, name, required(call.payload, "QueryStatement"), described)
        return {}

    def _delete(self, call: Call) -> dict[str, Any]:
        workgroup, name = _names(call)
        self._get(workgroup, name)
        self.remove(workgroup, name)
        return {}

    def _list(self, call: Call) -> dict[str, Any]:
        workgroup = required(call.payload, "WorkGroup")
        self._workgroup(workgroup)
        shown, more = page(self.in_workgroup(workgroup), call.payload, 50)
        summaries = [{key: item[key] for key in ("StatementName", "LastModifiedTime")} for item in shown]
        return {"PreparedStatements": summaries, **more}

    def _batch(self, call: Call) -> dict[str, Any]:
        workgroup = required(call.payload, "WorkGroup")
        names = required(call.payload, "PreparedStatementNames")
        found = {name: self._records.get(f"{workgroup}/{name}") for name in names}
        unknown = [
            {"StatementName": name, "ErrorCode": "STATEMENT_NOT_FOUND", "ErrorMessage": "prepared statement not found"}
            for name, statement in found.items()
            if statement is None
        ]
        known = [statement for statement in found.values() if statement]
        return {"PreparedStatements": known, "UnprocessedPreparedStatementNames": unknown}


def _names(call: Call) -> tuple[str, str]:
    return required(call.payload, "WorkGroup"), required(call.payload, "StatementName")
