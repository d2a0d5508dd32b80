"""A value as text: the cell that Athena writes, and what CAST(… AS varchar) gives."""

from __future__ import annotations

from itertools import count

from lab.local.athena import java_text, udf, zone
from lab.local.athena import types as t
from lab.local.athena.expr import Expr, text
from lab.local.athena.types import Type


def moment(sql: str, precision: int) -> str:
    """A TIMESTAMP with exactly ``precision`` fraction digits."""
    seconds = f"strftime({sql}, '%Y-%m-%d %H:%M:%S')"
    if precision == 0:
        return seconds
    if precision == 3:
        return f"strftime({sql}, '%Y-%m-%d %H:%M:%S.%g')"
    return f"({seconds} || '.' || left(strftime({sql}, '%f'), {precision}))"


def _time(sql: str, precision: int) -> str:
    fraction = (
        f" || '.' || lpad(CAST((epoch_us({sql}) % 1000000) AS VARCHAR), 6, '0')[:{precision}]" if precision else ""
    )
    return f"(left(CAST({sql} AS VARCHAR), 8){fraction})"


def as_varchar(value: Expr) -> str:
    """CAST(value AS varchar) of a scalar. Source: https://trino.io/docs/current/functions/conversion.html"""
    kind, sql = value.type, value.sql
    if kind == t.DOUBLE:
        return udf.call(java_text.trino_double, "VARCHAR", (sql, "DOUBLE"))
    if kind == t.REAL:
        return udf.call(java_text.trino_float, "VARCHAR", (sql, "FLOAT"))
    if isinstance(kind, t.Timestamp):
        return moment(sql, kind.precision)
    if isinstance(kind, t.ZonedTimestamp):
        instant, name = zone.parts(value)
        return f"({moment(zone.to_local(instant, name), kind.precision)} || ' ' || {name})"
    if isinstance(kind, t.Time):
        return _time(sql, kind.precision)
    return _plain(kind, sql)


def _plain(kind: Type, sql: str) -> str:
    if kind == t.YEAR_MONTH:
        return udf.call(java_text.interval_months, "VARCHAR", (sql, "INTEGER"))
    if kind == t.DAY_SECOND:
        return udf.call(java_text.interval_millis, "VARCHAR", (sql, "BIGINT"))
    if isinstance(kind, t.Decimal):
        return decimal(sql, kind)
    return sql if t.is_text(kind) else f"CAST({sql} AS VARCHAR)"


def decimal(sql: str, kind: t.Decimal) -> str:
    """A decimal with a digit before its point, which DuckDB leaves out where the type has room for none."""
    plain = f"CAST({sql} AS VARCHAR)"
    return f"regexp_replace({plain}, '[.]', '0.')" if kind.precision == kind.scale else plain


def cell(value: Expr, names: count[int] | None = None) -> str:
    """The text of a cell of a result: arrays ``[1, 2]``, maps ``{k=1}``, rows ``{a=1, b=2}``, varbinary ``31 32``.

    A number has Java's text, a time at least three fraction digits. Source of the forms: Athena's result files.
    """
    names = names or count()
    kind, sql = value.type, value.sql
    if kind == t.DOUBLE:
        return _number(sql, udf.call(java_text.java_double, "VARCHAR", (sql, "DOUBLE")))
    if kind == t.REAL:
        return _number(sql, udf.call(java_text.java_float, "VARCHAR", (sql, "FLOAT")))
    if kind == t.VARBINARY:
        return f"rtrim(regexp_replace(lower(hex({sql})), '(..)', '\\1 ', 'g'))"
    if isinstance(kind, t.Timestamp | t.ZonedTimestamp | t.Time):
        return as_varchar(value.emit(sql, type(kind)(max(kind.precision, 3)), value.zoned))
    if isinstance(kind, t.Array | t.Map | t.Row):
        return _nested(value, names)
    return as_varchar(value)


def _number(sql: str, otherwise: str) -> str:
    # DuckDB's text is Java's in the range where neither uses an exponent; the function costs a call per row.
    plain = f"{sql} = 0 OR (abs({sql}) >= {java_text.PLAIN_FROM} AND abs({sql}) < {java_text.PLAIN_TO})"
    return f"CASE WHEN {plain} THEN CAST({sql} AS VARCHAR) ELSE {otherwise} END"


def _nested(value: Expr, names: count[int]) -> str:
    kind, sql = value.type, value.sql
    if isinstance(kind, t.Row):
        fields = zip(kind.keys, kind.fields, strict=True)
        cells = [
            f"{text(key + '=')} || {_or_null(value.emit(field_sql(sql, key), part), names)}"
            for key, (_, part) in fields
        ]
        joined = " || ', ' || ".join(cells)
        return f"CASE WHEN {sql} IS NOT NULL THEN '{{' || {joined} || '}}' END"
    name = f"x{next(names)}"
    if isinstance(kind, t.Array):
        items = f"list_transform({sql}, lambda {name}: {_or_null(value.emit(name, kind.element), names)})"
        return f"('[' || array_to_string({items}, ', ') || ']')"
    assert isinstance(kind, t.Map)  # noqa: S101 - the caller's three cases
    key = cell(value.emit(f"{name}.key", kind.key), names)
    item = _or_null(value.emit(f"{name}.value", kind.value), names)
    items = f"list_transform(map_entries({sql}), lambda {name}: {key} || '=' || {item})"
    return f"('{{' || array_to_string({items}, ', ') || '}}')"


def _or_null(value: Expr, names: count[int]) -> str:
    return f"coalesce({cell(value, names)}, 'null')"


def field_sql(sql: str, key: str) -> str:
    """The member ``key`` of a struct."""
    return f"struct_extract({sql}, {text(key)})"
