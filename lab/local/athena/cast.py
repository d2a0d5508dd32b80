"""CAST between any two types, as Trino does it and by static type.

Source: https://trino.io/docs/current/functions/conversion.html and, for rounding and texts, the operators of
https://github.com/trinodb/trino/tree/master/core/trino-main/src/main/java/io/trino/type
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from lab.local.athena import cast_json, cast_text, nested, render, zone
from lab.local.athena import types as t
from lab.local.athena.errors import QueryError
from lab.local.athena.expr import Expr, text
from lab.local.athena.types import Type

_LAMBDA_NAMES = count()


def cast_sql(value: Expr, target: Type) -> Expr:
    """``value`` as ``target``. Raises QueryError TYPE_MISMATCH when Trino knows no such cast."""
    source = value.type
    if source == target:
        return value
    nested.refuse_keys(target, value.position)
    if source == t.UNKNOWN:
        parts = ("CAST(NULL AS TIMESTAMP)", "CAST(NULL AS VARCHAR)") if isinstance(target, t.ZonedTimestamp) else None
        return value.emit(f"CAST(NULL AS {target.storage})", target, parts)
    if source == t.JSON:
        return value.emit(cast_json.from_json(value.sql, target, value.position), target)
    if target == t.JSON:
        return value.emit(cast_json.to_json(value), target)
    convert = _CASTS.get((_family(source), _family(target)))
    if convert is None:
        raise QueryError("TYPE_MISMATCH", f"Cannot cast {source.name} to {target.name}", value.position)
    return convert(value, target)


def _family(kind: Type) -> str:
    """The key under which a type's casts are looked up: types that are cast alike share one."""
    if t.is_integer(kind):
        return "integer"
    if kind in (t.REAL, t.DOUBLE):
        return "float"
    if t.is_text(kind):
        return "text"
    return kind.name if isinstance(kind, t.Scalar) else type(kind).__name__


def _native(value: Expr, target: Type) -> Expr:
    return value.emit(f"CAST({value.sql} AS {target.storage})", target)


def _through_integer(value: Expr, target: Type) -> Expr:
    # DuckDB takes true for the least digit of a decimal without a digit before the point.
    return value.emit(f"CAST(CAST({value.sql} AS INTEGER) AS {target.storage})", target)


def _rounded(value: Expr, target: Type) -> Expr:
    # DuckDB rounds half to even, Trino half up (away from zero).
    return value.emit(f"CAST(round({value.sql}) AS {target.storage})", target)


def _truth(value: Expr, target: Type) -> Expr:
    return value.emit(f"({value.sql} <> 0)", target)


def _to_text(value: Expr, target: Type) -> Expr:
    return value.emit(cast_text.fitted(render.as_varchar(value), target, value.type), target)


def _text_to(parse: Callable[[str, Type], str]) -> Callable[[Expr, Type], Expr]:
    return lambda value, target: value.emit(parse(value.sql, target), target)


def rounded_moment(sql: str, source: int, target: int) -> str:
    """A TIMESTAMP of ``source`` fraction digits rounded half up to ``target`` digits."""
    if source <= target or target >= 6:
        return sql
    step = 10 ** (6 - target)
    micros = f"(epoch_us({sql}) + {step // 2})"
    return f"make_timestamp({micros} - (({micros} % {step}) + {step}) % {step})"


def _timestamp_to_timestamp(value: Expr, target: Type) -> Expr:
    assert isinstance(value.type, t.Timestamp) and isinstance(target, t.Timestamp)  # noqa: S101, PT018 - by _family
    return value.emit(rounded_moment(value.sql, value.type.precision, target.precision), target)


def _zoned_to_zoned(value: Expr, target: Type) -> Expr:
    assert isinstance(value.type, t.ZonedTimestamp) and isinstance(target, t.ZonedTimestamp)  # noqa: S101, PT018
    instant, name = zone.parts(value)
    return _zoned(value, rounded_moment(instant, value.type.precision, target.precision), name, target)


def _zoned(value: Expr, instant: str, name: str, target: Type) -> Expr:
    return value.emit(zone.pack(instant, name), target, (instant, name))


def _timestamp_to_zoned(value: Expr, target: Type) -> Expr:
    assert isinstance(target, t.ZonedTimestamp)  # noqa: S101
    precision = value.type.precision if isinstance(value.type, t.Timestamp) else 0
    moment = f"CAST({value.sql} AS TIMESTAMP)" if value.type == t.DATE else value.sql
    return _zoned(value, rounded_moment(moment, precision, target.precision), zone.UTC, target)


def _local(value: Expr) -> str:
    return zone.to_local(*zone.parts(value))


def _zoned_to_timestamp(value: Expr, target: Type) -> Expr:
    assert isinstance(value.type, t.ZonedTimestamp) and isinstance(target, t.Timestamp)  # noqa: S101, PT018
    return value.emit(rounded_moment(_local(value), value.type.precision, target.precision), target)


def _zoned_to(value: Expr, target: Type) -> Expr:
    return value.emit(f"CAST({_local(value)} AS {target.storage})", target)


def _to_time(value: Expr, target: Type) -> Expr:
    local = _local(value) if isinstance(value.type, t.ZonedTimestamp) else value.sql
    return value.emit(cast_text.rounded_time(f"CAST({local} AS TIME)", target), target)


def _time_to_timestamp(value: Expr, target: Type) -> Expr:
    return value.emit(f"(CAST(current_date AS DATE) + {value.sql})", target)


def _text_to_zoned(value: Expr, target: Type) -> Expr:
    return value.emit(cast_text.to_zoned(value.sql), target)


def _array(value: Expr, target: Type) -> Expr:
    assert isinstance(value.type, t.Array) and isinstance(target, t.Array)  # noqa: S101, PT018
    name = f"v{next(_LAMBDA_NAMES)}"
    item = cast_sql(value.emit(name, value.type.element), target.element).sql
    if item == name:
        return value.emit(value.sql, target)
    return value.emit(f"list_transform({value.sql}, lambda {name}: {item})", target)


def _map(value: Expr, target: Type) -> Expr:
    assert isinstance(value.type, t.Map) and isinstance(target, t.Map)  # noqa: S101, PT018
    name = f"v{next(_LAMBDA_NAMES)}"
    key = cast_sql(value.emit(f"{name}.key", value.type.key), target.key).sql
    item = cast_sql(value.emit(f"{name}.value", value.type.value), target.value).sql
    if (key, item) == (f"{name}.key", f"{name}.value"):
        return value.emit(value.sql, target)
    entry = f"{{'k': {key}, 'v': {item}}}"
    return value.emit(
        f"map_from_entries(list_transform(map_entries({value.sql}), lambda {name}: {entry}))",
        target,
    )


def _row(value: Expr, target: Type) -> Expr:
    assert isinstance(value.type, t.Row) and isinstance(target, t.Row)  # noqa: S101, PT018
    source = value.type
    if len(source.fields) != len(target.fields):
        raise QueryError("TYPE_MISMATCH", f"Cannot cast {source.name} to {target.name}", value.position)
    members = []
    for key, (_, kind), name, (_, wanted) in zip(source.keys, source.fields, target.keys, target.fields, strict=True):
        member = cast_sql(value.emit(render.field_sql(value.sql, key), kind), wanted).sql
        members.append(f"{text(name)}: {member}")
    return value.emit(f"CASE WHEN {value.sql} IS NOT NULL THEN {{{', '.join(members)}}} END", target)


_CASTS: dict[tuple[str, str], Callable[[Expr, Type], Expr]] = {
    ("integer", "integer"): _native,
    ("integer", "float"): _native,
    ("integer", "Decimal"): _native,
    ("integer", "boolean"): _truth,
    ("integer", "text"): _to_text,
    ("float", "float"): _native,
    ("float", "integer"): _rounded,
    ("float", "Decimal"): _native,
    ("float", "boolean"): _truth,
    ("float", "text"): _to_text,
    ("Decimal", "Decimal"): _native,
    ("Decimal", "integer"): _native,
    ("Decimal", "float"): _native,
    ("Decimal", "boolean"): _truth,
    ("Decimal", "text"): _to_text,
    ("boolean", "integer"): _native,
    ("boolean", "float"): _native,
    ("boolean", "Decimal"): _through_integer,
    ("boolean", "text"): _to_text,
    ("text", "text"): lambda value, target: value.emit(cast_text.cut(value.sql, value.type, target), target),
    ("text", "integer"): _text_to(cast_text.to_integer),
    ("text", "float"): _text_to(cast_text.to_float),
    ("text", "Decimal"): _text_to(cast_text.to_decimal),
    ("text", "boolean"): _text_to(cast_text.to_boolean),
    ("text", "date"): _text_to(cast_text.to_date),
    ("text", "Timestamp"): _text_to(cast_text.to_timestamp),
    ("text", "ZonedTimestamp"): _text_to_zoned,
    ("text", "Time"): _text_to(cast_text.to_time),
    ("text", "varbinary"): lambda value, target: value.emit(f"encode({value.sql})", target),
    ("text", "uuid"): _native,
    ("uuid", "text"): _to_text,
    ("date", "text"): _to_text,
    ("date", "Timestamp"): _native,
    ("date", "ZonedTimestamp"): _timestamp_to_zoned,
    ("Timestamp", "Timestamp"): _timestamp_to_timestamp,
    ("Timestamp", "ZonedTimestamp"): _timestamp_to_zoned,
    ("Timestamp", "date"): _native,
    ("Timestamp", "Time"): _to_time,
    ("Timestamp", "text"): _to_text,
    ("ZonedTimestamp", "ZonedTimestamp"): _zoned_to_zoned,
    ("ZonedTimestamp", "Timestamp"): _zoned_to_timestamp,
    ("ZonedTimestamp", "date"): _zoned_to,
    ("ZonedTimestamp", "Time"): _to_time,
    ("ZonedTimestamp", "text"): _to_text,
    ("Time", "Time"): _to_time,
    ("Time", "text"): _to_text,
    ("Time", "Timestamp"): _time_to_timestamp,
    ("interval year to month", "text"): _to_text,
    ("interval day to second", "text"): _to_text,
    ("Array", "Array"): _array,
    ("Map", "Map"): _map,
    ("Row", "Row"): _row,
}
