"""How long a message is under way: from a device to the broker's acknowledgement, and to its item in the table."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from lab import contract, items
from lab.errors import LabError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LONGEST_SECONDS: Final = 10.0
#: Probes lie at the beginning of 2000, apart from every real reading, and are written over by the next measurement.
FIRST_TIMESTAMP: Final = 946_684_800


class Line(Protocol):
    """A device's connection to the broker."""

    def publish(self, topic: str, payload: bytes) -> bool:
        """Publish, and return once the broker has acknowledged."""


@dataclass(frozen=True)
class Times:
    """Seconds from publishing to the broker's acknowledgement, and to the item in the table."""

    acknowledged: float
    stored: float


def measure(
    line: Line, table: str, device_id: str, probes: int, clock: Callable[[], float] = time.perf_counter
) -> list[Times]:
    """Return the times of each of ``probes`` messages, sent one after the other over an open connection.

    A probe carries the time of the measurement, so that an item of an earlier one is not taken for it.
    Raises: LabError when a probe does not arrive.
    """
    mark = time.time()
    found = []
    for number in range(probes):
        reading = {"device_id": device_id, "timestamp": FIRST_TIMESTAMP + number, "temperature": 20.0, "sent_at": mark}
        began = clock()
        line.publish(contract.topic(device_id), json.dumps(reading).encode())
        acknowledged = clock() - began
        _arrival(table, reading, began + LONGEST_SECONDS, clock)
        found.append(Times(acknowledged, clock() - began))
    return found


def _arrival(table: str, reading: dict[str, Any], deadline: float, clock: Callable[[], float]) -> None:
    """Return when the probe itself lies in the table. Raises: LabError after the deadline."""
    while items.wait_for(table, reading["device_id"], reading["timestamp"]).get("sent_at") != reading["sent_at"]:
        if clock() > deadline:
            raise LabError(f"A probe of {reading['device_id']} did not arrive.", "Read the rule's error log.")


def histogram(times: Sequence[Times]) -> Figure:
    """Draw how long the probes took to the broker's word and to the table, with the median of each."""
    from statistics import median

    from lab.notebook import figures

    figure, axes = figures.new()
    series = {
        "acknowledged": ([each.acknowledged * 1000 for each in times], figures.HUMIDITY),
        "in the table": ([each.stored * 1000 for each in times], figures.TEMPERATURE),
    }
    last = max(values[-1] for values, _ in ((sorted(found), colour) for found, colour in series.values()))
    edges = [last * step / 24 for step in range(25)]
    for name, (values, colour) in series.items():
        half = median(values)
        axes.hist(values, bins=edges, color=colour, alpha=0.6, label=f"{name}: half within {half:.0f} ms")
        axes.axvline(half, color=colour, lw=1, ls="--")
    axes.legend()
    figures.label(axes, "milliseconds since the message was published", "messages")
    return figure
