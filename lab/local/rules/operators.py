"""Operators of rule SQL. What an operator cannot use makes its result Undefined.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-operators.html
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import Any, Final

from lab.local.rules.values import ARITHMETIC, UNDEFINED, number, to_boolean, to_number, to_text

Operator = Callable[[Any, Any], Any]


def arithmetic(symbol: str) -> Operator:
    """Return ``-``, ``*``, ``/`` or ``%``: Int with Int gives Int, otherwise Decimal."""

    def apply(left: Any, right: Any) -> Any:
        first, second = to_number(left), to_number(right)
        if first is UNDEFINED or second is UNDEFINED:
            return UNDEFINED
        return calculate(symbol, first, second)

    return apply


def calculate(symbol: str, first: int | Decimal, second: int | Decimal) -> Any:
    """Return the result for two numbers; Undefined for a division by zero or a result out of range."""
    try:
        if isinstance(first, int) and isinstance(second, int):
            return number(_whole(symbol, first, second))
        a, b = Decimal(first), Decimal(second)
        result = {
            "+": ARITHMETIC.add,
            "-": ARITHMETIC.subtract,
            "*": ARITHMETIC.multiply,
            "/": ARITHMETIC.divide,
            "%": ARITHMETIC.remainder,
        }[symbol](a, b)
        return number(result)
    except (ZeroDivisionError, DecimalException):
        return UNDEFINED


def _whole(symbol: str, first: int, second: int) -> int:
    """Calculate with Ints; quotient and remainder round towards zero."""
    if symbol == "+":
        return first + second
    if symbol == "-":
        return first - second
    if symbol == "*":
        return first * second
    quotient = abs(first) // abs(second)
    quotient = quotient if (first < 0) == (second < 0) else -quotient
    return quotient if symbol == "/" else first - quotient * second


def plus(left: Any, right: Any) -> Any:
    """Add numbers; join texts as soon as one operand is a text."""
    if isinstance(left, str) or isinstance(right, str):
        first, second = to_text(left), to_text(right)
        return UNDEFINED if first is UNDEFINED or second is UNDEFINED else first + second
    first, second = to_number(left), to_number(right)
    return UNDEFINED if first is UNDEFINED or second is UNDEFINED else calculate("+", first, second)


def comparison(compare: Callable[[Any, Any], bool]) -> Operator:
    """Return an ordering: both operands become numbers."""

    def apply(left: Any, right: Any) -> Any:
        first, second = to_number(left), to_number(right)
        if first is UNDEFINED or second is UNDEFINED:
            return UNDEFINED
        return compare(first, second)

    return apply


def equal(left: Any, right: Any) -> Any:
    """Compare values of one type; values of different types differ; Undefined with anything is Undefined."""
    if left is UNDEFINED or right is UNDEFINED:
        return UNDEFINED
    return same(left, right)


def same(left: Any, right: Any) -> bool:
    """Tell whether two values are of one type and equal. Python's ``True == 1`` does not count."""
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def unequal(left: Any, right: Any) -> Any:
    """Negate ``equal``."""
    answer = equal(left, right)
    return UNDEFINED if answer is UNDEFINED else not answer


def contains(value: Any, choices: Any) -> Any:
    """Tell whether an array holds a value."""
    if value is UNDEFINED or not isinstance(choices, list):
        return UNDEFINED
    return any(same(value, choice) for choice in choices)


def both(left: Any, right: Any) -> Any:
    """``AND`` of two Booleans."""
    first, second = to_boolean(left), to_boolean(right)
    return UNDEFINED if first is UNDEFINED or second is UNDEFINED else first and second


def either(left: Any, right: Any) -> Any:
    """``OR`` of two Booleans."""
    first, second = to_boolean(left), to_boolean(right)
    return UNDEFINED if first is UNDEFINED or second is UNDEFINED else first or second


def negate(value: Any) -> Any:
    """``NOT`` of a Boolean."""
    answer = to_boolean(value)
    return UNDEFINED if answer is UNDEFINED else not answer


BINARY: Final[dict[str, Operator]] = {
    "AND": both,
    "OR": either,
    "=": equal,
    "<>": unequal,
    "<": comparison(operator.lt),
    "<=": comparison(operator.le),
    ">": comparison(operator.gt),
    ">=": comparison(operator.ge),
    "+": plus,
    "-": arithmetic("-"),
    "*": arithmetic("*"),
    "/": arithmetic("/"),
    "%": arithmetic("%"),
}
