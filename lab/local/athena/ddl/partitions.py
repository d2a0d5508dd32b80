"""Partitions added, dropped, moved, and found in the data by MSCK REPAIR TABLE."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote

from lab.local.athena.ddl import ast
from lab.local.athena.ddl.databases import failed
from lab.local.athena.ddl.tables import describe
from lab.local.athena.objects import Objects

AT_ONCE: Final = 100
"""Glue takes so many partitions in one request."""
_OPERATORS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
    "<>": operator.ne,
    "!=": operator.ne,
}
_NUMBERS: Final = ("tinyint", "smallint", "int", "integer", "bigint", "double", "float")


def add(statement: ast.AddPartitions, database: str, glue: Any) -> None:
    """ALTER TABLE … ADD PARTITION. Raises: QueryError when one is there already."""
    table = describe(statement.name.name, database, glue)
    wanted = {}
    for spec in statement.partitions:
        values = _values(table, spec)
        wanted[values] = spec.location or _default_location(table, values)
    known = {tuple(found["Values"]) for found in _all(table, glue)}
    there = [values for values in wanted if values in known]
    if there and not statement.lenient:
        raise failed(f"AlreadyExistsException(message:Partition already exists. values: {list(there[0])})")
    register(table, {values: place for values, place in wanted.items() if values not in known}, glue)


def register(table: Mapping[str, Any], wanted: Mapping[tuple[str, ...], str], glue: Any) -> None:
    """Make partitions in Glue. Parameters: wanted, location by values."""
    inputs = [
        {"Values": list(values), "StorageDescriptor": {**table["StorageDescriptor"], "Location": location}}
        for values, location in wanted.items()
    ]
    for start in range(0, len(inputs), AT_ONCE):
        answer = glue.batch_create_partition(
            DatabaseName=table["DatabaseName"],
            TableName=table["Name"],
            PartitionInputList=inputs[start : start + AT_ONCE],
        )
        # Somebody else may have registered the same partition meanwhile: it is there, as wanted.
        errors = [entry["ErrorDetail"] for entry in answer.get("Errors", [])]
        for error in errors:
            if error["ErrorCode"] != "AlreadyExistsException":
                raise failed(f"{error['ErrorCode']}(message:{error.get('ErrorMessage', '')})")


def drop(statement: ast.DropPartitions, database: str, glue: Any) -> None:
    """ALTER TABLE … DROP PARTITION. Raises: QueryError when none fits and IF EXISTS was not said."""
    table = describe(statement.name.name, database, glue)
    keys = [column["Name"] for column in table.get("PartitionKeys") or []]
    for conditions in statement.partitions:
        _check_columns(table, (condition.column for condition in conditions))
        fitting = [
            found["Values"]
            for found in _all(table, glue)
            if all(_holds(table, condition, found["Values"][keys.index(condition.column)]) for condition in conditions)
        ]
        if not fitting and not statement.lenient:
            text = ", ".join(f"{entry.column}{entry.operator}{entry.value}" for entry in conditions)
            raise failed(f"Partition not found ({text})")
        for values in fitting:
            glue.delete_partition(DatabaseName=database, TableName=table["Name"], PartitionValues=values)


def rename(statement: ast.RenamePartition, database: str, glue: Any) -> None:
    """ALTER TABLE … PARTITION … RENAME TO PARTITION …: the data stays where it is."""
    table = describe(statement.name.name, database, glue)
    old = _known(table, _values(table, statement.old), glue)
    register(table, {_values(table, statement.new): old["StorageDescriptor"]["Location"]}, glue)
    glue.delete_partition(DatabaseName=database, TableName=table["Name"], PartitionValues=old["Values"])


def set_location(statement: ast.SetLocation, spec: ast.PartitionSpec, database: str, glue: Any) -> None:
    """ALTER TABLE … PARTITION … SET LOCATION."""
    table = describe(statement.name.name, database, glue)
    found = _known(table, _values(table, spec), glue)
    changed = {
        "Values": found["Values"],
        "StorageDescriptor": {**found["StorageDescriptor"], "Location": statement.location},
        "Parameters": found.get("Parameters") or {},
    }
    glue.delete_partition(DatabaseName=database, TableName=table["Name"], PartitionValues=found["Values"])
    glue.create_partition(DatabaseName=database, TableName=table["Name"], PartitionInput=changed)


def repair(statement: ast.RepairTable, database: str, glue: Any, objects: Objects) -> list[str]:
    """MSCK REPAIR TABLE: register each folder ``key=value/…`` that is not known yet.

    Returns: the messages.
    """
    table = describe(statement.name.name, database, glue)
    keys = [column["Name"] for column in table.get("PartitionKeys") or []]
    if not keys:
        return []
    known = {tuple(found["Values"]) for found in _all(table, glue)}
    location = table["StorageDescriptor"]["Location"].rstrip("/") + "/"
    found = dict(_folders(objects, location, keys))
    new = {values: place for values, place in found.items() if values not in known}
    register(table, new, glue)
    paths = {values: "/".join(f"{key}={value}" for key, value in zip(keys, values, strict=True)) for values in new}
    if not paths:
        return []
    names = "\t".join(f"{table['Name']}:{path}" for path in paths.values())
    added = [f"Repair: Added partition to metastore {table['Name']}:{path}" for path in paths.values()]
    return [f"Partitions not in metastore:\t{names}", *added]


def _folders(
    objects: Objects, location: str, keys: Sequence[str], before: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Values and location of each folder as deep as the table has partition columns."""
    if not keys:
        yield before, location
        return
    for folder in objects.folders(location):
        name, equals, value = folder.partition("=")
        if equals and name.lower() == keys[0]:
            yield from _folders(objects, f"{location}{folder}/", keys[1:], (*before, unquote(value)))


def _all(table: Mapping[str, Any], glue: Any) -> list[dict[str, Any]]:
    pages = glue.get_paginator("get_partitions").paginate(DatabaseName=table["DatabaseName"], TableName=table["Name"])
    return [found for page in pages for found in page["Partitions"]]


def _known(table: Mapping[str, Any], values: tuple[str, ...], glue: Any) -> dict[str, Any]:
    for found in _all(table, glue):
        if tuple(found["Values"]) == values:
            return found
    raise failed(f"Partition not found {list(values)}")


def _values(table: Mapping[str, Any], spec: ast.PartitionSpec) -> tuple[str, ...]:
    """The values of a complete specification, in the order of the table's partition columns. Raises: QueryError."""
    given = dict(spec.values)
    _check_columns(table, given)
    keys = [column["Name"] for column in table.get("PartitionKeys") or []]
    missing = [key for key in keys if key not in given]
    if missing:
        raise failed(f"partition spec {given} doesn't contain all ({len(keys)}) partition columns")
    return tuple(given[key] for key in keys)


def _check_columns(table: Mapping[str, Any], names: Iterable[str]) -> None:
    keys = [column["Name"] for column in table.get("PartitionKeys") or []]
    for name in names:
        if name not in keys:
            raise failed(f"Column {name} is not a partition column of {table['DatabaseName']}.{table['Name']}")


def _holds(table: Mapping[str, Any], condition: ast.Comparison, value: str) -> bool:
    kind = next(column["Type"] for column in table["PartitionKeys"] if column["Name"] == condition.column)
    if kind.partition("(")[0] in _NUMBERS:
        return _OPERATORS[condition.operator](float(value), float(condition.value))
    return _OPERATORS[condition.operator](value, condition.value)


def _default_location(table: Mapping[str, Any], values: tuple[str, ...]) -> str:
    keys = [column["Name"] for column in table["PartitionKeys"]]
    path = "/".join(f"{key}={value}" for key, value in zip(keys, values, strict=True))
    return f"{table['StorageDescriptor']['Location'].rstrip('/')}/{path}/"
