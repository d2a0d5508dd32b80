"""Numbers as Java writes them, which is how Trino and Athena show them."""

from __future__ import annotations

import math
import struct
from typing import Final

PLAIN_FROM, PLAIN_TO = 1e-3, 1e7
LARGEST_FLOAT: Final = 3.4028235677973366e38
"""Beyond it a number is no real any more, not even rounded."""
FLOAT_DIGITS: Final = 9
"""So many digits always tell a real from its neighbours."""


def _special(value: float) -> str | None:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return None


def _shortest_float(value: float) -> str:
    """The fewest digits that tell a real from every other real."""
    bits = struct.pack("f", value)
    for digits in range(1, FLOAT_DIGITS):
        text = float(f"{value:.{digits}g}")
        if abs(text) <= LARGEST_FLOAT and struct.pack("f", text) == bits:
            return repr(text)
    return repr(float(f"{value:.{FLOAT_DIGITS}g}"))


def _scientific(shortest: str) -> str:
    """``d.dddE<n>`` of a number that Python wrote with the fewest digits that tell it apart."""
    mantissa, _, exponent = shortest.lower().partition("e")
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    digits = (whole + fraction).lstrip("0")
    if not digits:
        return f"{sign}0.0E0"
    leading = len(whole + fraction) - len(digits)
    power = int(exponent or 0) + len(whole) - leading - 1
    digits = digits.rstrip("0")
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{power}"


def java_double(value: float) -> str:
    """The text of ``Double.toString``, Athena's cell: plain from 0.001 to 10 million, else with an exponent.

    Source: https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/lang/Double.html#toString(double)
    """
    return _special(value) or _plain_or_scientific(value, repr(value))


def java_float(value: float) -> str:
    """The text of ``Float.toString``."""
    return _special(value) or _plain_or_scientific(value, _shortest_float(value))


def _plain_or_scientific(value: float, shortest: str) -> str:
    if value == 0 or PLAIN_FROM <= abs(value) < PLAIN_TO:
        return shortest if "." in shortest else f"{shortest}.0"
    return _scientific(shortest)


def trino_double(value: float) -> str:
    """The text of CAST(double AS varchar): always with an exponent, ``1.5E0``."""
    return _special(value) or _scientific(repr(value))


def trino_float(value: float) -> str:
    """The text of CAST(real AS varchar)."""
    return _special(value) or _scientific(_shortest_float(value))


def json_double(value: float) -> str:
    """A number of JSON; NaN and infinities are written as text, as Jackson does."""
    special = _special(value)
    return f'"{special}"' if special else java_double(value)


def json_float(value: float) -> str:
    """As ``json_double``, with the digits that tell a real apart."""
    special = _special(value)
    return f'"{special}"' if special else java_float(value)


def interval_months(months: int) -> str:
    """``Y-M`` of an interval year to month."""
    sign = "-" if months < 0 else ""
    return f"{sign}{abs(months) // 12}-{abs(months) % 12}"


def interval_millis(millis: int) -> str:
    """``D HH:MM:SS.mmm`` of an interval day to second."""
    sign, rest = ("-" if millis < 0 else ""), abs(millis)
    days, rest = divmod(rest, 86_400_000)
    hours, rest = divmod(rest, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    seconds, rest = divmod(rest, 1000)
    return f"{sign}{days} {hours:02}:{minutes:02}:{seconds:02}.{rest:03}"
