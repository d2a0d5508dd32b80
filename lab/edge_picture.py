"""Pictures of the edge model: where two answers agree, and what the device called each hour of a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from lab.edge_model import CLASSES
from lab.notebook import figures

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS: Final = dict(zip(CLASSES, (figures.MUTED, *figures.SERIES), strict=False))


def agreement(expected: npt.NDArray[np.int32], others: Mapping[str, npt.NDArray[np.int32]]) -> Figure:
    """Draw a matrix for each of the others: rows are what is expected, columns what it says, windows in the cells.

    Parameters: expected and each of others, (n,), positions in CLASSES. Off the diagonal stand the mismatches, red.
    """
    figure, axes = figures.new(columns=len(others), height=3.8)
    for panel, (title, found) in zip(np.atleast_1d(axes), others.items(), strict=True):
        counts = np.zeros((len(CLASSES), len(CLASSES)), dtype=int)
        np.add.at(counts, (expected, found), 1)
        off = counts * (1 - np.eye(len(CLASSES), dtype=int))
        panel.imshow(np.log1p(counts - off), cmap="Greens", vmax=12)
        panel.imshow(np.ma.masked_equal(off, 0), cmap="Reds", vmin=0, vmax=max(1, off.max()))
        for row, column in np.argwhere(counts):
            ink = "white" if off[row, column] > off.max() / 2 else "black"
            panel.text(column, row, counts[row, column], ha="center", va="center", size=8, color=ink)
        panel.set_xticks(range(len(CLASSES)), CLASSES, rotation=45, ha="right")
        panel.set_yticks(range(len(CLASSES)), CLASSES)
        panel.grid(False)
        figures.label(panel, "says", "is to say", f"{title}: {int(off.sum())} mismatches")
    return figure


def day(values: npt.NDArray[np.float64], kinds: Sequence[int]) -> Figure:
    """Draw readings, ten minutes apart, above what the device called the two hours before each of them.

    Parameters: values (n,) °C; kinds (n,), positions in CLASSES, negative while nothing is known.
    """
    figure, axes = figures.new()
    hours = np.arange(len(values)) / 6
    axes.plot(hours, values, color=figures.TEMPERATURE, lw=1.2)
    low = float(np.min(values)) - 1.0
    called = np.asarray(kinds)
    for position, name in enumerate(CLASSES):
        rows = called == position
        if rows.any():
            axes.plot(hours[rows], np.full(rows.sum(), low), "s", ms=4, color=COLOURS[name], label=name)
    figure.legend(loc="outside upper left", ncols=len(CLASSES), frameon=False)
    figures.label(axes, "hours", "temperature in °C")
    return figure
