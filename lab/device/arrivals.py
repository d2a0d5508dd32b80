"""Readings on their way while they are made: what the device says that it sent, and what the table has of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab import items
from lab.device.status import parse
from lab.errors import LabError

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Moment:
    """Seconds since the device's start; messages acknowledged until then; its items in the table at that moment."""

    uptime: int
    acknowledged: int
    stored: int


def watch(lines: Iterable[str], table: str, count: int) -> list[Moment]:
    """Read a device's serial line, and ask the table each time that the device tells of new acknowledgements.

    Ends when so many messages are acknowledged. Parameters: lines, as ``lab.device.desk.lines`` gives them.
    Raises: LabError when the lines end before.
    """
    moments: list[Moment] = []
    first = None
    for line in lines:
        status = parse(line)
        if status is None or not status.acknowledged:
            continue
        if first is None:
            first = status.epoch - status.uptime - 1
        if not moments or status.acknowledged > moments[-1].acknowledged:
            stored = items.count_of(table, status.device_id, first, status.epoch)
            moments.append(Moment(status.uptime, status.acknowledged, stored))
        if status.acknowledged >= count:
            return moments
    raise LabError(f"The device did not send {count} messages.", "Run `lab device verify` to see how far it comes.")


def picture(moments: Sequence[Moment]) -> Figure:
    """Draw what was acknowledged and what lay in the table, over the seconds since the device's start."""
    from lab.notebook import figures

    figure, axes = figures.new(height=2.8)
    seconds = [moment.uptime for moment in moments]
    acknowledged = [moment.acknowledged for moment in moments]
    axes.step(seconds, acknowledged, where="post", color=figures.HUMIDITY, lw=2, label="acknowledged by the broker")
    axes.plot(seconds, [moment.stored for moment in moments], "o", color=figures.TEMPERATURE, label="in the table")
    axes.legend()
    figures.label(axes, "seconds since the device's start", "messages")
    return figure
