"""Named queries: statements kept under a name in a workgroup.

Source: https://docs.aws.amazon.com/athena/latest/APIReference/API_NamedQuery.html
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from lab.local.athena.records import Records
from lab.local.athena.requests import invalid, page, required
from lab.local.edge import Call, Operation


class NamedQueries:
    """The named queries of the account.

    Parameters: workgroup, raises unless a workgroup of that name exists.
    """

    def __init__(self, records: Records, workgroup: Callable[[str], Any]) -> None:
        self._records = records
        self._workgroup = workgroup

    def operations(self) -> dict[str, Operation]:
        """The operations on named queries."""
        return {
            "CreateNamedQuery": self._create,
            "GetNamedQuery": lambda call: {"NamedQuery": self._get(required(call.payload, "NamedQueryId"))},
            "BatchGetNamedQuery": self._batch,
            "ListNamedQueries": self._list,
            "UpdateNamedQuery": self._update,
            "DeleteNamedQuery": self._delete,
        }

    def in_workgroup(self, name: str) -> list[str]:
        """The ids of a workgroup's named queries."""
        return [query["NamedQueryId"] for query in self._records.all() if query["WorkGroup"] == name]

    def empty(self, workgroup: str) -> None:
        """Remove the named queries of a workgroup."""
        for key in self.in_workgroup(workgroup):
            self._records.delete(key)

    def _get(self, key: str) -> dict[str, Any]:
        found = self._records.get(key)
        if found is None:
            raise invalid(f"Named query {key} does not exist")
        return found

    def _create(self, call: Call) -> dict[str, Any]:
        workgroup = call.payload.get("WorkGroup") or "primary"
        self._workgroup(workgroup)
        request_token = call.payload.get("ClientRequestToken")
        for query in self._records.all():
            if request_token and query.get("_token") == request_token:
                return {"NamedQueryId": query["NamedQueryId"]}
        key = str(uuid.uuid4())
        document = {name: required(call.payload, name) for name in ("Name", "Database", "QueryString")}
        document |= {"NamedQueryId": key, "WorkGroup": workgroup, "Description": call.payload.get("Description", "")}
        self._records.put(key, {**document, "_token": request_token})
        return {"NamedQueryId": key}

    def _batch(self, call: Call) -> dict[str, Any]:
        keys = required(call.payload, "NamedQueryIds")
        found = [self._records.get(key) for key in keys]
        unknown = [
            {"NamedQueryId": key, "ErrorCode": "INVALID_INPUT", "ErrorMessage": f"Named query {key} does not exist"}
            for key, query in zip(keys, found, strict=True)
            if query is None
        ]
        return {"NamedQueries": [query for query in found if query], "UnprocessedNamedQueryIds": unknown}

    def _list(self, call: Call) -> dict[str, Any]:
        shown, more = page(self.in_workgroup(call.payload.get("WorkGroup") or "primary"), call.payload, 50)
        return {"NamedQueryIds": list(shown), **more}

    def _update(self, call: Call) -> dict[str, Any]:
        query = self._get(required(call.payload, "NamedQueryId"))
        changed = {name: required(call.payload, name) for name in ("Name", "QueryString")}
        changed["Description"] = call.payload.get("Description", query["Description"])
        self._records.put(query["NamedQueryId"], {**query, **changed})
        return {}

    def _delete(self, call: Call) -> dict[str, Any]:
        key = required(call.payload, "NamedQueryId")
        self._get(key)
        self._records.delete(key)
        return {}
