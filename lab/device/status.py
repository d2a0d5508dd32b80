"""The line that a board writes to serial once a second: ``WIO1 {...}``, read into a value."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, fields
from typing import Any, Final

MARK: Final = "WIO1 "
STATES: Final = ("waiting", "wifi", "time", "tls", "mqtt", "online")
"""In the order in which a device passes them."""


@dataclass(frozen=True)
class Status:
    """What a board says about itself; the fields are those of src/core/status.h.

    fault: a code of src/core/fault.h; uptime: seconds since the start; epoch: Unix seconds, 0 without a set clock;
    rssi: dBm, 0 while unknown; temperature: degrees Celsius; humidity: percent; not a number where there is none; kind:
    what the edge model calls the last two hours, empty in the first two.
    """

    device_id: str
    firmware: str
    radio: str
    sensor: str
    reset: str
    state: str
    fault: str
    uptime: int
    epoch: int
    queued: int
    dropped: int
    refused: int
    acknowledged: int
    rssi: float
    temperature: float = math.nan
    humidity: float = math.nan
    kind: str = ""


def parse(line: str) -> Status | None:
    """Return the status that a line holds, or None for any other line, and for one that was cut.

    A member that this version does not know is left out, so that a newer sketch can be read.
    """
    mark, found, text = line.partition(MARK)
    if not found or mark.strip():
        return None
    try:
        members = json.loads(text)
        status = Status(**{field.name: members[field.name] for field in fields(Status) if field.name in members})
    except (ValueError, TypeError):
        return None
    return status if _sound(status) else None


def _sound(status: Status) -> bool:
    """Say whether the members are of their kinds: a line may be damaged and still be JSON."""
    kinds: dict[str, Any] = {"str": str, "int": int, "float": (int, float)}
    typed = all(isinstance(getattr(status, field.name), kinds[str(field.type)]) for field in fields(Status))
    return typed and status.state in STATES
