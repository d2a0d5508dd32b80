"""The message contract: what a device sends, decided once for device, rule, ETL and tables.

``device_id`` and ``timestamp`` identify a reading. Further members are kept, not rejected.
"""

from __future__ import annotations

import re
from typing import Any, Final

from lab.schemas import Draft202012Validator

DEVICE_ID_PATTERN: Final = r"^[A-Za-z0-9:_-]{1,128}$"
TOPIC_PATTERN: Final = re.compile(r"^device/([A-Za-z0-9:_-]{1,128})/data$")

SCHEMA: Final[dict[str, Any]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Reading",
    "type": "object",
    "required": ["device_id", "timestamp", "temperature"],
    "properties": {
        "device_id": {"type": "string", "pattern": DEVICE_ID_PATTERN, "description": "thing name and topic level 2"},
        "timestamp": {"type": "number", "description": "Unix seconds, integer or fractional"},
        "temperature": {"type": "number", "description": "degrees Celsius"},
        "humidity": {"type": "number", "minimum": 0, "maximum": 100, "description": "relative humidity, percent"},
    },
    "additionalProperties": True,
}

_VALIDATOR: Final = Draft202012Validator(SCHEMA)


def topic(device_id: str) -> str:
    """Return the MQTT topic on which a device publishes its readings."""
    return f"device/{device_id}/data"


def problems(message: Any) -> list[str]:
    """Return what is wrong with a message, one sentence each; an empty list means that it keeps the contract."""
    return [error.message for error in _VALIDATOR.iter_errors(message)]
