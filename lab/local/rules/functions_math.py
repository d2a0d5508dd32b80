"""Functions of rule SQL: mathematics.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-functions.html
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal, DecimalException
from typing import Any, Final

from lab.local.rules.function import Function, pure
from lab.local.rules.operators import calculate
from lab.local.rules.values import ARITHMETIC, UNDEFINED, number, to_number

MOST_DIGITS: Final = 34


def double(apply: Callable[..., float]) -> Callable[..., Any]:
    """Return a function of numbers in double precision; imaginary and infinite results are Undefined."""

    def on_doubles(*values: Any) -> Any:
        numbers = [to_number(value) for value in values]
        if UNDEFINED in numbers:
            return UNDEFINED
        try:
            return number(float(apply(*(float(value) for value in numbers))))
        except (ValueError, OverflowError, ZeroDivisionError):
            return UNDEFINED

    return on_doubles


def whole(rounding: str) -> Callable[[Any], Any]:
    """Return a function that rounds to an Int."""

    def to_whole(value: Any) -> Any:
        found = to_number(value)
        if found is UNDEFINED or isinstance(found, int):
            return found
        return int(found.to_integral_value(rounding=rounding))

    return to_whole


def bits(apply: Callable[[int, int], int]) -> Callable[[Any, Any], Any]:
    """Return a function of two Ints; Decimals round down first."""

    def on_ints(left: Any, right: Any) -> Any:
        first, second = _whole_down(left), _whole_down(right)
        return UNDEFINED if first is UNDEFINED or second is UNDEFINED else apply(first, second)

    return on_ints


_whole_down: Final = whole(ROUND_FLOOR)


def _bitnot(value: Any) -> Any:
    found = _whole_down(value)
    return UNDEFINED if found is UNDEFINED else ~found


def _abs(value: Any) -> Any:
    found = to_number(value)
    return found if found is UNDEFINED else abs(found)


def _sign(value: Any) -> Any:
    found = to_number(value)
    return found if found is UNDEFINED else (found > 0) - (found < 0)


def _remainder(left: Any, right: Any) -> Any:
    first, second = to_number(left), to_number(right)
    return UNDEFINED if first is UNDEFINED or second is UNDEFINED else calculate("%", first, second)


def _trunc(value: Any, places: Any) -> Any:
    found, digits = to_number(value), to_number(places)
    if found is UNDEFINED or digits is UNDEFINED:
        return UNDEFINED
    if isinstance(found, int):
        return found
    kept = min(max(_whole_down(digits), 0), MOST_DIGITS)
    try:
        return number(found.quantize(Decimal(1).scaleb(-kept), rounding=ROUND_DOWN, context=ARITHMETIC))
    except DecimalException:  # it has fewer digits than asked for
        return found


FUNCTIONS: Final[dict[str, Function]] = {
    "abs": pure(1, _abs),
    "sign": pure(1, _sign),
    "ceil": pure(1, whole(ROUND_CEILING)),
    "floor": pure(1, whole(ROUND_FLOOR)),
    "round": pure(1, whole(ROUND_HALF_UP)),
    "trunc": pure(2, _trunc),
    "mod": pure(2, _remainder),
    "remainder": pure(2, _remainder),
    "power": pure(2, double(math.pow)),
    "sqrt": pure(1, double(math.sqrt)),
    "exp": pure(1, double(math.exp)),
    "ln": pure(1, double(math.log)),
    "log": pure(1, double(math.log10)),
    "rand": Function(0, 0, lambda _message: number(random.random())),  # noqa: S311  (AWS's own is no secret either)
    "atan2": pure(2, double(math.atan2)),
    **{
        name: pure(1, double(getattr(math, name)))
        for name in ("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh")
    },
    "bitand": pure(2, bits(lambda a, b: a & b)),
    "bitor": pure(2, bits(lambda a, b: a | b)),
    "bitxor": pure(2, bits(lambda a, b: a ^ b)),
    "bitnot": pure(1, _bitnot),
}
