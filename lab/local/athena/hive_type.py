"""Types as Hive and Glue write them."""

from __future__ import annotations

from typing import Final

from lab.local.athena import types as t

_HIVE: Final[dict[t.Type, str]] = {
    t.INTEGER: "int",
    t.REAL: "float",
    t.VARBINARY: "binary",
    t.JSON: "string",
    t.UUID: "string",
}


def hive_type(kind: t.Type) -> str:
    """The type as Glue and Hive write it, such as ``array<struct<a:int>>``. A type that Hive has not keeps its name."""
    if isinstance(kind, t.Array | t.Map | t.Row):
        return _nested(kind)
    if isinstance(kind, t.Varchar):
        return "string" if kind.length is None else f"varchar({kind.length})"
    if isinstance(kind, t.Timestamp | t.ZonedTimestamp):
        return "timestamp" if isinstance(kind, t.Timestamp) else "timestamp with time zone"
    return _HIVE.get(kind, kind.name)


def _nested(kind: t.Array | t.Map | t.Row) -> str:
    if isinstance(kind, t.Array):
        return f"array<{hive_type(kind.element)}>"
    if isinstance(kind, t.Map):
        return f"map<{hive_type(kind.key)},{hive_type(kind.value)}>"
    fields = (f"{key}:{hive_type(part)}" for key, (_, part) in zip(kind.keys, kind.fields, strict=True))
    return f"struct<{','.join(fields)}>"
