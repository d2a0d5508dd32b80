"""Values of rule SQL as DynamoDB attribute values."""

from __future__ import annotations

import base64
from decimal import Decimal
from typing import Any


def attribute(value: Any) -> dict[str, Any]:
    """Return a value with its DynamoDB type: objects become maps, arrays lists."""
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int | Decimal):
        return {"N": str(value)}
    if isinstance(value, dict):
        return {"M": {name: attribute(member) for name, member in value.items()}}
    if isinstance(value, list):
        return {"L": [attribute(element) for element in value]}
    if isinstance(value, bytes):
        return {"B": base64.b64encode(value).decode("ascii")}
    return {"NULL": True}
