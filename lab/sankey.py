"""Draw what became of a quantity from stage to stage: bands as wide as their share, split where ways part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from lab.notebook import figures

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GAP: Final = 0.1  # between two nodes of a stage, as a share of the whole
THINNEST: Final = 0.012  # of the whole, so that one of a million is seen
NODE: Final = 0.05  # width of a node, as a share of the way between two stages


class Band(NamedTuple):
    """So many go from a node of one stage to a node of the next."""

    source: str
    target: str
    amount: int


class _Node(NamedTuple):
    stage: int
    top: float
    height: float
    amount: int


def draw(stages: Sequence[Sequence[str]], bands: Sequence[Band], colours: Mapping[str, str]) -> Figure:
    """Return the picture; nodes that nothing reaches are left out.

    Parameters: stages, the names of the nodes, from left to right and from top to bottom; colours, by node; a band has
    the colour of where it leads.
    """
    from matplotlib.patheffects import withStroke

    figure, axes = figures.new(height=3.4)
    axes.axis("off")
    nodes = _place(stages, bands)
    for name, node in nodes.items():
        axes.fill_betweenx(
            [node.top - node.height, node.top], node.stage, node.stage + NODE, color=colours[name], linewidth=0
        )
        left = node.stage == 0
        x, side = (node.stage - 0.03, "right") if left else (node.stage + NODE + 0.03, "left")
        label = axes.text(x, node.top - node.height / 2, f"{name} {node.amount:,}", ha=side, va="center", size=9)
        label.set_path_effects([withStroke(linewidth=2.5, foreground="white", alpha=0.7)])  # a band may cross it
    _bands(axes, nodes, bands, colours)
    axes.set(xlim=(-0.35, len(stages) - 0.4))
    return figure


def _place(stages: Sequence[Sequence[str]], bands: Sequence[Band]) -> dict[str, _Node]:
    nodes: dict[str, _Node] = {}
    arriving = {name: sum(band.amount for band in bands if band.target == name) for stage in stages for name in stage}
    leaving = {name: sum(band.amount for band in bands if band.source == name) for name in stages[0]}
    whole = max(sum(leaving.values()), 1)
    for number, stage in enumerate(stages):
        counts = leaving if number == 0 else {name: arriving[name] for name in stage if arriving[name]}
        heights = {name: max(count / whole, THINNEST) for name, count in counts.items()}
        top = 0.5 + (sum(heights.values()) + GAP * (len(heights) - 1)) / 2
        for name, height in heights.items():
            nodes[name] = _Node(number, top, height, counts[name])
            top -= height + GAP
    return nodes


def _bands(axes: Axes, nodes: Mapping[str, _Node], bands: Sequence[Band], colours: Mapping[str, str]) -> None:
    """Draw the bands; at each node they share its height in the order given."""
    import numpy as np

    way = np.linspace(0, 1, 50)
    curve = 3 * way**2 - 2 * way**3
    begins = {name: node.top for name, node in nodes.items()}
    ends = dict(begins)
    for band in bands:
        if not band.amount:
            continue
        source, target = nodes[band.source], nodes[band.target]
        thick = source.height * band.amount / source.amount, target.height * band.amount / target.amount
        start, end = begins[band.source], ends[band.target]
        upper = start + (end - start) * curve
        lower = upper - (thick[0] + (thick[1] - thick[0]) * way)
        x = source.stage + NODE + (target.stage - source.stage - NODE) * way
        axes.fill_between(x, lower, upper, color=colours[band.target], alpha=0.45, linewidth=0)
        begins[band.source] -= thick[0]
        ends[band.target] -= thick[1]
