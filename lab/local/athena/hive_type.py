"""Types as Hive and Glue write them."""

from __future__ import annotations

from typing import Final

from lab.local.athena import types as t

_HIVE: Final = {t.INTEGER: "int", t.REAL: "float", t.VARBINARY: "binary", t.JSON: "string", t.UUID: "string"}


def hive_type(kind: t.Type) -> str:
    """The type as Glue and Hive write it, such as ``array<struct<a:int>>``.

    Raises: QueryError when Hive has no such type (Athena refuses a CTAS with one).
    """
    if kind in _HIVE:
        return _HIVE[kind]
    if isinstance(kind, t.Varchar):
        return "string" if kind.length is None else f"varchar({kind.length})"
    if isinstance(kind, t.Timestamp):
        return "timestamp"
    if isinstance(kind, t.ZonedTimestamp):
        return "timestamp with time zone"
    if isinstance(kind, t.Array):
        return f"array<{hive_type(kind.element)}>"
    if isinstance(kind, t.Map):
        return f"map<{hive_type(kind.key)},{hive_type(kind.value)}>"
    if isinstance(kind, t.Row):
        fields = (f"{key}:{hive_type(part)}" for key, (_, part) in zip(kind.keys, kind.fields, strict=True))
        return f"struct<{','.join(fields)}>"
    return kind.name
