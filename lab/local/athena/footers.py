"""What the footers of Parquet files say: the columns' types and how many bytes each column's chunks take.

An engine reads the chunks of the columns that a query names; their sum is the honest figure of bytes scanned.
"""

# ruff: noqa: S608 - SQL is what this module makes, of quoted names and literals
from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lab.local.athena import types as t
from lab.local.athena.database import Databases, literal
from lab.local.athena.errors import QueryError
from lab.local.athena.hive_type import hive_type
from lab.local.athena.objects import S3Object

if TYPE_CHECKING:
    import duckdb

    from lab.local.athena.catalog import Column

MOST: Final = 20_000
_COMPATIBLE: Final[dict[t.Type, frozenset[str]]] = {
    t.BOOLEAN: frozenset({"BOOLEAN"}),
    t.TINYINT: frozenset({"INT32"}),
    t.SMALLINT: frozenset({"INT32"}),
    t.INTEGER: frozenset({"INT32"}),
    t.BIGINT: frozenset({"INT32", "INT64"}),
    t.REAL: frozenset({"FLOAT"}),
    t.DOUBLE: frozenset({"FLOAT", "DOUBLE"}),
    t.DATE: frozenset({"INT32"}),
    t.VARBINARY: frozenset({"BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY"}),
}
_TEXT: Final = frozenset({"BYTE_ARRAY"})
_MOMENT: Final = frozenset({"INT96", "INT64"})
_DECIMAL: Final = frozenset({"INT32", "INT64", "BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY"})


@dataclass(frozen=True)
class Footer:
    """Of one file: bytes by top-level column (lower case), and the physical type of each column that is not nested."""

    bytes: dict[str, int]
    physical: dict[str, str]


class Footers:
    """Reads footers once per version of a file."""

    def __init__(self, databases: Databases) -> None:
        self._databases = databases
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[Path, str, int], Footer] = OrderedDict()

    def of(self, objects: Sequence[S3Object]) -> list[Footer]:
        """The footers of the objects, in order. Raises: QueryError HIVE_BAD_DATA for a file that is not Parquet."""
        with self._lock:
            new = [found for found in objects if _key(found) not in self._known]
        if new:
            with self._databases.locked([found.file for found in new]) as connection:
                read = _read(new, connection)
            with self._lock:
                self._known.update(read)
        with self._lock:
            footers = [self._known[_key(found)] for found in objects]
            while len(self._known) > MOST:
                self._known.popitem(last=False)
        return footers


def check(objects: Sequence[S3Object], footers: Sequence[Footer], columns: Sequence[Column]) -> None:
    """Refuse a file whose column is not of the catalog's type, as Athena does, instead of converting it.

    Raises: QueryError HIVE_BAD_DATA.
    """
    for found, footer in zip(objects, footers, strict=True):
        for column in columns:
            physical = footer.physical.get(column.name)
            if physical is not None and physical not in _accepted(column.type, physical):
                raise QueryError(
                    "HIVE_BAD_DATA",
                    f"Field {column.name}'s type {physical} in parquet file {found.uri} is incompatible with type "
                    f"{hive_type(column.type)} defined in table schema",
                )


def _accepted(kind: t.Type, physical: str) -> frozenset[str]:
    if t.is_text(kind):
        return _TEXT
    if isinstance(kind, t.Timestamp):
        return _MOMENT
    if isinstance(kind, t.Decimal):
        return _DECIMAL
    return _COMPATIBLE.get(kind, frozenset({physical}))


def _key(found: S3Object) -> tuple[Path, str, int]:
    return found.file, found.etag, found.size


def _read(objects: Sequence[S3Object], connection: duckdb.DuckDBPyConnection) -> dict[tuple[Path, str, int], Footer]:
    import duckdb

    files = ", ".join(literal(str(found.file)) for found in objects)
    sizes: dict[str, dict[str, int]] = {}
    physical: dict[str, dict[str, str]] = {}
    try:
        chunks = connection.execute(
            "SELECT file_name, lower(split_part(path_in_schema, ', ', 1)), sum(total_compressed_size), "
            f"any_value(type), bool_or(contains(path_in_schema, ', ')) FROM parquet_metadata([{files}]) GROUP BY 1, 2"
        ).fetchall()
    except duckdb.Error as error:
        raise QueryError("HIVE_BAD_DATA", f"Not valid Parquet file: {_culprit(objects, str(error))}") from error
    for file, column, size, kind, nested in chunks:
        sizes.setdefault(file, {})[column] = int(size)
        if not nested:
            physical.setdefault(file, {})[column] = kind
    return {_key(found): Footer(sizes.get(str(found.file), {}), physical.get(str(found.file), {})) for found in objects}


def _culprit(objects: Sequence[S3Object], message: str) -> str:
    """The object that a message speaks of, by its S3 name and not by its file."""
    named = (found.uri for found in objects if str(found.file) in message)
    return next(named, objects[0].uri)
