"""Exercise of notebook 00: write a message that keeps the contract."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from lab import contract

HINT: Final = "Return a dict with device_id, timestamp, temperature and one member of your own."
DEVICE: Final = "kitchen:1"
KNOWN: Final = frozenset({"device_id", "timestamp", "temperature", "humidity"})


def solution() -> dict[str, Any]:
    """Return a message of the kitchen with a member of its own."""
    return {"device_id": DEVICE, "timestamp": 1640995200, "temperature": 21.5, "humidity": 40.0, "battery": 3.9}


def problem(answer: Callable[[], Any]) -> str:
    """Return what is wrong with the answer, or an empty text."""
    message = answer()
    found = contract.problems(message)
    if found:
        return found[0]
    if message["device_id"] != DEVICE:
        return f"the device is called {message['device_id']!r}, not {DEVICE!r}"
    return "" if set(message) - KNOWN else "it has no member of its own"
