"""Which partitions a query reads: those that the catalog knows and whose values its predicate can accept."""

# ruff: noqa: S608 - SQL is what this module makes, of quoted names and literals
from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lab.local.athena import formats, projection
from lab.local.athena.database import Databases, literal
from lab.local.athena.formats import Format
from lab.local.athena.glue_catalog import GlueTable
from lab.local.athena.types import quoted

if TYPE_CHECKING:
    from lab.local.athena.catalog import Column
    from lab.local.athena.query import Query, TableUse

NULL: Final = "__HIVE_DEFAULT_PARTITION__"
_UNSAFE: Final = re.compile("[\x00-\x1f\x7f\"#%'*/:=?\\\\{\\[\\]^]")


@dataclass(frozen=True)
class Partition:
    """A folder of data. ``values`` are the catalog's texts; an unpartitioned table is one partition without values."""

    values: tuple[str, ...]
    location: str
    format: Format


def kept(
    use: TableUse, table: GlueTable, query: Query, glue: Callable[[], Any], databases: Databases
) -> list[Partition]:
    """The partitions that can hold rows of the query's result.

    Raises: QueryError when the values of an injected partition column are not given.
    """
    if not table.partition_columns:
        return [Partition((), table.location, table.format)]
    if projection.enabled(table):
        found = [
            Partition(values, location, table.format)
            for values, location in projection.partitions(table, use.partition_values)
        ]
    else:
        found = registered(table, glue())
    if use.partition_filter is None or not found:
        return found
    called = [udf for udf in query.udfs if udf.name in use.partition_filter]
    with databases.without_files(called) as connection:
        source = relation(table.partition_columns, [partition.values for partition in found])
        rows = connection.execute(f'SELECT "$index" FROM ({source}) WHERE {use.partition_filter}').fetchall()
    return [found[index] for (index,) in sorted(rows)]


def registered(table: GlueTable, glue: Any) -> list[Partition]:
    """The partitions in Glue, in the order of their values."""
    return sorted((_partition(table, document) for document in documents(table, glue)), key=lambda found: found.values)


def documents(table: GlueTable, glue: Any) -> Iterable[dict[str, Any]]:
    """Glue's descriptions of the partitions."""
    pages = glue.get_paginator("get_partitions").paginate(DatabaseName=table.database, TableName=table.name)
    for page in pages:
        yield from page["Partitions"]


def _partition(table: GlueTable, document: dict[str, Any]) -> Partition:
    descriptor = document.get("StorageDescriptor") or {}
    values = tuple(document["Values"])
    location = descriptor.get("Location") or f"{table.location.rstrip('/')}/{name(table, values)}"
    has_serde = (descriptor.get("SerdeInfo") or {}).get("SerializationLibrary")
    kind = formats.of(descriptor, table.parameters, table.name) if has_serde else table.format
    return Partition(values, location, kind)


def folder(keys: Sequence[str], values: Sequence[str]) -> str:
    """``year=2024/month=01/``, in which a sign that a path cannot hold is written ``%3A``, as Hive does; or nothing.

    Source: FileUtils.escapePathName of https://github.com/apache/hive
    """
    return "".join(f"{key}={_UNSAFE.sub(_escaped, value)}/" for key, value in zip(keys, values, strict=True))


def _escaped(match: re.Match[str]) -> str:
    return f"%{ord(match.group()):02X}"


def name(table: GlueTable, values: Sequence[str]) -> str:
    """``year=2024/month=01``."""
    return "/".join(f"{column.name}={value}" for column, value in zip(table.partition_columns, values, strict=True))


def relation(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> str:
    """SQL that yields the partitions' values, typed as the catalog says, each with its ``$index`` among the rows."""
    names = ", ".join(f"v{i}" for i in range(len(columns)))
    typed = ", ".join(
        f"CAST(v{i} AS {column.type.storage}) AS {quoted(column.name)}" for i, column in enumerate(columns)
    )
    if not rows:
        empty = ", ".join(f"CAST(NULL AS {column.type.storage}) AS {quoted(column.name)}" for column in columns)
        return f'SELECT 0 AS "$index", {empty} WHERE false'
    values = ", ".join(f"({i}, {', '.join(_value(text) for text in row)})" for i, row in enumerate(rows))
    return f'SELECT i AS "$index", {typed} FROM (VALUES {values}) AS t(i, {names})'


def _value(text: str) -> str:
    return "NULL" if text == NULL else literal(text)
