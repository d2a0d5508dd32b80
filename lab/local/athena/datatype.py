"""The type that a CAST names, from the syntax tree."""

from __future__ import annotations

from sqlglot import exp

from lab.local.athena import types as t
from lab.local.athena.errors import Position, QueryError, not_supported
from lab.local.athena.types import Type

_PLAIN = {
    exp.DType.BOOLEAN: t.BOOLEAN,
    exp.DType.TINYINT: t.TINYINT,
    exp.DType.SMALLINT: t.SMALLINT,
    exp.DType.INT: t.INTEGER,
    exp.DType.BIGINT: t.BIGINT,
    exp.DType.FLOAT: t.REAL,
    exp.DType.DOUBLE: t.DOUBLE,
    exp.DType.VARBINARY: t.VARBINARY,
    exp.DType.DATE: t.DATE,
    exp.DType.JSON: t.JSON,
    exp.DType.UUID: t.UUID,
}


def read(node: exp.Expr, position: Position | None) -> Type:  # noqa: PLR0911 - a return for each kind of type
    """The Trino type. Raises QueryError TYPE_NOT_FOUND, or NOT_SUPPORTED for one of Trino's that is not held here."""
    if not isinstance(node, exp.DataType):
        return _interval(node, position)
    kind = node.this
    if isinstance(kind, exp.Interval):
        return _interval(kind, position)
    written = [part.name for part in node.expressions if isinstance(part, exp.DataTypeParam)]
    if not all(part.isdigit() for part in written):
        raise QueryError("TYPE_NOT_FOUND", f"Unknown type: {node.sql(dialect='trino').lower()}", position)
    numbers = [int(part) for part in written]
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind in (exp.DType.VARCHAR, exp.DType.TEXT):
        return t.Varchar(numbers[0] if numbers and numbers[0] < t.MAX_VARCHAR else None)
    if kind == exp.DType.CHAR:
        return t.Char(numbers[0] if numbers else 1)
    if kind == exp.DType.DECIMAL:
        return _decimal(numbers, position)
    return _timed(kind, numbers, position) or _nested(node, position)


def _decimal(numbers: list[int], position: Position | None) -> Type:
    precision, scale = (*numbers, 38, 0)[:2] if not numbers else (*numbers, 0)[:2]
    if not 1 <= precision <= t.MAX_PRECISION or scale > precision:
        raise QueryError("TYPE_NOT_FOUND", f"Unknown type: decimal({precision},{scale})", position)
    return t.Decimal(precision, scale)


def _timed(kind: exp.DType, numbers: list[int], position: Position | None) -> Type | None:
    precision = numbers[0] if numbers else 3
    found: Type | None = None
    if kind == exp.DType.TIMESTAMP:
        found = t.Timestamp(precision)
    elif kind == exp.DType.TIMESTAMPTZ:
        found = t.ZonedTimestamp(precision)
    elif kind == exp.DType.TIME:
        found = t.Time(precision)
    if found is not None and precision > 6:
        raise not_supported(found.name, position)
    return found


def _nested(node: exp.DataType, position: Position | None) -> Type:
    if node.this == exp.DType.ARRAY and len(node.expressions) == 1:
        return t.Array(read(node.expressions[0], position))
    if node.this == exp.DType.MAP and len(node.expressions) == 2:
        return t.Map(read(node.expressions[0], position), read(node.expressions[1], position))
    if node.this == exp.DType.STRUCT and node.expressions:
        return t.Row(tuple(_field(part, position) for part in node.expressions))
    text = node.sql(dialect="trino").lower()
    if text.split("(")[0] in ("ipaddress", "hyperloglog", "tdigest", "qdigest", "time with time zone", "timetz"):
        raise not_supported(f"type {text}", position)
    raise QueryError("TYPE_NOT_FOUND", f"Unknown type: {text}", position)


def _field(node: exp.Expr, position: Position | None) -> tuple[str | None, Type]:
    if isinstance(node, exp.ColumnDef):
        return node.name if node.this.quoted else node.name.lower(), read(node.args["kind"], position)
    return None, read(node, position)


def _interval(node: exp.Expr, position: Position | None) -> Type:
    unit = node.args.get("unit")
    if isinstance(unit, exp.IntervalSpan) and unit.this and unit.expression:
        span = (unit.this.name.upper(), unit.expression.name.upper())
        if span == ("DAY", "SECOND"):
            return t.DAY_SECOND
        if span == ("YEAR", "MONTH"):
            return t.YEAR_MONTH
    raise QueryError("TYPE_NOT_FOUND", f"Unknown type: {node.sql(dialect='trino').lower()}", position)
