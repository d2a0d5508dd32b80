"""What a JSON path works on: JSON items, and scalars with an SQL type; their arithmetic, order and text.

A JSON item is what ``json.loads`` makes of it. A number of JSON with a fraction is a double, as in Trino.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation, localcontext
from typing import Any, Final

from lab.local.athena import java_text
from lab.local.athena import types as t
from lab.local.athena.coerce import as_decimal, common_type
from lab.local.athena.operators import decimal_divide, decimal_result
from lab.local.athena.types import Type

BITS: Final = {t.TINYINT: 8, t.SMALLINT: 16, t.INTEGER: 32, t.BIGINT: 64}


class PathError(Exception):
    """A path cannot be evaluated; ON ERROR says what comes of it. ``name`` is Trino's name of the error."""

    def __init__(self, message: str, name: str = "PATH_EVALUATION_ERROR") -> None:
        super().__init__(message)
        self.name = name


@dataclass(frozen=True)
class Scalar:
    """A value of an SQL type: boolean, number or text."""

    kind: Type
    value: Any


Item = Any
"""A JSON item or a Scalar."""


def whole(value: int) -> Scalar:
    """An integer if it fits, else a bigint. Raises PathError beyond that."""
    for kind in (t.INTEGER, t.BIGINT):
        if fits(value, kind):
            return Scalar(kind, value)
    raise PathError(f"cannot convert {value} to Trino value (value too big)")


def fits(value: int, kind: Type) -> bool:
    """Whether an integer type holds the number."""
    half = 1 << (BITS[kind] - 1)  # type: ignore[index]
    return -half <= value < half


def scalar(item: Item) -> Scalar | None:
    """The scalar that an item is; None for null, an array or an object. Raises PathError."""
    if isinstance(item, Scalar):
        return item
    if isinstance(item, bool):
        return Scalar(t.BOOLEAN, item)
    if isinstance(item, int):
        return whole(item)
    if isinstance(item, float):
        return Scalar(t.DOUBLE, item)
    return Scalar(t.VARCHAR, item) if isinstance(item, str) else None


def number(item: Item) -> Scalar:
    """The number that an item is. Raises PathError."""
    found = scalar(item)
    if found is None or not t.is_numeric(found.kind):
        raise wrong_type("NUMBER", item)
    return found


def wrong_type(expected: str, item: Item) -> PathError:
    """The error of an item of another type than is needed."""
    return PathError(f"invalid item type. Expected: {expected}, actual: {type_of(item).upper()}")


def type_of(item: Item) -> str:
    """What the method type() says."""
    if isinstance(item, Scalar):
        return "number" if t.is_numeric(item.kind) else "boolean" if item.kind == t.BOOLEAN else "string"
    names: dict[type, str] = {bool: "boolean", int: "number", float: "number", str: "string", list: "array"}
    return "null" if item is None else names.get(type(item), "object")


def arithmetic(sign: str, left: Scalar, right: Scalar) -> Scalar:
    """``+ - * / %`` of numbers as SQL has them. Raises PathError."""
    kind = common_type(left.kind, right.kind)
    try:
        if isinstance(kind, t.Decimal):
            return _decimal(sign, left, right)
        if kind == t.DOUBLE:
            return Scalar(kind, _double(sign, float(left.value), float(right.value)))
        assert kind is not None  # noqa: S101 - numbers have a common type
        found = _integer(sign, left.value, right.value)
    except (ValueError, ArithmeticError) as error:
        raise PathError(str(error)) from None
    if not fits(found, kind):
        raise PathError(f"{kind.name} {sign} overflow")
    return Scalar(kind, found)


def _integer(sign: str, a: int, b: int) -> int:
    if sign in "/%":
        quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
        return quotient if sign == "/" else a - quotient * b
    return {"+": a + b, "-": a - b, "*": a * b}[sign]


def _double(sign: str, a: float, b: float) -> float:
    if sign == "%":
        return math.fmod(a, b) if b and math.isfinite(a) else math.nan
    if sign == "/":
        return a / b if b else math.nan if not a or math.isnan(a) else math.copysign(math.inf, a) * math.copysign(1, b)
    return {"+": a + b, "-": a - b, "*": a * b}[sign]


def _decimal(sign: str, left: Scalar, right: Scalar) -> Scalar:
    kind = decimal_result(sign, as_decimal(left.kind), as_decimal(right.kind))
    a, b = Decimal(left.value), Decimal(right.value)
    with localcontext() as context:
        context.prec = 80
        if sign == "/":
            found = decimal_divide(a, b, kind.scale)
        else:
            found = {"+": a.__add__, "-": a.__sub__, "*": a.__mul__, "%": a.__mod__}[sign](b)
        if kind.scale > t.MAX_PRECISION or abs(found) >= Decimal(10) ** (kind.precision - kind.scale):
            raise PathError("decimal overflow")
        return Scalar(kind, found.quantize(Decimal(1).scaleb(-kind.scale)))


def negated(value: Scalar) -> Scalar:
    """The number with the other sign. Raises PathError where it does not fit."""
    if t.is_integer(value.kind) and not fits(-value.value, value.kind):
        raise PathError(f"{value.kind.name} negation overflow")
    return Scalar(value.kind, -value.value)


def rounded(value: Scalar, function: Callable[[Any], int]) -> Scalar:
    """``math.floor`` or ``math.ceil`` of a number, in its type; a decimal has no fraction then."""
    if t.is_integer(value.kind):
        return value
    if isinstance(value.kind, t.Decimal):
        digits = value.kind.precision - value.kind.scale + min(value.kind.scale, 1)
        return Scalar(t.Decimal(digits, 0), Decimal(function(value.value)))
    return Scalar(value.kind, float(function(value.value)) if math.isfinite(value.value) else value.value)


def as_double(item: Item) -> Scalar:
    """The double of a number or of a text that holds one. Raises PathError."""
    found = scalar(item)
    if found is None or found.kind == t.BOOLEAN:
        raise wrong_type("NUMBER or TEXT", item)
    try:
        return Scalar(t.DOUBLE, float(found.value))
    except ValueError:
        raise PathError(f"Cannot cast '{found.value}' to DOUBLE") from None


def text_of(item: Item) -> str | None:
    """The text that an item is, or None."""
    found = item.value if isinstance(item, Scalar) else item
    return found if isinstance(found, str) else None


def index(item: Item) -> int:
    """A subscript. Raises PathError."""
    found = number(item)
    if found.kind == t.DOUBLE and not math.isfinite(found.value):
        raise PathError(f"cannot convert value {found.value} to long")
    if t.is_integer(found.kind):
        return int(found.value)
    # A number written in JSON is cut, one of SQL is rounded half up.
    return (
        int(item)
        if isinstance(item, float)
        else math.floor(abs(Decimal(found.value)) + Decimal("0.5")) * (-1 if found.value < 0 else 1)
    )


_ORDER: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}


def compare(sign: str, left: Scalar, right: Scalar) -> bool | None:
    """The comparison of two scalars; None where SQL has none for their types."""
    kind = common_type(left.kind, right.kind)
    if kind is None:
        return None
    a, b = left.value, right.value
    if kind == t.DOUBLE:
        a, b = float(a), float(b)
    elif isinstance(kind, t.Char):
        a, b = a.rstrip(" "), b.rstrip(" ")
    return _ORDER[sign](a, b)


def read(text: str) -> Item:
    """The first JSON item of a text, as Jackson's reader takes it. Raises PathError JSON_INPUT_CONVERSION_ERROR."""
    try:
        stripped = text.lstrip(" \t\r\n")
        item, end = _DECODER.raw_decode(stripped)
    except (ValueError, RecursionError):
        raise _malformed() from None
    if not isinstance(item, str | list | dict) and stripped[end : end + 1].strip(" \t\r\n,]}"):
        raise _malformed()
    return item


def _malformed() -> PathError:
    return PathError("conversion to JSON failed: ", "JSON_INPUT_CONVERSION_ERROR")


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse)


def write(item: Item) -> str:
    """The compact JSON text of an item; members stay in their order."""
    if isinstance(item, Scalar):
        if isinstance(item.kind, t.Decimal):
            return str(item.value)
        item = item.value
    if isinstance(item, float):
        return java_text.json_double(item)
    if isinstance(item, list):
        return f"[{','.join(write(part) for part in item)}]"
    if isinstance(item, dict):
        return f"{{{','.join(f'{json.dumps(key, ensure_ascii=False)}:{write(part)}' for key, part in item.items())}}}"
    return json.dumps(item, ensure_ascii=False)


def decimal_literal(digits: str) -> Scalar:
    """A number with a point: a decimal of just its digits. Raises PathError beyond 38 digits."""
    try:
        value = Decimal(digits)
    except InvalidOperation:
        raise PathError(f"Invalid decimal literal {digits}") from None
    scale = max(-int(value.as_tuple().exponent), 0)
    precision = max(len(value.as_tuple().digits), scale, 1)
    if precision > t.MAX_PRECISION:
        raise PathError(f"Invalid decimal literal {digits}")
    return Scalar(t.Decimal(precision, scale), value)
