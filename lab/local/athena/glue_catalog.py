"""AwsDataCatalog: databases, tables and partitions of AWS Glue as queries see them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lab.local.athena import formats, types, views
from lab.local.athena.catalog import Column, Table, View
from lab.local.athena.errors import QueryError, not_supported
from lab.local.athena.formats import Format
from lab.local.athena.type_text import from_hive

PARTITIONS: Final = "$partitions"
DEFAULT: Final = "default"
HIDDEN: Final = (
    Column("$path", types.VARCHAR, hidden=True),
    Column("$file_size", types.BIGINT, hidden=True),
    Column("$file_modified_time", types.ZONED, hidden=True),
)


@dataclass(frozen=True)
class GlueTable:
    """What data access needs of a table. ``document`` is Glue's own description."""

    document: Mapping[str, Any]
    data_columns: tuple[Column, ...]
    partition_columns: tuple[Column, ...]
    format: Format

    @property
    def database(self) -> str:
        """The database's name as Glue has it."""
        return str(self.document["DatabaseName"])

    @property
    def name(self) -> str:
        """The table's name as Glue has it."""
        return str(self.document["Name"])

    @property
    def location(self) -> str:
        """Where the data lies."""
        return str(self.document["StorageDescriptor"]["Location"])

    @property
    def parameters(self) -> Mapping[str, str]:
        """The table's properties."""
        return self.document.get("Parameters") or {}


@dataclass(frozen=True)
class PartitionsOf:
    """The source of ``table$partitions``."""

    table: GlueTable


class GlueCatalog:
    """Reads Glue for one query; each table is asked for once.

    Parameters: glue, makes a client.
    """

    def __init__(self, glue: Callable[[], Any]) -> None:
        self._glue = glue
        self._documents: dict[tuple[str, str], dict[str, Any] | None] = {}

    def document(self, database: str, name: str) -> dict[str, Any] | None:
        """Glue's description of a table or view, or None."""
        key = database, name
        if key not in self._documents:
            self._documents[key] = self._find(database, name)
        return self._documents[key]

    def _find(self, database: str, name: str) -> dict[str, Any] | None:
        glue = self._glue()
        try:
            return dict(glue.get_table(DatabaseName=database, Name=name)["Table"])
        except glue.exceptions.EntityNotFoundException:
            return None

    def has_database(self, database: str) -> bool:
        """Whether the database exists; Athena always offers ``default``."""
        glue = self._glue()
        try:
            glue.get_database(Name=database)
        except glue.exceptions.EntityNotFoundException:
            return database == DEFAULT
        return True

    def table(self, database: str, name: str) -> Table | None:
        """The table, its ``$partitions``, or None. Raises: QueryError when Athena cannot read it."""
        base = name.removesuffix(PARTITIONS)
        document = self.document(database, base)
        if document is None or document.get("TableType") == "VIRTUAL_VIEW":
            return None
        source = glue_table(document)
        if base != name:
            columns = source.partition_columns
            return Table("awsdatacatalog", database, name, columns, (), PartitionsOf(source)) if columns else None
        return Table(
            "awsdatacatalog",
            database,
            name,
            (*source.data_columns, *source.partition_columns, *HIDDEN),
            tuple(column.name for column in source.partition_columns),
            source,
        )

    def view(self, database: str, name: str) -> View | None:
        """The view, or None. Raises: QueryError when its text cannot be read."""
        document = self.document(database, name)
        if document is None or document.get("TableType") != "VIRTUAL_VIEW":
            return None
        return views.decode(document)


def glue_table(document: Mapping[str, Any]) -> GlueTable:
    """Read Glue's description. Raises: QueryError for a type, SerDe or table kind that this engine does not read."""
    name = f"{document['DatabaseName']}.{document['Name']}"
    parameters = document.get("Parameters") or {}
    if parameters.get("table_type", "").upper() == "ICEBERG":
        raise not_supported(f"The Iceberg table {name}")
    descriptor = document.get("StorageDescriptor") or {}
    format_ = formats.of(descriptor, parameters, name)
    if not descriptor.get("Location"):
        raise QueryError("HIVE_UNKNOWN_ERROR", f"Table {name} has no location")
    return GlueTable(
        document,
        _columns(descriptor.get("Columns") or [], name),
        _columns(document.get("PartitionKeys") or [], name),
        format_,
    )


def _columns(documents: list[Mapping[str, str]], table: str) -> tuple[Column, ...]:
    found = []
    for document in documents:
        try:
            kind = from_hive(document.get("Type") or "string")
        except ValueError as error:
            raise QueryError(
                "HIVE_INVALID_METADATA",
                f"Glue table '{table}' column '{document['Name']}' has invalid data type: {error}",
            ) from error
        found.append(Column(document["Name"].lower(), kind))
    return tuple(found)
