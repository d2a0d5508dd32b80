"""Comparing what DuckDB compares otherwise: rows, arrays and maps, in which a NULL is unknown, and what holds a zone.

Source: https://trino.io/docs/current/functions/comparison.html; ``ArrayType``, ``RowType`` and ``MapType`` of
https://github.com/trinodb/trino/tree/master/core/trino-spi for what is not comparable.
"""

from __future__ import annotations

from itertools import count

from lab.local.athena import types as t
from lab.local.athena.errors import Position, not_supported
from lab.local.athena.expr import failing, text
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
    same = f"{canonical(a, kind)} = {canonical(b, kind)}"
    # To DuckDB NaN is equal to itself.
    return f"({same} AND NOT (isnan({a}) AND isnan({b})))" if kind in (t.REAL, t.DOUBLE) else f"({same})"


def is_plain(kind: Type) -> bool:
    """Whether two values are one to DuckDB's GROUP BY, DISTINCT and ORDER BY exactly where they are to Trino's."""
    if isinstance(kind, t.Array):
        return is_plain(kind.element)
    if isinstance(kind, t.Row):
        return all(is_plain(part) for _, part in kind.fields)
    return not isinstance(kind, t.Map | t.ZonedTimestamp)


def is_simple(kind: Type) -> bool:
    """Whether ``=`` of two values is the same to DuckDB and to Trino."""
    return not is_nested(kind) and not isinstance(kind, t.ZonedTimestamp) and kind not in (t.REAL, t.DOUBLE)


def refuse_order(kind: Type, what: str, position: Position | None) -> None:
    """Raise NOT_SUPPORTED for values inside which a zone would come before what follows it."""
    if is_nested(kind) and not is_plain(kind):
        raise not_supported(f"{what} of {kind.name}", position)


def refuse_keys(kind: Type, position: Position | None) -> None:
    """Raise NOT_SUPPORTED for maps whose keys DuckDB would compare otherwise than Trino."""
    parts: tuple[Type, ...] = ()
    if isinstance(kind, t.Map):
        if not is_plain(kind.key):
            raise not_supported(f"a map with keys of type {kind.key.name}", position)
        parts = (kind.value,)
    elif isinstance(kind, t.Array):
        parts = (kind.element,)
    elif isinstance(kind, t.Row):
        parts = tuple(part for _, part in kind.fields)
    for part in parts:
        refuse_keys(part, position)


def canonical(sql: str, kind: Type) -> str:
    """SQL of a form of a value that is the same for all that are one value: instants without zones, maps by key."""
    if is_plain(kind):
        return sql
    if isinstance(kind, t.ZonedTimestamp):
        return field_sql(sql, "t")
    if isinstance(kind, t.Row):
        parts = zip(kind.keys, kind.fields, strict=True)
        members = ", ".join(f"{text(key)}: {canonical(field_sql(sql, key), part)}" for key, (_, part) in parts)
        return f"CASE WHEN {sql} IS NOT NULL THEN {{{members}}} END"
    item = f"e{next(_NAMES)}"
    if isinstance(kind, t.Array):
        return f"list_transform({sql}, lambda {item}: {canonical(item, kind.element)})"
    assert isinstance(kind, t.Map)  # noqa: S101 - nothing else is not plain
    entry = f"{{'k': {canonical(f'{item}.key', kind.key)}, 'v': {canonical(f'{item}.value', kind.value)}}}"
    return f"list_sort(list_transform(map_entries({sql}), lambda {item}: {entry}))"


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
    x, y = canonical(a, kind), canonical(b, kind)
    return f"CASE WHEN {holds_null(a, kind)} OR {holds_null(b, kind)} THEN {fails} ELSE ({x} {operator} {y}) END"


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
