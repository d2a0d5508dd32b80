"""Operators by the static types of their operands. What Trino does not define is a TYPE_MISMATCH.

Sources: https://trino.io/docs/current/functions/math.html, …/comparison.html, …/datetime.html#date-and-time-operators
and https://trino.io/docs/current/functions/decimal.html for precision and scale.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext

from lab.local.athena import nested, udf, zone
from lab.local.athena import types as t
from lab.local.athena.cast import cast_sql
from lab.local.athena.coerce import as_decimal, coerce, common_type
from lab.local.athena.errors import Position, QueryError
from lab.local.athena.expr import Expr, failing, merge
from lab.local.athena.types import Type

_MOMENTS = (t.Timestamp, t.ZonedTimestamp)


def made(sql: str, kind: Type, position: Position | None, *parts: Expr) -> Expr:
    """An expression with the traits of its parts."""
    return Expr(sql, kind, position, traits=merge(part.traits for part in parts))


def mismatch(operator: str, left: Expr, right: Expr, position: Position | None) -> QueryError:
    """The error for operands that do not fit."""
    return QueryError(
        "TYPE_MISMATCH", f"Cannot apply operator: {left.type.name} {operator} {right.type.name}", position
    )


def comparable(value: Expr) -> str:
    """SQL that compares as Trino compares: an instant without its zone."""
    if isinstance(value.type, t.ZonedTimestamp):
        return zone.parts(value)[0]
    return nested.canonical(value.sql, value.type)


def compare(operator: str, left: Expr, right: Expr, position: Position | None) -> Expr:
    """``=``, ``<>``, ``<``, ``<=``, ``>``, ``>=``, ``IS DISTINCT FROM``, ``IS NOT DISTINCT FROM``."""
    kind = common_type(left.type, right.type)
    if kind is None:
        raise mismatch(operator, left, right, position)
    _check_order(operator, kind, left, right, position)
    a, b = coerce(left, kind), coerce(right, kind)
    if nested.is_nested(kind) and "DISTINCT" not in operator:
        return made(_of_nested(operator, a.sql, b.sql, kind), t.BOOLEAN, position, left, right)
    sql = f"({comparable(a)} {operator} {comparable(b)})"
    if kind in (t.REAL, t.DOUBLE):
        sql = _with_nan(operator, a, b, sql)
    return made(sql, t.BOOLEAN, position, left, right)


def _of_nested(operator: str, a: str, b: str, kind: Type) -> str:
    if operator in ("=", "<>"):
        return nested.equal(a, b, kind) if operator == "=" else f"(NOT {nested.equal(a, b, kind)})"
    return nested.ordered(operator, a, b, kind)


def _with_nan(operator: str, a: Expr, b: Expr, sql: str) -> str:
    """DuckDB takes NaN for equal to itself and greater than all; to Trino it is neither. A literal is never NaN."""
    if operator in (">", ">=") and not a.is_constant:
        return f"({sql} AND NOT (isnan({a.sql}) AND {b.sql} IS NOT NULL))"
    if operator in ("<", "<=") and not b.is_constant:
        return f"({sql} AND NOT (isnan({b.sql}) AND {a.sql} IS NOT NULL))"
    if operator in ("=", "<>") and not (a.is_constant or b.is_constant):
        both = f"(isnan({a.sql}) AND isnan({b.sql}))"
        return f"({sql} AND NOT {both})" if operator == "=" else f"({sql} OR {both})"
    return sql


def _check_order(operator: str, kind: Type, left: Expr, right: Expr, position: Position | None) -> None:
    ordered = not isinstance(kind, t.Map) and kind != t.JSON
    if operator in ("<", "<=", ">", ">=") and not ordered:
        raise mismatch(operator, left, right, position)


def concatenate(left: Expr, right: Expr, position: Position | None) -> Expr:
    """``||`` of texts, binaries, arrays, and of an array with an element."""
    a, b = left.type, right.type
    if isinstance(a, t.Array) or isinstance(b, t.Array):
        return _concatenate_arrays(left, right, position)
    kind = common_type(a, b)
    if kind == t.UNKNOWN:
        kind = t.VARCHAR
    if kind is not None and (t.is_text(kind) or kind == t.VARBINARY):
        result = t.VARCHAR if t.is_text(kind) else kind
        x, y = (coerce(side, result).sql if side.type == t.UNKNOWN else side.sql for side in (left, right))
        return made(f"({x} || {y})", result, position, left, right)
    raise QueryError("TYPE_MISMATCH", f"Cannot apply operator: {a.name} || {b.name}", position)


def _concatenate_arrays(left: Expr, right: Expr, position: Position | None) -> Expr:
    a, b = left.type, right.type
    if isinstance(a, t.Array) and isinstance(b, t.Array):
        kind = common_type(a, b)
        if kind:
            x, y = coerce(left, kind).sql, coerce(right, kind).sql
            # DuckDB's list_concat takes NULL for an empty list.
            return made(
                f"CASE WHEN {x} IS NOT NULL AND {y} IS NOT NULL THEN list_concat({x}, {y}) END",
                kind,
                position,
                left,
                right,
            )
    if isinstance(a, t.Array) and (element := common_type(a.element, b)):
        kind = t.Array(element)
        return made(f"list_append({coerce(left, kind).sql}, {coerce(right, element).sql})", kind, position, left, right)
    if isinstance(b, t.Array) and (element := common_type(a, b.element)):
        kind = t.Array(element)
        return made(
            f"list_prepend({coerce(left, element).sql}, {coerce(right, kind).sql})", kind, position, left, right
        )
    raise mismatch("||", left, right, position)


def negate(value: Expr, position: Position | None) -> Expr:
    """Unary minus."""
    if value.type == t.UNKNOWN:
        return value
    if not (t.is_numeric(value.type) or value.type in (t.YEAR_MONTH, t.DAY_SECOND)):
        raise QueryError("TYPE_MISMATCH", f"Cannot negate {value.type.name}", position)
    sql = f"(- {value.sql})"
    found = made(sql, value.type, position, value)
    if value.is_constant and value.constant is not None:
        found = Expr(sql, value.type, position, -value.constant)
    return found


def arithmetic(operator: str, left: Expr, right: Expr, position: Position | None) -> Expr:
    """``+ - * / %`` of numbers, dates, times and intervals."""
    rule = _temporal(operator, left, right, position)
    if rule is not None:
        return rule
    kind = common_type(left.type, right.type)
    if kind == t.UNKNOWN:
        kind = t.INTEGER
    if kind is None or not t.is_numeric(kind):
        raise mismatch(operator, left, right, position)
    if isinstance(kind, t.Decimal):
        return _decimal(operator, left, right, position)
    a, b = coerce(left, kind).sql, coerce(right, kind).sql
    sign = "//" if operator == "/" and t.is_integer(kind) else operator
    return made(f"({a} {sign} {b})", kind, position, left, right)


def _decimal(operator: str, left: Expr, right: Expr, position: Position | None) -> Expr:
    x, y = (as_decimal(side.type) if side.type != t.UNKNOWN else t.Decimal(1, 0) for side in (left, right))
    kind = decimal_result(operator, x, y)
    a, b = cast_sql(left, x).sql, cast_sql(right, y).sql
    if kind.scale > t.MAX_PRECISION:
        raise QueryError(
            "NUMERIC_VALUE_OUT_OF_RANGE", f"DECIMAL scale must be in range [0, 38]: {kind.scale}", position
        )
    if operator == "/":
        call = udf.call(decimal_divide, kind.storage, (a, x.storage), (b, y.storage), (f"{kind.scale}", "INTEGER"))
        return made(call, kind, position, left, right)
    return made(f"CAST(({a} {operator} {b}) AS {kind.storage})", kind, position, left, right)


def decimal_result(operator: str, x: t.Decimal, y: t.Decimal) -> t.Decimal:
    """The type of an operation on two decimals."""
    whole_x, whole_y, scale = x.precision - x.scale, y.precision - y.scale, max(x.scale, y.scale)
    if operator in ("+", "-"):
        return t.decimal(max(whole_x, whole_y) + scale + 1, scale)
    if operator == "*":
        return t.decimal(x.precision + y.precision, x.scale + y.scale)
    if operator == "/":
        return t.decimal(x.precision + y.scale + max(y.scale - x.scale, 0), scale)
    return t.decimal(min(whole_x, whole_y) + scale, scale)


def decimal_divide(a: Decimal, b: Decimal, scale: int) -> Decimal:
    """The quotient rounded half up to ``scale`` digits. Raises ValueError with Trino's name when b is 0."""
    if not b:
        raise ValueError("TRINO:DIVISION_BY_ZERO:Division by zero:END")
    with localcontext() as context:
        context.prec = 80  # exact to the last digit of 38 and the rounding one
        return (a / b).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)


def _temporal(operator: str, left: Expr, right: Expr, position: Position | None) -> Expr | None:  # noqa: PLR0911 - a return for each pair of types
    a, b = left.type, right.type
    if operator in ("+", "-") and _is_moment(a) and b in (t.YEAR_MONTH, t.DAY_SECOND):
        return shift(operator, left, right, position)
    if operator == "+" and _is_moment(b) and a in (t.YEAR_MONTH, t.DAY_SECOND):
        return shift(operator, right, left, position)
    if operator in ("+", "-") and a == b and a in (t.YEAR_MONTH, t.DAY_SECOND):
        return made(f"({left.sql} {operator} {right.sql})", a, position, left, right)
    if operator == "-" and _is_moment(a) and _is_moment(b):
        return _elapsed(left, right, position)
    if operator in ("*", "/") and a in (t.YEAR_MONTH, t.DAY_SECOND) and t.is_numeric(b):
        return _scaled(operator, left, right, position)
    if operator == "*" and b in (t.YEAR_MONTH, t.DAY_SECOND) and t.is_numeric(a):
        return _scaled(operator, right, left, position)
    return None


def _is_moment(kind: Type) -> bool:
    return kind == t.DATE or isinstance(kind, (*_MOMENTS, t.Time))


def _elapsed(left: Expr, right: Expr, position: Position | None) -> Expr | None:
    kind = common_type(left.type, right.type)
    if kind is None or isinstance(kind, t.Time):
        return None
    a, b = (comparable(coerce(side, kind)) for side in (left, right))
    return made(
        f"date_diff('millisecond', CAST({b} AS TIMESTAMP), CAST({a} AS TIMESTAMP))", t.DAY_SECOND, position, left, right
    )


def _scaled(operator: str, interval: Expr, factor: Expr, position: Position | None) -> Expr:
    whole = f"CAST(round({interval.sql} {operator} CAST({factor.sql} AS DOUBLE)) AS {interval.type.storage})"
    if operator == "*" and t.is_integer(factor.type):
        whole = f"CAST({interval.sql} * {factor.sql} AS {interval.type.storage})"
    return made(whole, interval.type, position, interval, factor)


def as_duckdb_interval(value: Expr) -> str:
    """An interval of Trino as DuckDB's INTERVAL."""
    return f"to_months({value.sql})" if value.type == t.YEAR_MONTH else f"to_microseconds({value.sql} * 1000)"


def shift(operator: str, moment: Expr, interval: Expr, position: Position | None) -> Expr:
    """A date, time or timestamp moved by an interval; a date moves by whole days and months only."""
    move = as_duckdb_interval(interval)
    kind = moment.type
    if kind == t.DATE:
        return _shift_date(operator, moment, interval, position)
    if isinstance(kind, t.ZonedTimestamp):
        instant, name = zone.parts(moment)
        moved = f"({instant} {operator} {move})"
        if interval.type == t.YEAR_MONTH:  # months are counted on the wall
            moved = zone.to_utc(f"({zone.to_local(instant, name)} {operator} {move})", name)
        found = made(zone.pack(moved, name), kind, position, moment, interval)
        return found.emit(found.sql, kind, (moved, name))
    if isinstance(kind, t.Timestamp) and kind.precision < 3 and interval.type == t.DAY_SECOND:
        kind = t.Timestamp(3)
    return made(f"({moment.sql} {operator} {move})", kind, position, moment, interval)


def _shift_date(operator: str, moment: Expr, interval: Expr, position: Position | None) -> Expr:
    if interval.type == t.YEAR_MONTH:
        return made(
            f"CAST({moment.sql} {operator} to_months({interval.sql}) AS DATE)", t.DATE, position, moment, interval
        )
    fails = failing("INVALID_FUNCTION_ARGUMENT", "'Cannot add hour, minutes or seconds to a date'")
    days = f"CAST(CASE WHEN {interval.sql} % 86400000 = 0 THEN {interval.sql} // 86400000 ELSE {fails} END AS INTEGER)"
    if interval.is_constant and interval.constant % 86_400_000 == 0:
        days = f"CAST({interval.constant // 86_400_000} AS INTEGER)"
    return made(f"({moment.sql} {operator} {days})", t.DATE, position, moment, interval)


def logical(operator: str, parts: list[Expr], position: Position | None) -> Expr:
    """AND, OR of booleans."""
    for part in parts:
        require_boolean(part, f"Logical expression term must evaluate to a boolean (actual: {part.type.name})")
    return made(f"({f' {operator} '.join(coerce(part, t.BOOLEAN).sql for part in parts)})", t.BOOLEAN, position, *parts)


def require_boolean(value: Expr, message: str) -> None:
    """Raise TYPE_MISMATCH with the message unless the expression is a boolean or NULL."""
    if value.type not in (t.BOOLEAN, t.UNKNOWN):
        raise QueryError("TYPE_MISMATCH", message, value.position)
