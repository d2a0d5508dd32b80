"""Casts from text and to text of a bounded length: DuckDB reads more forms than Trino, so the form is checked first."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from lab.local.athena import types as t
from lab.local.athena import udf
from lab.local.athena.expr import failing, text
from lab.local.athena.types import Type

_JAVA_NAMES: dict[Type, str] = {t.INTEGER: "INT", t.BIGINT: "BIGINT", t.SMALLINT: "SMALLINT", t.TINYINT: "TINYINT"}
_NUMBER = r"\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?\s*"
_DATE = r"\s*[+-]?[0-9]{1,6}-[0-9]{1,2}-[0-9]{1,2}"
_TIME = r"[0-9]{1,2}:[0-9]{1,2}(?::[0-9]{1,2}(?:[.][0-9]{1,12})?)?"
_ZONED = re.compile(rf"({_DATE}(?: {_TIME})?)\s*(Z|[+-]\d\d:?\d\d|[A-Za-z][\w/+-]*)?\s*")


def _checked(sql: str, pattern: str, storage: str, message: str) -> str:
    # NULL matches nothing and would fail; it is let through. The form may be right and the value wrong (30 February).
    fails = failing("INVALID_CAST_ARGUMENT", message, storage)
    read = f"TRY_CAST({sql} AS {storage})"
    right = f"{sql} IS NULL OR (regexp_full_match({sql}, {text(pattern)}) AND {read} IS NOT NULL)"
    return f"CASE WHEN {right} THEN {read} ELSE {fails} END"


def to_integer(sql: str, target: Type) -> str:
    """Digits with a sign, nothing else."""
    message = f"'Cannot cast ''' || {sql} || ''' to {_JAVA_NAMES[target]}'"
    return _checked(sql, "[+-]?[0-9]+", target.storage, message)


def to_float(sql: str, target: Type) -> str:
    """A number, ``NaN`` or ``Infinity``."""
    message = f"'Cannot cast ''' || {sql} || ''' to {target.name.upper()}'"
    return _checked(sql, rf"{_NUMBER}|\s*[+-]?(NaN|Infinity)\s*", target.storage, message)


def to_decimal(sql: str, target: Type) -> str:
    """A number, rounded half up to the scale."""
    message = f"'Cannot cast VARCHAR ''' || {sql} || ''' to {target.name.upper().replace(',', ', ')}'"
    return _checked(sql, _NUMBER, target.storage, message)


def to_boolean(sql: str, _: Type) -> str:
    """``true``, ``t``, ``1`` and their contraries, in any case."""
    fails = failing("INVALID_CAST_ARGUMENT", f"'Cannot cast ''' || {sql} || ''' to BOOLEAN'", "BOOLEAN")
    return (
        f"CASE WHEN {sql} IS NULL THEN NULL WHEN lower({sql}) IN ('true', 't', '1') THEN true "
        f"WHEN lower({sql}) IN ('false', 'f', '0') THEN false ELSE {fails} END"
    )


def to_date(sql: str, target: Type) -> str:
    """``yyyy-mm-dd``."""
    return _checked(sql, rf"{_DATE}\s*", target.storage, f"'Value cannot be cast to date: ' || {sql}")


def to_timestamp(sql: str, target: Type) -> str:
    """A date, or a date and a time of day after a space; a fraction longer than the type's is rounded."""
    pattern = rf"{_DATE}( {_TIME})?\s*"
    checked = _checked(sql, pattern, target.storage, f"'Value cannot be cast to timestamp: ' || {sql}")
    precision = target.precision if isinstance(target, t.Timestamp) else 6
    if precision >= 6:
        return checked
    step = 10 ** (6 - precision)
    micros = f"(epoch_us({checked}) + {step // 2})"
    return f"make_timestamp({micros} - (({micros} % {step}) + {step}) % {step})"


def to_time(sql: str, target: Type) -> str:
    """``hh:mm[:ss[.fff]]``."""
    checked = _checked(sql, rf"\s*{_TIME}\s*", target.storage, f"'Value cannot be cast to time: ' || {sql}")
    return rounded_time(checked, target)


def rounded_time(sql: str, target: Type) -> str:
    """A TIME rounded half up to the type's fraction digits; what is rounded up to midnight begins the day again."""
    precision = target.precision if isinstance(target, t.Time) else 6
    if precision >= 6:
        return sql
    step = 10 ** (6 - precision)
    return f"CAST(make_timestamp((epoch_us({sql}) + {step // 2}) // {step} * {step}) AS TIME)"


def to_zoned(sql: str) -> str:
    """A date and a time of day with a zone or an offset; UTC if there is none."""
    return udf.call(parse_zoned, t.ZONED.storage, (sql, "VARCHAR"))


def parse_zoned(value: str) -> dict[str, Any]:
    """The UTC time and the zone of a timestamp's text.

    Raises: ValueError with a Trino name when it is not one.
    """
    match = _ZONED.fullmatch(value)
    try:
        if not match:
            raise ValueError
        local = _moment(match[1].strip())
        name = _zone_name(match[2] or "UTC")
        return {"t": to_utc(local, name), "z": name}
    except (ValueError, KeyError, OSError):
        message = f"TRINO:INVALID_CAST_ARGUMENT:Value cannot be cast to timestamp with time zone: {value}:END"
        raise ValueError(message) from None


def _moment(value: str) -> datetime:
    date, _, time = value.partition(" ")
    year, month, day = (int(part) for part in date.split("-"))
    hours, minutes, seconds = [*(time or "0:0:0").split(":"), "0"][:3]
    whole, _, fraction = seconds.partition(".")
    micros = int(fraction[:6].ljust(6, "0")) if fraction else 0
    return datetime(year, month, day, int(hours), int(minutes), int(whole), micros)


def _zone_name(name: str) -> str:
    if name == "Z":
        return "UTC"
    if name[0] in "+-" and ":" not in name:
        name = f"{name[:3]}:{name[3:]}"
    if name in ("+00:00", "-00:00"):
        return "UTC"
    if name[0] not in "+-":
        ZoneInfo(name)  # raises when there is no such zone
    return name


def to_utc(local: datetime, name: str) -> datetime:
    """The UTC time (naive) of a local time (naive) in a zone or at an offset."""
    if name[0] in "+-":
        zoned = datetime.fromisoformat(f"{local.isoformat()}{name}")
    else:
        zoned = local.replace(tzinfo=ZoneInfo(name))
    return zoned.astimezone(UTC).replace(tzinfo=None)


def cut(sql: str, source: Type, target: Type) -> str:
    """Text as text of another length: varchar is cut, char is cut and padded."""
    have = getattr(source, "length", None)
    want = getattr(target, "length", None)
    base = (
        f"rtrim({sql}, ' ')" if isinstance(source, t.Char) and isinstance(target, t.Varchar) and want != have else sql
    )
    if want is None or (isinstance(target, t.Varchar) and have is not None and have <= want):
        return base
    if isinstance(target, t.Char):
        return f"rpad({base}, {want}, ' ')"
    return f"left({base}, {want})"


def fitted(sql: str, target: Type, source: Type) -> str:
    """The text of a value as ``target``; too long a text is an error, unlike between texts."""
    length = getattr(target, "length", None)
    if length is None:
        return sql
    message = f"'Value ' || {sql} || ' cannot be represented as {target.name}'"
    fails = failing("INVALID_CAST_ARGUMENT", message, "VARCHAR")
    checked = f"CASE WHEN length({sql}) <= {length} THEN {sql} WHEN {sql} IS NULL THEN NULL ELSE {fails} END"
    if source == t.BOOLEAN and length >= 5:
        checked = sql
    return f"rpad({checked}, {length}, ' ')" if isinstance(target, t.Char) else checked
