"""Pictures of a device: its way to the first message, its screen, its queue through an outage."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from lab.device.core import Line
from lab.device.status import STATES, Status
from lab.notebook import figures

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 320, 240
MARGIN: Final = 8
CHART_TOP, CHART_HEIGHT, CHART_STEP = 150, 80, 5
STYLES: Final = {
    Line.DEVICE: (4, 26, "white"),
    Line.STATE: (32, 16, "cyan"),
    Line.READING: (54, 26, "#00ff00"),
    Line.QUEUE: (84, 16, "lightgrey"),
    Line.SIGNAL: (104, 16, "lightgrey"),
    Line.FAULT: (124, 16, "red"),
}
"""Top and height in pixels and colour of each line, as firmware/wioterminal/src/board/screen.cpp draws it."""
POINTS_PER_PIXEL: Final = 0.4


def timeline(statuses: Sequence[Status]) -> Figure:
    """Draw the state in each status line, in their order; faults red, the first acknowledged message green."""
    figure, axes = figures.new(height=2.8)
    states = [STATES.index(status.state) for status in statuses]
    axes.plot(states, "o-", drawstyle="steps-post", color=figures.HUMIDITY, lw=2, ms=5)
    faults = [number for number, status in enumerate(statuses) if status.fault != "none"]
    axes.plot(faults, [states[number] for number in faults], "o", color=figures.BAD, ms=5)
    sent = [number for number, status in enumerate(statuses) if status.acknowledged][:1]
    axes.plot(sent, [states[number] for number in sent], "o", color=figures.GOOD, ms=11)
    axes.set_yticks(range(len(STATES)), STATES)
    axes.set_ylim(-0.5, len(STATES) - 0.5)
    axes.xaxis.get_major_locator().set_params(integer=True)
    figures.label(axes, "status line", "state")
    return figure


def screens(shown: Mapping[str, tuple[Mapping[Line, str], Sequence[float]]]) -> Figure:
    """Draw the screen at several moments.

    Parameters: shown, title → lines of the screen and the minutes of its chart (degrees Celsius, not a number: empty).
    """
    figure, panels = figures.new(columns=len(shown), width=3.2 * len(shown), height=2.7)
    for axes, (title, (lines, minutes)) in zip([panels] if len(shown) == 1 else panels, shown.items(), strict=True):
        _screen(axes, lines, minutes)
        axes.set_title(title, loc="left")
    return figure


def queue(statuses: Sequence[Status]) -> Figure:
    """Draw how many readings wait and how many are acknowledged, by the minutes since the start."""
    figure, (upper, lower) = figures.new(rows=2, height=4.0)
    minutes = [status.uptime / 60 for status in statuses]
    upper.plot(minutes, [status.queued for status in statuses], color=figures.TEMPERATURE)
    lower.plot(minutes, [status.acknowledged for status in statuses], color=figures.GOOD)
    figures.label(upper, "", "readings waiting")
    figures.label(lower, "minutes since the start", "acknowledged")
    return figure


def _screen(axes: Axes, lines: Mapping[Line, str], minutes: Sequence[float]) -> None:
    from matplotlib.patches import Rectangle

    axes.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0), aspect="equal", xticks=[], yticks=[], facecolor="black")
    axes.grid(visible=False)
    for line, (top, height, colour) in STYLES.items():
        size = height * POINTS_PER_PIXEL
        axes.text(
            MARGIN, top, lines.get(line, ""), color=colour, size=size, va="top", family="DejaVu Sans", clip_on=True
        )
    known = [value for value in minutes if not math.isnan(value)]
    low, high = min(known, default=0.0), max(known, default=0.0)
    for index, value in enumerate(minutes):
        if not math.isnan(value):
            share = (value - low) / (high - low) if high > low else 0.0
            bar = 1 + share * (CHART_HEIGHT - 1)
            corner = (MARGIN + index * CHART_STEP, CHART_TOP + CHART_HEIGHT - bar)
            axes.add_patch(Rectangle(corner, CHART_STEP - 1, bar, color="orange"))


def permissions(answers: Mapping[str, bool]) -> Figure:
    """Draw what a device may do: an attempt, such as a topic to publish on → whether the broker allowed it."""
    figure, axes = figures.new(height=0.6 + 0.4 * len(answers))
    colours = [figures.GOOD if allowed else figures.BAD for allowed in answers.values()]
    axes.barh(list(answers), [1] * len(answers), color=colours, height=0.6)
    for row, allowed in enumerate(answers.values()):
        axes.text(0.5, row, "allowed" if allowed else "refused", color="white", ha="center", va="center")
    axes.set(xticks=[], xlim=(0, 1))
    axes.invert_yaxis()
    axes.grid(visible=False)
    return figure
