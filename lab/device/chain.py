"""A row of boxes with arrows between them: what passes from one place to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Final

from lab.notebook import figures

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH: Final = 10.0
GAP: Final = 0.7
MARGIN: Final = 0.1
LETTERS_PER_INCH: Final = 16  # of the fixed font below
LINE_INCHES: Final = 0.17
HEAD_INCHES: Final = 0.42


@dataclass(frozen=True)
class Box:
    """A place. lines: what lies there, wrapped to the box; arrow: what leads from it to the next."""

    title: str
    lines: Sequence[str]
    arrow: str = ""
    colour: str = figures.MUTED


def draw(boxes: Sequence[Box]) -> Figure:
    """Draw the boxes from left to right, all as high as the fullest."""
    from matplotlib.patches import FancyBboxPatch

    width = (WIDTH - GAP * (len(boxes) - 1)) / len(boxes)
    letters = int((width - 2 * MARGIN) * LETTERS_PER_INCH)
    texts = [[part for line in box.lines for part in wrap(line, letters, break_on_hyphens=False)] for box in boxes]
    height = HEAD_INCHES + LINE_INCHES * max(map(len, texts)) + 0.1
    figure, axes = figures.new(width=WIDTH, height=height + 0.3)
    axes.axis("off")
    axes.set(xlim=(-0.05, WIDTH + 0.05), ylim=(-0.05, height + 0.05))
    for number, (box, lines) in enumerate(zip(boxes, texts, strict=True)):
        left = number * (width + GAP)
        shape = "round,pad=0,rounding_size=0.08"
        axes.add_patch(FancyBboxPatch((left, 0), width, height, shape, fc="none", ec=box.colour, lw=1.6))
        axes.text(left + MARGIN, height - MARGIN, box.title, weight="bold", size=9, va="top", color=box.colour)
        for row, line in enumerate(lines):
            axes.text(
                left + MARGIN, height - HEAD_INCHES - row * LINE_INCHES, line, size=7.5, va="top", family="monospace"
            )
        if number + 1 < len(boxes):
            start, middle = left + width + 0.05, height / 2
            axes.annotate("", (start + GAP - 0.1, middle), (start, middle), arrowprops={"arrowstyle": "->"})
            axes.text(start + GAP / 2 - 0.05, middle + 0.08, box.arrow, size=7, ha="center", va="bottom")
    return figure
