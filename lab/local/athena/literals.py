"""Literals of Trino as typed expressions. Source: https://trino.io/docs/current/language/types.html"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation

from sqlglot import exp

from lab.local.athena import cast_text, zone
from lab.local.athena import types as t
from lab.local.athena.errors import Position, QueryError
from lab.local.athena.expr import Expr, text

# Trino reads 1.2 as decimal(2,1). Athena may read it as double: not confirmed, so it is decided here alone.
DECIMAL_LITERALS = True

_INTERVAL_MILLIS = {"DAY": 86_400_000, "HOUR": 3_600_000, "MINUTE": 60_000, "SECOND": 1000}
_INTERVAL_MONTHS = {"YEAR": 12, "MONTH": 1}
_MAX_DIGITS = 38


def null(position: Position | None) -> Expr:
    """NULL, of a type still unknown."""
    return Expr("NULL", t.UNKNOWN, position, None)


def boolean(value: bool, position: Position | None) -> Expr:
    """TRUE or FALSE."""
    return Expr("true" if value else "false", t.BOOLEAN, position, value)


def string(value: str, position: Position | None) -> Expr:
    """Text: varchar of its own length."""
    return Expr(text(value), t.Varchar(len(value)), position, value)


def char(value: str, position: Position | None) -> Expr:
    """CHAR '…': char of its own length."""
    return Expr(text(value), t.Char(len(value)), position, value)


_ESCAPED = re.compile(r"\\(?:([0-9A-Fa-f]{4})|\+([0-9A-Fa-f]{6})|(\\))")


def unicode(node: exp.Expr, position: Position | None) -> Expr:
    """U&'…': code points after a backslash."""
    if node.args.get("escape"):
        raise QueryError("NOT_SUPPORTED", "UESCAPE is not supported by this engine", position)
    return string(_ESCAPED.sub(lambda found: found[3] or chr(int(found[1] or found[2], 16)), node.name), position)


def integer(value: int, position: Position | None) -> Expr:
    """A whole number: integer if it fits, else bigint."""
    if not -(1 << 63) <= value < 1 << 63:
        raise QueryError("INVALID_LITERAL", f"Invalid numeric literal: {value}", position)
    kind = t.INTEGER if -(1 << 31) <= value < 1 << 31 else t.BIGINT
    return Expr(f"CAST({value} AS {kind.storage})", kind, position, value)


_NUMBER = re.compile(r"(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)([eE][+-]?\d+)?")


def number(digits: str, position: Position | None) -> Expr:
    """A number as written: integer, decimal, or double when it has an exponent."""
    if not _NUMBER.fullmatch(digits):
        raise QueryError("INVALID_LITERAL", f"Invalid numeric literal: {digits}", position)
    if "e" in digits.lower():
        return Expr(f"CAST({text(digits)} AS DOUBLE)", t.DOUBLE, position, float(digits))
    if "." not in digits:
        return integer(int(digits.replace("_", "")), position)
    return decimal(digits.replace("_", ""), position) if DECIMAL_LITERALS else number(f"{digits}e0", position)


def decimal(digits: str, position: Position | None) -> Expr:
    """An exact number; its precision and scale are those written, without leading zeros."""
    match = re.fullmatch(r"\s*([+-]?)(\d*)\.?(\d*)\s*", digits)
    if not match or not (match[2] or match[3]):
        raise QueryError("INVALID_LITERAL", f"'{digits}' is not a valid DECIMAL literal", position)
    scale = len(match[3])
    precision = max(len((match[2] + match[3]).lstrip("0")), scale, 1)
    if precision > _MAX_DIGITS:
        raise QueryError("INVALID_LITERAL", f"'{digits}' is not a valid DECIMAL literal", position)
    kind = t.Decimal(precision, scale)
    return Expr(f"CAST({text(digits.strip())} AS {kind.storage})", kind, position, Decimal(digits.strip()))


_DAY = re.compile(r"\s*[0-9]{1,6}-[0-9]{1,2}-[0-9]{1,2}\s*")


def day(value: str, position: Position | None) -> Expr:
    """DATE '…'."""
    try:
        if not _DAY.fullmatch(value):
            raise ValueError
        year, month, day_ = (int(part) for part in value.strip().split("-"))
        found = date(year, month, day_)
    except ValueError:
        raise QueryError("INVALID_LITERAL", f"'{value}' is not a valid DATE literal", position) from None
    return Expr(f"CAST({text(found.isoformat())} AS DATE)", t.DATE, position, found)


_MOMENT = re.compile(r"\s*(\d{1,4}-\d{1,2}-\d{1,2})(?: (\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.(\d+))?)?))?\s*(\S+)?\s*")


def timestamp(value: str, position: Position | None) -> Expr:
    """TIMESTAMP '…', with time zone if the text has one; the precision is the number of fraction digits written."""
    match = _MOMENT.fullmatch(value)
    precision = len(match[3] or "") if match else 0
    if precision > 6:
        raise QueryError("NOT_SUPPORTED", f"timestamp({precision}): more than six fraction digits", position)
    try:
        found = cast_text.parse_zoned(value)
    except ValueError:
        raise QueryError("INVALID_LITERAL", f"'{value}' is not a valid TIMESTAMP literal", position) from None
    instant = f"CAST({text(found['t'].isoformat(sep=' '))} AS TIMESTAMP)"
    if match and match[4]:
        name = text(found["z"])
        return Expr(zone.pack(instant, name), t.ZonedTimestamp(precision), position, found, zoned=(instant, name))
    return Expr(instant, t.Timestamp(precision), position, found["t"])


def time(value: str, position: Position | None) -> Expr:
    """TIME '…'."""
    match = re.fullmatch(r"\s*(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,6}))?)?\s*", value)
    if not match:
        raise QueryError("INVALID_LITERAL", f"'{value}' is not a valid TIME literal", position)
    shown = f"{int(match[1]):02}:{int(match[2]):02}:{int(match[3] or 0):02}.{(match[4] or '0').ljust(6, '0')}"
    return Expr(f"CAST({text(shown)} AS TIME)", t.Time(len(match[4] or "")), position, value)


def binary(digits: str, position: Position | None) -> Expr:
    """X'…', pairs of hexadecimal digits."""
    plain = re.sub(r"\s", "", digits)
    if not re.fullmatch(r"([0-9A-Fa-f]{2})*", plain):
        raise QueryError("INVALID_LITERAL", f"Invalid hexadecimal literal: {digits}", position)
    return Expr(f"unhex({text(plain)})", t.VARBINARY, position, bytes.fromhex(plain))


def interval(value: str, sign: int, units: tuple[str, str | None], position: Position | None) -> Expr:
    """INTERVAL '…' unit [TO unit]. Parameters: sign, 1 or -1; units, the first and the last unit."""
    first, last = units[0].upper(), (units[1] or units[0]).upper()
    try:
        if first in _INTERVAL_MONTHS and last in _INTERVAL_MONTHS:
            months = sign * _months(value.strip(), first, last)
            return Expr(f"CAST({months} AS INTEGER)", t.YEAR_MONTH, position, months)
        millis = sign * _millis(value.strip(), first, last)
    except (ValueError, KeyError, InvalidOperation):
        raise QueryError("INVALID_LITERAL", f"'{value}' is not a valid INTERVAL literal", position) from None
    return Expr(f"CAST({millis} AS BIGINT)", t.DAY_SECOND, position, millis)


def _months(value: str, first: str, last: str) -> int:
    if first == last:
        return int(value) * _INTERVAL_MONTHS[first]
    sign = -1 if value.startswith("-") else 1
    years, months = value.lstrip("-").split("-")
    return sign * (int(years) * 12 + int(months))


def _millis(value: str, first: str, last: str) -> int:
    order = list(_INTERVAL_MILLIS)
    units = order[order.index(first) : order.index(last) + 1]
    sign = -1 if value.startswith("-") else 1
    fields = re.split(r"[ :]", value.lstrip("+-"))
    if len(fields) != len(units):
        raise ValueError
    whole = sum(Decimal(part) * _INTERVAL_MILLIS[unit] for part, unit in zip(fields, units, strict=True))
    return sign * int(whole)
