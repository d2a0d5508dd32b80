"""Constructors, subscripts, CASE and the clock: expressions with a syntax of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from lab.local.athena import types as t
from lab.local.athena import zone
from lab.local.athena.coerce import coerce, common_type
from lab.local.athena.errors import Position, QueryError, not_supported
from lab.local.athena.expr import Expr, attempt_sql, failing, text
from lab.local.athena.operators import compare, made, require_boolean
from lab.local.athena.types import Type


def common_of(items: Sequence[Expr], what: str) -> Type:
    """The type in which all can be held. Raises TYPE_MISMATCH."""
    kind: Type = t.UNKNOWN
    for item in items:
        found = common_type(kind, item.type)
        if found is None:
            raise QueryError("TYPE_MISMATCH", f"{what}: {kind.name} vs {item.type.name}", item.position)
        kind = found
    return kind


def row(items: Sequence[Expr], position: Position | None, names: Sequence[str | None] = ()) -> Expr:
    """ROW(…)."""
    fields = tuple((names[i] if names else None, item.type) for i, item in enumerate(items))
    kind = t.Row(fields)
    members = ", ".join(f"{text(key)}: {typed(item)}" for key, item in zip(kind.keys, items, strict=True))
    return made(f"{{{members}}}", kind, position, *items)


def typed(item: Expr) -> str:
    """SQL whose DuckDB type is certain, also of NULL."""
    return f"CAST(NULL AS {t.UNKNOWN.storage})" if item.type == t.UNKNOWN else item.sql


def array(items: Sequence[Expr], position: Position | None) -> Expr:
    """ARRAY[…]."""
    kind = t.Array(common_of(items, "All ARRAY elements must be the same type"))
    inner = ", ".join(coerce(item, kind.element).sql for item in items)
    found = made(f"CAST([{inner}] AS {kind.storage})", kind, position, *items)
    if items and all(item.is_constant for item in items):
        return replace(found, constant=[item.constant for item in items])
    return found


def subscript(base: Expr, index: Expr, position: Position | None) -> Expr:
    """``base[index]`` of an array, map or row; out of range is an error."""
    if isinstance(base.type, t.Row):
        return _row_field(base, index, position)
    if isinstance(base.type, t.Map):
        return made(map_value(base, index, strict=True, position=position), base.type.value, position, base, index)
    if not isinstance(base.type, t.Array) or not t.is_integer(index.type):
        raise QueryError("TYPE_MISMATCH", f"Cannot use {index.type.name} for subscript of {base.type.name}", position)
    i, a = f"CAST({index.sql} AS BIGINT)", base.sql
    zero = failing("INVALID_FUNCTION_ARGUMENT", "'SQL array indices start at 1'")
    negative = failing("INVALID_FUNCTION_ARGUMENT", f"'Array subscript is negative: ' || {i}")
    beyond = failing(
        "INVALID_FUNCTION_ARGUMENT",
        f"'Array subscript must be less than or equal to array length: ' || {i} || ' > ' || len({a})",
    )
    checked = (
        f"CASE WHEN {i} = 0 THEN {zero} WHEN {i} < 0 THEN {negative} WHEN {i} > len({a}) THEN {beyond} ELSE {i} END"
    )
    return made(f"({a})[{checked}]", base.type.element, position, base, index)


def _row_field(base: Expr, index: Expr, position: Position | None) -> Expr:
    assert isinstance(base.type, t.Row)  # noqa: S101 - the caller looked
    if not isinstance(index.constant, int) or not 1 <= index.constant <= len(base.type.fields):
        raise QueryError("INVALID_FUNCTION_ARGUMENT", "ROW index must be a constant within its fields", position)
    key, (_, kind) = base.type.keys[index.constant - 1], base.type.fields[index.constant - 1]
    return made(f"struct_extract({base.sql}, {text(key)})", kind, position, base)


def map_value(base: Expr, key: Expr, *, strict: bool, position: Position | None) -> str:
    """The value of a key; a missing one is an error if strict, else NULL."""
    assert isinstance(base.type, t.Map)  # noqa: S101 - the callers looked
    if common_type(base.type.key, key.type) != base.type.key and not t.is_text(base.type.key):
        raise QueryError("TYPE_MISMATCH", f"Cannot use {key.type.name} for subscript of {base.type.name}", position)
    wanted = coerce(key, base.type.key).sql
    found = f"list_position(map_keys({base.sql}), {wanted})"
    if strict:
        shown = f"coalesce(CAST({wanted} AS VARCHAR), 'NULL')"
        fails = failing("INVALID_FUNCTION_ARGUMENT", f"'Key not present in map: ' || {shown}")
        found = f"CASE WHEN {base.sql} IS NULL OR coalesce({found}, 0) > 0 THEN {found} ELSE {fails} END"
    return f"map_values({base.sql})[{found}]"


def case(conditions: Sequence[Expr], results: Sequence[Expr], position: Position | None) -> Expr:
    """CASE WHEN …: the results, the last of which is ELSE, have one type."""
    kind = common_of(results, "All CASE results must be the same type")
    values = [coerce(item, kind).sql for item in results]
    branches = " ".join(
        f"WHEN {coerce(one, t.BOOLEAN).sql} THEN {value}" for one, value in zip(conditions, values, strict=False)
    )
    return made(f"CASE {branches} ELSE {values[-1]} END", kind, position, *conditions, *results)


def condition(test: Expr, then: Expr, otherwise: Expr, position: Position | None) -> Expr:
    """IF(test, then, otherwise)."""
    require_boolean(test, f"IF condition must evaluate to a boolean (actual: {test.type.name})")
    return case([test], [then, otherwise], position)


def null_if(left: Expr, right: Expr, position: Position | None) -> Expr:
    """NULLIF(left, right): the left one's type."""
    kind = common_type(left.type, right.type)
    if kind is None:
        raise QueryError(
            "TYPE_MISMATCH", f"Types are not comparable with NULLIF: {left.type.name} vs {right.type.name}", position
        )
    same = compare("=", left, right, position).sql
    return made(f"CASE WHEN {same} THEN NULL ELSE {typed(left)} END", left.type, position, left, right)


def coalesce(items: Sequence[Expr], position: Position | None) -> Expr:
    """COALESCE(…)."""
    kind = common_of(items, "All COALESCE operands must be the same type")
    return made(f"coalesce({', '.join(coerce(item, kind).sql for item in items)})", kind, position, *items)


def attempt(value: Expr, name: str, position: Position | None) -> Expr:
    """TRY(value): NULL if it fails. Parameters: name, one that nothing else has."""
    return replace(value.emit(attempt_sql(value, name), value.type), position=position)


def clock(function: str, now: datetime, position: Position | None) -> Expr:
    """The time at which the query began, in UTC, which is Athena's session zone."""
    moment = now.replace(microsecond=now.microsecond // 1000 * 1000, tzinfo=None)
    stamp = f"CAST({text(moment.isoformat(sep=' '))} AS TIMESTAMP)"
    if function == "current_date":
        return Expr(f"CAST({stamp} AS DATE)", t.DATE, position)
    if function == "localtimestamp":
        return Expr(stamp, t.TIMESTAMP, position)
    if function == "localtime":
        return Expr(f"CAST({stamp} AS TIME)", t.Time(3), position)
    if function == "current_time":
        raise not_supported("time with time zone", position)
    return Expr(zone.pack(stamp, zone.UTC), t.ZONED, position, zoned=(stamp, zone.UTC))
