"""``information_schema`` of AwsDataCatalog: what Glue describes, as tables.

Source: https://docs.aws.amazon.com/athena/latest/ug/querying-glue-catalog.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lab.local.athena import types
from lab.local.athena.catalog import Column, Table
from lab.local.athena.type_text import from_hive

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA: Final = "information_schema"
_CATALOG: Final = "awsdatacatalog"
_COLUMNS: Final = {
    "schemata": ("catalog_name", "schema_name"),
    "tables": ("table_catalog", "table_schema", "table_name", "table_type"),
    "columns": (
        "table_catalog",
        "table_schema",
        "table_name",
        "column_name",
        "ordinal_position",
        "column_default",
        "is_nullable",
        "data_type",
    ),
}
# Glue is asked for the schemas alone that a query's conditions name.
_SCHEMA_COLUMN: Final = {"schemata": "schema_name", "tables": "table_schema", "columns": "table_schema"}


@dataclass(frozen=True)
class Description:
    """The source of a table of the schema, by its name."""

    name: str


def table(name: str) -> Table | None:
    """The table of that name, or None."""
    names = _COLUMNS.get(name)
    if names is None:
        return None
    columns = tuple(Column(one, types.BIGINT if one == "ordinal_position" else types.VARCHAR) for one in names)
    return Table(_CATALOG, SCHEMA, name, columns, (_SCHEMA_COLUMN[name],), Description(name))


def rows(source: Description, glue: Any, values: Mapping[str, Iterable[Any]]) -> pa.Table:
    """What Glue has, as Arrow. Parameters: glue, a client; values, what conditions on columns leave."""
    import pyarrow as pa

    wanted = values.get(_SCHEMA_COLUMN[source.name])
    schemas = [name for name in _schemas(glue) if wanted is None or name in set(wanted)]
    found = list(_ROWS[source.name](glue, schemas))
    kinds = {"ordinal_position": pa.int64()}
    names = _COLUMNS[source.name]
    columns = [pa.array([row[i] for row in found], kinds.get(name, pa.string())) for i, name in enumerate(names)]
    return pa.table(columns, names=list(names))


def _schemas(glue: Any) -> list[str]:
    pages = glue.get_paginator("get_databases").paginate()
    found = {database["Name"] for page in pages for database in page["DatabaseList"]}
    return sorted(found | {"default", SCHEMA})


def _tables(glue: Any, schemas: Iterable[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Glue's tables with their schemas; ``default`` need not exist in Glue."""
    for schema in schemas:
        if schema == SCHEMA:
            continue
        try:
            for page in glue.get_paginator("get_tables").paginate(DatabaseName=schema):
                yield from ((schema, document) for document in page["TableList"])
        except glue.exceptions.EntityNotFoundException:
            continue


def _described(glue: Any, schemas: Iterable[str]) -> Iterator[tuple[Any, ...]]:
    for schema, document in _tables(glue, schemas):
        kind = "VIEW" if document.get("TableType") == "VIRTUAL_VIEW" else "BASE TABLE"
        yield _CATALOG, schema, document["Name"], kind
    if SCHEMA in schemas:
        yield from ((_CATALOG, SCHEMA, name, "BASE TABLE") for name in _COLUMNS)


def _columns(glue: Any, schemas: Iterable[str]) -> Iterator[tuple[Any, ...]]:
    for schema, document in _tables(glue, schemas):
        descriptor = document.get("StorageDescriptor") or {}
        columns = [*(descriptor.get("Columns") or []), *(document.get("PartitionKeys") or [])]
        for position, column in enumerate(columns, 1):
            described = column["Name"].lower(), position, None, "YES", _type(column.get("Type") or "string")
            yield _CATALOG, schema, document["Name"], *described
    if SCHEMA in schemas:
        for name, names in _COLUMNS.items():
            for position, column_name in enumerate(names, 1):
                kind = "bigint" if column_name == "ordinal_position" else "varchar"
                yield _CATALOG, SCHEMA, name, column_name, position, None, "YES", kind


def _type(text: str) -> str:
    try:
        return from_hive(text).name
    except ValueError:  # a type that no query can read is told as it is written
        return text


_ROWS: Final[Mapping[str, Callable[[Any, list[str]], Iterator[tuple[Any, ...]]]]] = {
    "schemata": lambda _, schemas: ((_CATALOG, schema) for schema in schemas),
    "tables": _described,
    "columns": _columns,
}
