"""How long a message is under way: published by a device, found in the table."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final, Protocol

from lab import items
from lab.errors import LabError

LONGEST_SECONDS: Final = 10.0
#: Probes lie at the beginning of 2000, apart from every real reading, and are written over by the next measurement.
FIRST_TIMESTAMP: Final = 946_684_800


class Publisher(Protocol):
    """Anything that publishes readings and returns when they are acknowledged."""

    def publish_readings(self, readings: list[dict[str, Any]]) -> Any:
        """Publish readings."""


def measure(
    publisher: Publisher, table: str, device_id: str, probes: int, clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """Return the seconds from publish to item for each of ``probes`` messages, sent one after the other.

    A probe carries the time of the measurement, so that an item of an earlier one is not taken for it.
    Raises: LabError when a probe does not arrive.
    """
    mark = time.time()
    seconds = []
    for number in range(probes):
        reading = {"device_id": device_id, "timestamp": FIRST_TIMESTAMP + number, "temperature": 20.0, "sent_at": mark}
        began = clock()
        publisher.publish_readings([reading])
        _arrival(table, reading, began + LONGEST_SECONDS, clock)
        seconds.append(clock() - began)
    return seconds


def _arrival(table: str, reading: dict[str, Any], deadline: float, clock: Callable[[], float]) -> None:
    """Return when the probe itself lies in the table. Raises: LabError after the deadline."""
    while items.wait_for(table, reading["device_id"], reading["timestamp"]).get("sent_at") != reading["sent_at"]:
        if clock() > deadline:
            raise LabError(f"A probe of {reading['device_id']} did not arrive.", "Read the rule's error log.")
