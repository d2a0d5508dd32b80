"""Values of rule SQL and how they convert: JSON's types and Undefined.

Whole numbers are ints, others Decimals of 34 digits; 10.0 is the Int 10, as in SQL version 2016-03-23.
Source: https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-data-types.html
"""

from __future__ import annotations

import json
import re
from decimal import ROUND_FLOOR, Context, Decimal, InvalidOperation
from typing import Any, Final

ARITHMETIC: Final = Context(prec=34)
LARGEST_EXPONENT: Final = 300
"""Beyond it a number does not survive as the double that every reader of JSON expects."""

_NUMERAL: Final = re.compile(r"-?\d{1,400}(\.\d{1,400})?([eE][+-]?\d{1,4})?")


class Undefined:
    """The type of UNDEFINED."""

    def __repr__(self) -> str:
        """Return what documents of AWS call it."""
        return "Undefined"


UNDEFINED: Final = Undefined()
"""Not a value: left out when a document is written, an empty text when written by itself."""


def number(value: Decimal | float) -> Any:
    """Return a number in its normal form; Undefined when it is infinite, not a number or too large."""
    if isinstance(value, int):
        return value if value.bit_length() < 1000 else UNDEFINED
    decimal = Decimal(repr(value)) if isinstance(value, float) else value
    if not decimal.is_finite() or decimal.adjusted() > LARGEST_EXPONENT:
        return UNDEFINED
    if decimal == decimal.to_integral_value(context=ARITHMETIC) and decimal.adjusted() < ARITHMETIC.prec:
        return int(decimal)
    return decimal


def to_number(value: Any) -> Any:
    """Convert to Int or Decimal: numbers and texts that spell one, else Undefined."""
    if isinstance(value, bool):
        return UNDEFINED
    if isinstance(value, int | Decimal):
        return value
    if isinstance(value, str) and _NUMERAL.fullmatch(value):
        try:
            return number(Decimal(value))
        except InvalidOperation:
            return UNDEFINED
    return UNDEFINED


def to_whole(value: Any) -> Any:
    """Convert to Int: a number is rounded down."""
    found = to_number(value)
    if found is UNDEFINED or isinstance(found, int):
        return found
    return int(found.to_integral_value(rounding=ROUND_FLOOR))


def to_text(value: Any) -> Any:
    """Convert to String: arrays and objects as JSON; Null and Undefined do not convert."""
    if isinstance(value, str):
        return value
    if value is None or value is UNDEFINED:
        return UNDEFINED
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    return plain(value) if isinstance(value, Decimal) else dumps(value)


def to_boolean(value: Any) -> Any:
    """Convert to Boolean: Booleans and the texts true and false in any case, else Undefined."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return UNDEFINED


def plain(value: Decimal) -> str:
    """Return a Decimal's digits, with an exponent only where the number is very small or large."""
    return str(value.normalize()) if abs(value.adjusted()) > 20 else f"{value.normalize():f}"


def loads(text: str) -> Any:
    """Return a JSON document's value. Raises: ValueError when it is not JSON (NaN and Infinity are not)."""
    try:
        return json.loads(text, parse_float=_decimal, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("the document is nested too deeply") from None


def dumps(value: Any) -> str:
    """Return the JSON of a value, without blanks."""
    return json.dumps(value, separators=(",", ":"), default=_double, ensure_ascii=False)


def _decimal(text: str) -> Any:
    value = number(Decimal(text))
    if value is UNDEFINED:
        raise ValueError("a number is out of range")
    return value


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _double(value: Any) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} is not a value of rule SQL")
