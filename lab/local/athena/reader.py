"""From an analysed query to a locked database in which its tables stand ready."""

# ruff: noqa: S608 - SQL is what this module makes, of quoted names and literals
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lab.local.athena import footers, information_schema, partitions, scan
from lab.local.athena.database import Databases
from lab.local.athena.dynamodb import DynamoTable
from lab.local.athena.dynamodb_items import arrow_table
from lab.local.athena.footers import Footers
from lab.local.athena.glue_catalog import GlueTable, PartitionsOf
from lab.local.athena.information_schema import Description
from lab.local.athena.json_keys import JsonKeys
from lab.local.athena.objects import Objects, S3Object, split
from lab.local.athena.partitions import Partition
from lab.local.athena.query import Query, TableUse, Udf
from lab.local.athena.types import quoted

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from lab.local.athena.catalogs import Catalogs

FEW: Final = 8
"""Up to so many partitions are listed each by itself; more in one listing of the table."""


@dataclass
class _Needs:
    """What the database of a query must be given."""

    views: dict[str, str] = field(default_factory=dict)
    tables: dict[str, pa.Table] = field(default_factory=dict)
    files: set[Path] = field(default_factory=set)
    udfs: dict[str, Udf] = field(default_factory=dict)
    scanned: int = 0


@dataclass(frozen=True)
class Opened:
    """A database ready to run the query's SQL, and how many bytes it is going to read."""

    connection: duckdb.DuckDBPyConnection
    scanned: int


class Known:
    """What all queries share: databases, and what was learnt of files.

    Parameters: executor, lists folders side by side.
    """

    def __init__(self, databases: Databases, executor: Executor) -> None:
        self.databases = databases
        self.executor = executor
        self.footers = Footers(databases)
        self.keys = JsonKeys(databases)


class Reader:
    """Finds and opens the data of queries of one caller.

    Parameters: objects, the buckets; glue, makes the caller's client.
    """

    def __init__(self, objects: Objects, glue: Callable[[], Any], known: Known) -> None:
        self._objects = objects
        self._glue = glue
        self._databases = known.databases
        self._executor = known.executor
        self._footers = known.footers
        self._keys = known.keys

    @contextmanager
    def opened(self, query: Query, catalogs: Catalogs) -> Iterator[Opened]:
        """Prepare the query's tables. Raises: QueryError when the data cannot be read."""
        needs = _Needs(udfs={udf.name: udf for udf in query.udfs})
        for use in query.tables:
            self._add(use, query, catalogs, needs)
        udfs = list(needs.udfs.values())
        with self._databases.locked(sorted(needs.files), udfs, query.settings) as connection:
            for name, table in needs.tables.items():
                connection.register(f"items of {name}", table)
            for name, sql in needs.views.items():
                connection.execute(f"CREATE TEMP VIEW {quoted(name)} AS {sql}")
            yield Opened(connection, needs.scanned)

    def _add(self, use: TableUse, query: Query, catalogs: Catalogs, needs: _Needs) -> None:
        source = use.table.source
        if isinstance(source, DynamoTable):
            self._add_items(use, source, catalogs, needs)
        elif isinstance(source, PartitionsOf):
            rows = [found.values for found in partitions.registered(source.table, self._glue())]
            needs.views[use.relation] = partitions.relation(source.table.partition_columns, rows)
        elif isinstance(source, Description):
            needs.tables[use.relation] = information_schema.rows(source, self._glue(), use.partition_values)
            needs.views[use.relation] = f"SELECT * FROM {quoted(f'items of {use.relation}')}"
        elif isinstance(source, GlueTable):
            self._add_files(use, source, query, needs)
        else:
            raise TypeError(f"no data access for {type(source).__name__}")

    def _add_items(self, use: TableUse, source: DynamoTable, catalogs: Catalogs, needs: _Needs) -> None:
        wanted = [column for column in use.table.columns if column.name in set(use.columns)]
        table = arrow_table(catalogs.dynamodb.items(source), wanted, source.attributes)
        needs.tables[use.relation] = table
        columns = [
            f"CAST({quoted(column.name)} AS {column.type.storage}) AS {quoted(column.name)}" for column in wanted
        ]
        items = quoted(f"items of {use.relation}")
        needs.views[use.relation] = f"SELECT {', '.join(columns) or '1'} FROM {items}"
        needs.scanned += table.nbytes

    def _add_files(self, use: TableUse, table: GlueTable, query: Query, needs: _Needs) -> None:
        kept = partitions.kept(use, table, query, self._glue, self._databases)
        found = scan.pieces(kept, self._listed(table, kept))
        keys: set[str] = set()
        for piece in found:
            if piece.format.kind == "parquet":
                needs.scanned += self._checked_bytes(piece.objects, table, use.columns)
            else:
                needs.scanned += sum(s3_object.size for s3_object in piece.objects)
            if piece.format.kind == "json":
                keys |= self._keys.of(piece.objects, piece.format.skip)
        relation = scan.relation(table, use.columns, found, keys)
        needs.views[use.relation] = relation.sql
        needs.files.update(relation.files)
        needs.udfs.update({udf.name: udf for udf in relation.udfs})

    def _checked_bytes(self, objects: Sequence[S3Object], table: GlueTable, wanted: Iterable[str]) -> int:
        """The bytes of the wanted columns' chunks, once the files' types are known to fit the catalog's."""
        names = set(wanted)
        read = self._footers.of(objects)
        footers.check(objects, read, [column for column in table.data_columns if column.name in names])
        return sum(size for footer in read for column, size in footer.bytes.items() if column in names)

    def _listed(self, table: GlueTable, kept: Sequence[Partition]) -> list[tuple[Partition, S3Object]]:
        """The objects of each partition, in the order of the partitions."""
        if len(kept) <= FEW or not all(found.location.startswith(table.location) for found in kept):
            listings = self._executor.map(self._objects.data, [found.location for found in kept])
            return [(owner, found) for owner, listing in zip(kept, listings, strict=True) for found in listing]
        owners = {split(found.location)[1].rstrip("/"): found for found in kept}
        return [
            (owners[folder], found)
            for found in self._objects.data(table.location)
            for folder in _folders(found.key)
            if folder in owners
        ]


def _folders(key: str) -> Iterable[str]:
    """The folders that hold a key, the longest first."""
    while "/" in key:
        key = key.rpartition("/")[0]
        yield key
