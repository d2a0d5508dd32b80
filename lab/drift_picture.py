"""A picture of what several monitors say of each device in several worlds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from lab.drift import Findings
from lab.notebook import figures

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS: Final = 2
FULL: Final = 3.0
"""A score of so many thresholds has the darkest colour."""


def monitors(said: Mapping[str, Mapping[str, Findings]]) -> Figure:
    """Draw a panel a world, in it a row a monitor and a column a device; a dot where the threshold is reached.

    Parameters: said, world → monitor → findings by device.
    """
    rows = -(-len(said) // COLUMNS)
    figure, axes = figures.new(rows=rows, columns=COLUMNS, height=1.0 + 1.5 * rows)
    panels = np.atleast_1d(axes).ravel()
    for panel, (world, findings) in zip(panels, said.items(), strict=False):
        devices = sorted({device for found in findings.values() for device in found})
        times = [[_times(found, device) for device in devices] for found in findings.values()]
        panel.imshow(np.minimum(times, FULL), cmap="Oranges", vmin=0, vmax=FULL, aspect="auto")
        for row, column in np.argwhere(np.array(times) >= 1):
            panel.plot(column, row, "o", ms=6, color=figures.BAD, markeredgecolor="white")
        panel.set_xticks(range(len(devices)), [device.rpartition("-")[2] for device in devices])
        panel.set_yticks(range(len(findings)), list(findings))
        panel.grid(False)
        figures.label(panel, "", "", world)
    for panel in panels[len(said) :]:
        panel.axis("off")
    return figure


def _times(findings: Findings, device: str) -> float:
    """Return the score in thresholds, 0 for a device that the monitor does not have."""
    found = findings.get(device)
    return found.score / found.threshold if found else 0.0
