"""Types of columns as crawlers infer them, and how two of them become one.

A type is a Hive name, a list with one element type (array), a dictionary of member types (struct), or None for a value
that says nothing. Source: https://docs.aws.amazon.com/glue/latest/dg/crawler-schema-changes-prevent.html
"""

from __future__ import annotations

from typing import Any, Final

Type = str | list[Any] | dict[str, Any] | None
WIDTHS: Final = ("tinyint", "smallint", "int", "bigint", "float", "double")
SMALLEST_INT: Final = -(2**31)
LARGEST_INT: Final = 2**31 - 1
SCALARS: Final[dict[type, str | None]] = {type(None): None, bool: "boolean", float: "double", str: "string"}


def widen(first: Type, second: Type) -> Type:
    """Return the narrowest type that holds values of both; ``string`` holds everything."""
    if first is None or first == second:
        return second
    if second is None:
        return first
    if isinstance(first, dict) and isinstance(second, dict):
        return {name: widen(first.get(name), second.get(name)) for name in {**first, **second}}
    if isinstance(first, list) and isinstance(second, list):
        return [widen(first[0], second[0])]
    if first in WIDTHS and second in WIDTHS:
        return WIDTHS[max(WIDTHS.index(str(first)), WIDTHS.index(str(second)))]
    return "string"


def compatible(first: Type, second: Type) -> bool:
    """Tell whether two types count as the same when schemas are compared."""
    if first is None or second is None or first == second:
        return True
    if isinstance(first, str) and isinstance(second, str):
        return first in WIDTHS and second in WIDTHS
    return type(first) is type(second)


def of_value(value: Any) -> Type:
    """Return the type of a JSON value."""
    if isinstance(value, list):
        element: Type = None
        for item in value:
            element = widen(element, of_value(item))
        return [element]
    if isinstance(value, dict):
        return {str(name): of_value(item) for name, item in value.items()}
    if isinstance(value, int) and not isinstance(value, bool):
        return "int" if SMALLEST_INT <= value <= LARGEST_INT else "bigint"
    return SCALARS.get(type(value), "string")


def text(kind: Type) -> str:
    """Return a type as the catalogue writes it."""
    if kind is None:
        return "string"
    if isinstance(kind, list):
        return f"array<{text(kind[0])}>"
    if isinstance(kind, dict):
        return "struct<" + ",".join(f"{name}:{text(member)}" for name, member in kind.items()) + ">"
    return kind
