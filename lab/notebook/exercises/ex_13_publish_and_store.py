"""Exercise of notebook 13: how many items do these messages make?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

HINT: Final = "The table keeps one item for each pair (device_id, timestamp); 1 and 1.0 are the same number."
EXAMPLE: Final = (
    {"device_id": "a", "timestamp": 1, "temperature": 20.0},
    {"device_id": "a", "timestamp": 1.0, "temperature": 21.0},
    {"device_id": "a", "timestamp": 1.5, "temperature": 21.0},
    {"device_id": "b", "timestamp": 1, "temperature": 20.0},
)


def solution(messages: Sequence[dict[str, Any]]) -> int:
    """Return the number of different keys."""
    return len({(message["device_id"], message["timestamp"]) for message in messages})


def problem(answer: Callable[[Sequence[dict[str, Any]]], Any]) -> str:
    """Return what is wrong with the answer, or an empty text."""
    if answer(()) != 0:
        return "no message makes no item"
    found = answer(EXAMPLE)
    keys = [(message["device_id"], message["timestamp"]) for message in EXAMPLE]
    return "" if found == 3 else f"four messages with the keys {keys} make 3 items, not {found}"
