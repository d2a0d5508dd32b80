"""Which columns a table in files can have.

Source: https://github.com/trinodb/trino/blob/master/plugin/trino-hive/src/main/java/io/trino/plugin/hive/util/HiveTypeTranslator.java
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lab.local.athena import types as t
from lab.local.athena.catalog import Column
from lab.local.athena.dml.encoding import Encoding
from lab.local.athena.errors import QueryError, not_supported

_FOREIGN: Final = (t.JSON, t.UUID, t.YEAR_MONTH, t.DAY_SECOND, t.UNKNOWN)
_KEYS: Final = (t.BOOLEAN, t.DATE, *t.INTEGERS)
PRECISION: Final = 3


def check(columns: Sequence[Column], keys: int, encoding: Encoding) -> None:
    """Refuse columns that cannot be stored.

    Parameters: keys, how many of the columns, the last ones, are partition columns. Raises: QueryError.
    """
    if not len(columns) > keys:
        raise QueryError("INVALID_TABLE_PROPERTY", "line 1:1: Table contains only partition columns")
    for column in columns:
        _check(column, column.type)
        if encoding.kind == "json" and _holds_bytes(column.type):
            raise not_supported(f"Writing the column {column.name} of type {column.type} as JSON")
        if encoding.kind == "text" and isinstance(column.type, t.Array | t.Map | t.Row):
            raise not_supported(f"Writing the column {column.name} of type {column.type} as text")
    for column in columns[len(columns) - keys :]:
        kind = column.type
        if not (kind in _KEYS or t.is_text(kind) or isinstance(kind, t.Decimal | t.Timestamp)):
            raise not_supported(f"Partitioning by the column {column.name} of type {kind}")


def _check(column: Column, kind: t.Type) -> None:
    if kind in _FOREIGN or isinstance(kind, t.Time | t.ZonedTimestamp):
        raise QueryError("NOT_SUPPORTED", f"Unsupported Hive type: {kind}")
    if isinstance(kind, t.Timestamp) and kind.precision > PRECISION:
        raise QueryError(
            "NOT_SUPPORTED",
            f"Incorrect timestamp precision for {kind}; the configured precision is MILLISECONDS; "
            f"column name: {column.name}",
        )
    for part in _parts(kind):
        _check(column, part)


def _holds_bytes(kind: t.Type) -> bool:
    # Readers of JSON differ: some take the text for base64, some for the bytes themselves.
    return kind == t.VARBINARY or any(_holds_bytes(part) for part in _parts(kind))


def _parts(kind: t.Type) -> Sequence[t.Type]:
    if isinstance(kind, t.Array):
        return [kind.element]
    if isinstance(kind, t.Map):
        return [kind.key, kind.value]
    if isinstance(kind, t.Row):
        if any(name is None for name, _ in kind.fields):
            raise QueryError(
                "NOT_SUPPORTED", f"Anonymous row type is not supported in Hive. Please give each field a name: {kind}"
            )
        return [part for _, part in kind.fields]
    return []
