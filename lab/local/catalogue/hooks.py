"""Where Glue's catalog joins MiniStack, which looks at neither expressions nor pages nor the table of a partition.

Source: https://docs.aws.amazon.com/glue/latest/webapi/API_Operations.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from lab.local.catalogue.expression import compiled
from lab.local.catalogue.pages import page
from lab.local.catalogue.versions import archived, shown
from lab.local.edge import Response, error_response
from lab.local.errors import AwsError
from lab.local.hook import Hook

_GLUE: Final = "ministack.services.glue"
NAMED: Final = ("DatabaseName", "Name", "TableName")
INPUTS: Final = ("DatabaseInput", "TableInput")
REPLACED: Final[dict[str, Any]] = {
    "Description": "",
    "Owner": "",
    "StorageDescriptor": {},
    "PartitionKeys": [],
    "Parameters": {},
    "ViewOriginalText": None,
    "ViewExpandedText": None,
}
"""What UpdateTable makes of a member that is not given: the new definition takes the place of the old one."""

Data = dict[str, Any]
Operation = Callable[[Data], Response]


def folded(original: Operation) -> Operation:
    """Wrap an operation on databases, tables or partitions: names are kept and found in lower case."""

    @wraps(original)
    def operation(data: Data) -> Response:
        asked = _lower(data) | {name: _lower(data[name]) for name in INPUTS if name in data}
        try:
            return original(asked)
        except AwsError as error:
            return error_response(error)

    return operation


def _lower(data: Data) -> Data:
    return {name: value.lower() if name in NAMED and isinstance(value, str) else value for name, value in data.items()}


def of_a_table(original: Operation) -> Operation:
    """Wrap what makes partitions: their table is there and has as many keys as each has values."""

    @wraps(original)
    def operation(data: Data) -> Response:
        keys = _table(data).get("PartitionKeys") or []
        inputs = data.get("PartitionInputList") or [data.get("PartitionInput") or {}]
        if any(len(one.get("Values") or []) != len(keys) for one in inputs):
            raise AwsError(
                "InvalidInputException",
                "The number of partition keys do not match the number of partition values",
            )
        return original(data)

    return operation


def chosen(original: Operation) -> Operation:
    """Wrap GetPartitions: the table is there, the expression counts, and so does the segment."""

    @wraps(original)
    def get_partitions(data: Data) -> Response:
        keys = _table(data).get("PartitionKeys") or []
        status, headers, body = original(data)
        answer = json.loads(body)
        found = answer["Partitions"]
        if data.get("Expression"):
            names = [key["Name"].lower() for key in keys]
            test = compiled(data["Expression"], {key["Name"].lower(): key.get("Type", "string") for key in keys})
            found = [one for one in found if test(dict(zip(names, one["Values"], strict=True)))]
        segment = data.get("Segment")
        if segment:
            found = found[segment["SegmentNumber"] :: segment["TotalSegments"]]
        return status, headers, json.dumps({**answer, "Partitions": found}).encode()

    return get_partitions


def of_a_database(original: Operation) -> Operation:
    """Wrap GetTables: the database is there."""

    @wraps(original)
    def get_tables(data: Data) -> Response:
        from ministack.services import glue

        if data.get("DatabaseName") not in glue._databases:
            raise AwsError("EntityNotFoundException", f"Database {data.get('DatabaseName')} not found.")
        return original(data)

    return get_tables


def replaced(original: Operation) -> Operation:
    """Wrap UpdateTable: what is not given is gone."""
    return wraps(original)(lambda data: original({**data, "TableInput": REPLACED | data.get("TableInput", {})}))


def as_given(original: Operation) -> Operation:
    """Wrap GetTable and GetTables: what nobody gave is not shown."""

    @wraps(original)
    def operation(data: Data) -> Response:
        status, headers, body = original(data)
        answer = json.loads(body)
        for member, found in answer.items() if status == 200 else ():
            answer[member] = shown(found) if member == "Table" else [shown(table) for table in found]
        return status, headers, json.dumps(answer).encode()

    return operation


def in_pages(member: str, most: int) -> Callable[[Operation], Operation]:
    """Return what wraps a list. Parameters: member, its name in the answer; most, entries of a page."""

    def wrap(original: Operation) -> Operation:
        @wraps(original)
        def operation(data: Data) -> Response:
            status, headers, body = original(data)
            if status != 200:
                return status, headers, body
            answer = json.loads(body)
            found, more = page(answer[member], data, most)
            return status, headers, json.dumps({**answer, member: found, **more}).encode()

        return operation

    return wrap


def _table(data: Data) -> Data:
    """Return the table of a request. Raises: AwsError EntityNotFoundException."""
    from ministack.services import glue

    found = glue._tables.get(f"{data.get('DatabaseName')}/{data.get('TableName')}")
    if found is None:
        raise AwsError("EntityNotFoundException", f"Table {data.get('TableName')} not found.")
    return dict(found)


_PAGES: Final = (
    ("_get_databases", "DatabaseList", 100),
    ("_get_tables", "TableList", 100),
    ("_get_partitions", "Partitions", 1000),
    ("_get_jobs", "Jobs", 1000),
)
_FOLDED: Final = (
    *("create_database", "get_database", "get_databases", "update_database", "delete_database", "create_table"),
    *("get_table", "get_tables", "update_table", "delete_table", "batch_delete_table", "create_partition"),
    *("batch_create_partition", "get_partition", "get_partitions", "batch_get_partition", "batch_update_partition"),
    *("delete_partition", "get_jobs"),
)
HOOKS: Final = (
    Hook(_GLUE, "_create_partition", ("data",), "partitions of a table", of_a_table),
    Hook(_GLUE, "_batch_create_partition", ("data",), "partitions of a table", of_a_table),
    Hook(_GLUE, "_get_partitions", ("data",), "partitions by an expression", chosen),
    Hook(_GLUE, "_get_tables", ("data",), "tables of a database", of_a_database),
    Hook(_GLUE, "_update_table", ("data",), "a table's new definition", replaced),
    Hook(_GLUE, "_update_table", ("data",), "a table's definition before", archived),
    Hook(_GLUE, "_get_table", ("data",), "a table as its callers see it", as_given),
    Hook(_GLUE, "_get_tables", ("data",), "tables as their callers see them", as_given),
    *(Hook(_GLUE, name, ("data",), "lists in pages", in_pages(member, most)) for name, member, most in _PAGES),
    *(Hook(_GLUE, f"_{name}", ("data",), "names in lower case", folded) for name in _FOLDED),
    Hook(_GLUE, "_databases", None, "the databases there are"),
    Hook(_GLUE, "_tables", None, "the tables there are"),
)
