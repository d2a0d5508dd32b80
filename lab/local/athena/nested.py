"""Comparing rows, arrays and maps: unknown where a NULL inside decides, which DuckDB takes for a value.

Source: https://trino.io/docs/current/functions/comparison.html; ``ArrayType``, ``RowType`` and ``MapType`` of
https://github.com/trinodb/trino/tree/master/core/trino-spi for what is not comparable.
"""

from __future__ import annotations

from itertools import count

from lab.local.athena import types as t
from lab.local.athena.expr import failing
from lab.local.athena.render import field_sql
from lab.local.athena.types import Type

_NAMES = count()


def is_nested(kind: Type) -> bool:
    """Whether values of the type hold others."""
    return isinstance(kind, t.Array | t.Map | t.Row)


def equal(a: str, b: str, kind: Type) -> str:
    """SQL of ``a = b``: false if a part differs, else NULL if a part is NULL, else true."""
    if isinstance(kind, t.Row):
        parts = [
            equal(field_sql(a, key), field_sql(b, key), part)
            for key, (_, part) in zip(kind.keys, kind.fields, strict=True)
        ]
        return f"({' AND '.join(parts)})"
    if isinstance(kind, t.Array):
        i = f"e{next(_NAMES)}"
        same = equal(f"({a})[{i}]", f"({b})[{i}]", kind.element)
        each = f"list_transform(generate_series(1, len({a})), lambda {i}: {same})"
        return _unless(f"len({a}) <> len({b})", a, b, each)
    if isinstance(kind, t.Map):
        key = f"e{next(_NAMES)}"
        same = equal(f"map_extract_value({a}, {key})", f"map_extract_value({b}, {key})", kind.value)
        each = f"list_transform(map_keys({a}), lambda {key}: {same})"
        return _unless(f"list_sort(map_keys({a})) <> list_sort(map_keys({b}))", a, b, each)
    if isinstance(kind, t.ZonedTimestamp):  # the instant counts, not the zone
        a, b = (f"struct_extract({side}, 't')" for side in (a, b))
    return f"({a} = {b})"


def _unless(other: str, a: str, b: str, each: str) -> str:
    """SQL of AND over a list of booleans, for two values of which none is NULL; false where they are other anyway."""
    # list_bool_and leaves NULLs out.
    differs = f"NOT coalesce(list_bool_and({each}), true)"
    given = f"{a} IS NOT NULL AND {b} IS NOT NULL AND list_count({each}) = len({each})"
    return f"CASE WHEN {other} THEN false WHEN {differs} THEN false WHEN {given} THEN true END"


def ordered(operator: str, a: str, b: str, kind: Type) -> str:
    """SQL of ``a < b`` and its like; a NULL inside has no order, to Trino an error."""
    name = "ARRAY" if isinstance(kind, t.Array) else "ROW"
    what = "arrays with null elements" if isinstance(kind, t.Array) else "fields with null elements"
    fails = failing("NOT_SUPPORTED", f"'{name} comparison not supported for {what}'", "BOOLEAN")
    return f"CASE WHEN {holds_null(a, kind)} OR {holds_null(b, kind)} THEN {fails} ELSE ({a} {operator} {b}) END"


def holds_null(sql: str, kind: Type) -> str:
    """SQL of whether a value that is not NULL has a NULL in it."""
    if isinstance(kind, t.Row):
        parts = []
        for key, (_, part) in zip(kind.keys, kind.fields, strict=True):
            field = field_sql(sql, key)
            parts.append(f"({sql} IS NOT NULL AND {field} IS NULL)")
            parts += [holds_null(field, part)] if is_nested(part) else []
        return f"({' OR '.join(parts)})"
    if isinstance(kind, t.Array):
        item = f"e{next(_NAMES)}"
        inner = f" OR {holds_null(item, kind.element)}" if is_nested(kind.element) else ""
        return f"(len(list_filter({sql}, lambda {item}: {item} IS NULL{inner})) > 0)"
    return "false"
