"""Which types stand for each other unasked: numbers widen, text lengthens, a date is a timestamp, never more.

Source: https://github.com/trinodb/trino/blob/master/core/trino-main/src/main/java/io/trino/type/TypeCoercion.java
"""

from __future__ import annotations

from dataclasses import replace

from lab.local.athena import types as t
from lab.local.athena.cast import cast_sql
from lab.local.athena.expr import Expr
from lab.local.athena.types import Type

_FLOATS = (t.REAL, t.DOUBLE)


def common_type(a: Type, b: Type) -> Type | None:
    """The type in which both can be held, or None."""
    if b in (a, t.UNKNOWN):
        return a
    if a == t.UNKNOWN:
        return b
    if t.is_numeric(a) and t.is_numeric(b):
        return _common_number(a, b)
    if t.is_text(a) and t.is_text(b):
        return _common_text(a, b)
    return _common_time(a, b) or _common_nested(a, b)


def _common_number(a: Type, b: Type) -> Type:
    if t.is_integer(a) and t.is_integer(b):
        return max(a, b, key=t.INTEGERS.index)
    if a in _FLOATS or b in _FLOATS:
        return t.DOUBLE if t.DOUBLE in (a, b) else t.REAL
    x, y = as_decimal(a), as_decimal(b)
    scale = max(x.scale, y.scale)
    return t.decimal(max(x.precision - x.scale, y.precision - y.scale) + scale, scale)


def as_decimal(kind: Type) -> t.Decimal:
    """The decimal type that holds every value of a decimal or integer type."""
    return kind if isinstance(kind, t.Decimal) else t.Decimal(t.INTEGER_DIGITS[kind], 0)  # type: ignore[index]


def _common_text(a: Type, b: Type) -> Type:
    lengths = [kind.length for kind in (a, b) if isinstance(kind, t.Varchar | t.Char)]
    longest = None if None in lengths else max(length for length in lengths if length is not None)
    if isinstance(a, t.Char) or isinstance(b, t.Char):
        return t.Varchar(None) if longest is None else t.Char(longest)
    return t.Varchar(longest)


def _common_time(a: Type, b: Type) -> Type | None:
    ranked = (t.Timestamp, t.ZonedTimestamp)
    if isinstance(a, t.Time) and isinstance(b, t.Time):
        return t.Time(max(a.precision, b.precision))
    if all(isinstance(kind, ranked) or kind == t.DATE for kind in (a, b)):
        precision = max(getattr(kind, "precision", 0) for kind in (a, b))
        zoned = isinstance(a, t.ZonedTimestamp) or isinstance(b, t.ZonedTimestamp)
        return t.ZonedTimestamp(precision) if zoned else t.Timestamp(precision)
    return None


def _common_nested(a: Type, b: Type) -> Type | None:
    if isinstance(a, t.Array) and isinstance(b, t.Array):
        element = common_type(a.element, b.element)
        return t.Array(element) if element else None
    if isinstance(a, t.Map) and isinstance(b, t.Map):
        key, value = common_type(a.key, b.key), common_type(a.value, b.value)
        return t.Map(key, value) if key and value else None
    if isinstance(a, t.Row) and isinstance(b, t.Row) and len(a.fields) == len(b.fields):
        return _common_row(a, b)
    return None


def _common_row(a: t.Row, b: t.Row) -> Type | None:
    fields: list[tuple[str | None, Type]] = []
    for (name_a, kind_a), (name_b, kind_b) in zip(a.fields, b.fields, strict=True):
        kind = common_type(kind_a, kind_b)
        if kind is None:
            return None
        fields.append((name_a if name_a == name_b else None, kind))
    return t.Row(tuple(fields))


def can_coerce(source: Type, target: Type) -> bool:
    """Whether a value of ``source`` is taken where ``target`` is expected."""
    common = common_type(source, target)
    if common is None:
        return False
    if common == target:
        return True
    if isinstance(common, t.Row) and isinstance(target, t.Row):  # names of fields give way
        return all(can_coerce(a[1], b[1]) for a, b in zip(common.fields, target.fields, strict=True))
    nested = isinstance(target, t.Array | t.Map) and type(common) is type(target)
    return nested and _contents_coerce(common, target)


def _contents_coerce(common: Type, target: Type) -> bool:
    if isinstance(common, t.Array) and isinstance(target, t.Array):
        return can_coerce(common.element, target.element)
    if isinstance(common, t.Map) and isinstance(target, t.Map):
        return can_coerce(common.key, target.key) and can_coerce(common.value, target.value)
    return False


def coerce(value: Expr, target: Type) -> Expr:
    """The same value as ``target``. The caller has made sure that it can be."""
    if value.type == target:
        return value
    return replace(cast_sql(value, target), constant=value.constant)
