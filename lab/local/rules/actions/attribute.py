"""Values of rule SQL as DynamoDB attribute values."""

from __future__ import annotations

import base64
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final


def attribute(value: Any) -> dict[str, Any]:
    """Return a value with its DynamoDB type: objects become maps, arrays lists."""
    for kinds, name, convert in _TYPES:
        if isinstance(value, kinds):
            return {name: convert(value)}
    return {"NULL": True}


_TYPES: Final[tuple[tuple[type | tuple[type, ...], str, Callable[[Any], Any]], ...]] = (
    (str, "S", str),
    (bool, "BOOL", bool),  # before the numbers: a Boolean is an int to Python
    ((int, Decimal), "N", str),
    (dict, "M", lambda value: {name: attribute(member) for name, member in value.items()}),
    (list, "L", lambda value: [attribute(element) for element in value]),
    (bytes, "B", lambda value: base64.b64encode(value).decode("ascii")),
)
