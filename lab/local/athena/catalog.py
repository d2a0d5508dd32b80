"""What the analyser asks of a catalogue. Data access implements it; the analyser knows nothing of Glue or DynamoDB."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from lab.local.athena.types import Type


@dataclass(frozen=True)
class Column:
    """A column of a table. Names are lower case. ``hidden``: selectable by name, absent from ``*`` (``$path``)."""

    name: str
    type: Type
    hidden: bool = False


@dataclass(frozen=True)
class Table:
    """A table as queries see it: ``columns`` in order, the partition columns (also in ``columns``) last.

    ``source`` is the catalogue's own object, carried through to whoever reads the data; the analyser never looks at it.
    """

    catalog: str
    database: str
    name: str
    columns: tuple[Column, ...]
    partition_keys: tuple[str, ...] = ()
    source: object = field(default=None, compare=False)


@dataclass(frozen=True)
class View:
    """A stored query; its unqualified names are read in its own context."""

    sql: str
    columns: tuple[Column, ...]
    catalog: str
    database: str


@dataclass(frozen=True)
class Context:
    """Where unqualified names are looked up (QueryExecutionContext) and when and by whom the query runs."""

    catalog: str = "awsdatacatalog"
    database: str = "default"
    user: str = "lab"


class Catalog(Protocol):
    """Names to tables and views. Arguments are lower case; None = not there."""

    def table(self, catalog: str, database: str, name: str) -> Table | None:
        """The table (also ``name$partitions``), or None. May raise QueryError (a table that Athena cannot read)."""

    def view(self, catalog: str, database: str, name: str) -> View | None:
        """The view, or None."""

    def has_catalog(self, catalog: str) -> bool:
        """Whether the catalog exists, for CATALOG_NOT_FOUND."""

    def has_database(self, catalog: str, database: str) -> bool:
        """Whether the schema exists, for SCHEMA_NOT_FOUND."""


class EmptyCatalog:
    """A catalogue with nothing in it, for statements that read no table."""

    def table(self, catalog: str, database: str, name: str) -> Table | None:  # noqa: ARG002, D102
        return None

    def view(self, catalog: str, database: str, name: str) -> View | None:  # noqa: ARG002, D102
        return None

    def has_catalog(self, catalog: str) -> bool:  # noqa: ARG002, D102
        return True

    def has_database(self, catalog: str, database: str) -> bool:  # noqa: ARG002, D102
        return True
