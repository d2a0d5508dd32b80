"""Operations of Glue's catalog that MiniStack does not have: many partitions removed at once, tables found by a text.

Source: https://docs.aws.amazon.com/glue/latest/webapi/API_BatchDeletePartition.html and API_SearchTables.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from lab.local.catalogue import versions
from lab.local.catalogue.pages import page
from lab.local.edge import Call, Operation
from lab.local.errors import AwsError
from lab.local.hook import Hook

MOST_PARTITIONS: Final = 25
MOST_TABLES: Final = 1000
UNSERVED: Final = ("Filters", "SortCriteria", "ResourceShareType", "IncludeStatusDetails")
_GLUE: Final = "ministack.services.glue"


def batch_delete_partition(call: Call) -> dict[str, Any]:
    """Remove partitions; one that is not there is told among the errors.

    Raises: AwsError EntityNotFoundException without the table, ValidationException for more than 25.
    """
    from ministack.core.responses import request_scope
    from ministack.services import glue

    place = {name: str(call.payload[name]).lower() for name in ("DatabaseName", "TableName")}
    key = f"{place['DatabaseName']}/{place['TableName']}"
    asked = [list(one["Values"]) for one in call.payload["PartitionsToDelete"]]
    if len(asked) > MOST_PARTITIONS:
        raise AwsError("ValidationException", f"PartitionsToDelete must have at most {MOST_PARTITIONS} members.")
    errors = []
    with request_scope(call.account, call.region):
        if key not in glue._tables:
            raise AwsError("EntityNotFoundException", f"Table {place['TableName']} not found.")
        for values in asked:
            if any(one.get("Values") == values for one in glue._partitions.get(key, [])):
                glue._delete_partition({**place, "PartitionValues": values})
            else:
                detail = {"ErrorCode": "EntityNotFoundException", "ErrorMessage": "Partition not found."}
                errors.append({"PartitionValues": values, "ErrorDetail": detail})
    return {"Errors": errors}


def search_tables(call: Call) -> dict[str, Any]:
    """Return the tables that a text is found in, in the order of their names; without a text, all of them.

    It is looked for, in any case of letters, in names, descriptions, owners, columns and parameters of a table and in
    the name of its database; between double quotes, it has to be one of them.
    Raises: AwsError InvalidInputException that names what is not served.
    """
    from ministack.core.responses import request_scope
    from ministack.services import glue

    unserved = [name for name in UNSERVED if call.payload.get(name)]
    if unserved:
        raise AwsError("InvalidInputException", f"{', '.join(unserved)} of SearchTables is not served by this AWS.")
    wanted = str(call.payload.get("SearchText") or "").lower()
    with request_scope(call.account, call.region):
        found = [versions.shown(table) for key, table in sorted(glue._tables.items()) if _matches(table, wanted)]
    tables, more = page(found, call.payload, MOST_TABLES)
    return {"TableList": tables, **more}


def _matches(table: Mapping[str, Any], wanted: str) -> bool:
    texts = [text.lower() for text in _texts(table)]
    if len(wanted) > 1 and wanted[0] == wanted[-1] == '"':
        return wanted[1:-1] in texts
    return not wanted or any(wanted in text for text in texts)


def _texts(table: Mapping[str, Any]) -> Iterator[str]:
    for name in ("Name", "DatabaseName", "Description", "Owner"):
        yield str(table.get(name) or "")
    columns = (table.get("StorageDescriptor") or {}).get("Columns") or []
    for column in (*columns, *(table.get("PartitionKeys") or [])):
        yield str(column.get("Name") or "")
        yield str(column.get("Comment") or "")
    for item in (table.get("Parameters") or {}).items():
        yield from map(str, item)


OPERATIONS: Final[dict[str, Operation]] = {
    "BatchDeletePartition": batch_delete_partition,
    "SearchTables": search_tables,
    **versions.OPERATIONS,
}
HOOKS: Final = (
    Hook(_GLUE, "_delete_partition", ("data",), "removing a partition"),
    Hook(_GLUE, "_partitions", None, "the partitions there are"),
)
