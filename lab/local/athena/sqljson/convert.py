"""The scalar that a path found as a value of the type that json_value is to return: Trino's CAST, for one value.

Source: https://trino.io/docs/current/functions/json.html#json-value
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any, Final

from lab.local.athena import cast_text, java_text
from lab.local.athena import types as t
from lab.local.athena.sqljson.items import PathError, Scalar, fits
from lab.local.athena.types import Type

_NUMBER: Final = re.compile(r"\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?\s*")
_DATE: Final = re.compile(r"\s*([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})\s*")
_TIME: Final = re.compile(r"([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2})(?:[.]([0-9]{1,12}))?)?")
_TRUTH: Final = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}


def can_return(kind: Type) -> bool:
    """Whether json_value may return the type."""
    timed = isinstance(kind, t.Timestamp | t.ZonedTimestamp | t.Time)
    return t.is_text(kind) or t.is_numeric(kind) or kind in (t.BOOLEAN, t.DATE) or timed


def convert(found: Scalar, target: Type) -> Any:
    """The value as DuckDB's Python API takes it. Raises PathError when it is none of the type."""
    try:
        return _RULES[_family(target)](found, target)
    except (ValueError, ArithmeticError, KeyError, TypeError):
        raise PathError(
            "cannot extract SQL scalar from JSON: Cannot cast value of type "
            f"{found.kind.name} to declared return type of function JSON_VALUE: {target.name}",
            "JSON_VALUE_RESULT_ERROR",
        ) from None


def _family(kind: Type) -> str:
    if t.is_integer(kind):
        return "integer"
    if t.is_text(kind):
        return "text"
    return kind.name if isinstance(kind, t.Scalar) else type(kind).__name__


def _text(found: Scalar, target: Type) -> str:
    length = getattr(target, "length", None)
    shown = _shown(found)
    if length is None:
        return shown
    if len(shown) > length and not t.is_text(found.kind):
        raise ValueError
    return shown[:length].ljust(length) if isinstance(target, t.Char) else shown[:length]


def _shown(found: Scalar) -> str:
    if found.kind == t.BOOLEAN:
        return "true" if found.value else "false"
    if found.kind == t.DOUBLE:
        return java_text.trino_double(found.value)
    return f"{found.value:f}" if isinstance(found.kind, t.Decimal) else str(found.value)


def _boolean(found: Scalar, _: Type) -> bool:
    return _TRUTH[found.value.lower()] if t.is_text(found.kind) else found.value != 0


def _integer(found: Scalar, target: Type) -> int:
    if t.is_text(found.kind):
        if not re.fullmatch("[+-]?[0-9]+", found.value):
            raise ValueError
        number = int(found.value)
    else:
        number = int(Decimal(found.value).to_integral_value(ROUND_HALF_UP))
    if not fits(number, target):
        raise ValueError
    return number


def _float(found: Scalar, _: Type) -> float:
    if t.is_text(found.kind) and not re.fullmatch(r"\s*[+-]?(NaN|Infinity)\s*", found.value):
        _check(_NUMBER, found.value)
    return float(found.value)


def _decimal(found: Scalar, target: Type) -> Decimal:
    assert isinstance(target, t.Decimal)  # noqa: S101 - by the family
    if t.is_text(found.kind):
        _check(_NUMBER, found.value)
    with localcontext() as context:
        context.prec = 400
        number = Decimal(found.value.strip() if t.is_text(found.kind) else found.value)
        number = number.quantize(Decimal(1).scaleb(-target.scale), ROUND_HALF_UP)
    if abs(number) >= Decimal(10) ** (target.precision - target.scale):
        raise ValueError
    return number


def _date(found: Scalar, _: Type) -> date:
    return date(*(int(part) for part in _check(_DATE, found.value)))


def _timestamp(found: Scalar, target: Type) -> datetime:
    day, _, clock = found.value.strip().partition(" ")
    year, month, day_of_month = (int(part) for part in _check(_DATE, day))
    moment = datetime(year, month, day_of_month, tzinfo=UTC)
    passed = _clock(clock, target) if clock else timedelta()
    return (moment + passed).replace(tzinfo=None)


def _zoned(found: Scalar, _: Type) -> dict[str, Any]:
    return cast_text.parse_zoned(found.value)


def _time(found: Scalar, target: Type) -> Any:
    return (datetime(1970, 1, 1, tzinfo=UTC) + _clock(found.value.strip(), target)).time()


def _clock(text: str, target: Type) -> timedelta:
    """The time of day, its fraction rounded half up to the type's digits."""
    hours, minutes, seconds, fraction = _check(_TIME, text)
    if int(hours) > 23 or int(minutes) > 59 or int(seconds or 0) > 59:
        raise ValueError
    digits = min(getattr(target, "precision", 6), 6)
    parts = math.floor(Decimal(f"0.{fraction or 0}").scaleb(digits) + Decimal("0.5")) * 10 ** (6 - digits)
    return timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds or 0), microseconds=parts)


def _check(pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    match = pattern.fullmatch(text)
    if not match:
        raise ValueError
    return match.groups()


_RULES: Final[Mapping[str, Callable[[Scalar, Any], Any]]] = {
    "text": _text,
    "boolean": _boolean,
    "integer": _integer,
    "real": _float,
    "double": _float,
    "Decimal": _decimal,
    "date": _date,
    "Timestamp": _timestamp,
    "ZonedTimestamp": _zoned,
    "Time": _time,
}
