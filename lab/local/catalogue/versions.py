"""Versions of a table's definition: UpdateTable archives the one before, unless it is told not to.

Source: https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateTable.html and API_GetTableVersions.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final

from lab.local.catalogue.pages import page
from lab.local.edge import Call, Operation, Response
from lab.local.errors import AwsError

ARCHIVE: Final = "ArchivedVersions"
MOST: Final = 100
"""Versions kept of a table, and versions of a page."""


def shown(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table as its callers see it: without its archive, and without members that nobody gave."""
    return {name: value for name, value in table.items() if name != ARCHIVE and value not in ("", None)}


def archived(original: Callable[[dict[str, Any]], Response]) -> Callable[[dict[str, Any]], Response]:
    """Wrap UpdateTable: the definition before is kept."""

    @wraps(original)
    def update_table(data: dict[str, Any]) -> Response:
        from ministack.services import glue

        key = f"{data.get('DatabaseName')}/{data.get('TableInput', {}).get('Name')}"
        before = dict(glue._tables.get(key) or {})
        answer = original(data)
        if answer[0] == 200 and not data.get("SkipArchive"):
            glue._tables[key][ARCHIVE] = [*before.pop(ARCHIVE, []), before][-MOST:]
        return answer

    return update_table


def get_table_versions(call: Call) -> dict[str, Any]:
    """Return the versions of a table, the newest first. Raises: AwsError EntityNotFoundException."""
    found, more = page(_versions(call), call.payload, MOST)
    return {"TableVersions": found, **more}


def get_table_version(call: Call) -> dict[str, Any]:
    """Return one version of a table, the newest when none is named. Raises: AwsError EntityNotFoundException."""
    wanted = call.payload.get("VersionId")
    for version in _versions(call):
        if wanted in (None, version["VersionId"]):
            return {"TableVersion": version}
    raise AwsError("EntityNotFoundException", f"Version {wanted} of table {call.payload['TableName']} not found.")


def _versions(call: Call) -> list[dict[str, Any]]:
    from ministack.core.responses import request_scope
    from ministack.services import glue

    database, name = (str(call.payload[member]).lower() for member in ("DatabaseName", "TableName"))
    with request_scope(call.account, call.region):
        current = glue._tables.get(f"{database}/{name}")
    if current is None:
        raise AwsError("EntityNotFoundException", f"Table {name} not found.")
    tables = [current, *reversed(current.get(ARCHIVE, []))]
    return [{"Table": shown(table), "VersionId": table["VersionId"]} for table in tables]


OPERATIONS: Final[dict[str, Operation]] = {
    "GetTableVersion": get_table_version,
    "GetTableVersions": get_table_versions,
}
