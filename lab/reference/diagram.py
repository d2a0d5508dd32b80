"""A Mermaid flow chart of the documents as SVG, so that the site shows a picture and loads no script from elsewhere.

Mermaid's own script is fetched by the theme from a foreign host; GitHub draws the same text by itself.
"""

from __future__ import annotations

import html
import itertools
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from statistics import fmean
from typing import Any, Final

Place = tuple[float, float]

WIDTH: Final = 196
"""Pixels of a box: three columns fit beside the site's navigation."""
HEIGHT: Final = 62
ACROSS: Final = 48
"""Pixels between two columns."""
DOWN: Final = 14
LETTERS: Final = 30
"""Letters of a name in one line of a box."""
SWEEPS: Final = 8
"""How often the rows are sorted by their neighbours: more changes nothing that can be seen."""


def fence(source: str, _language: str, _css_class: str, _options: Mapping[str, Any], _md: object, **_more: Any) -> str:
    """Return a fenced flow chart as a figure; called by the site's Markdown.

    Source: https://facelessuser.github.io/pymdown-extensions/extensions/superfences/#formatters
    """
    return f'<div class="diagram" tabindex="0" role="region" aria-label="Diagram">{svg(flowchart(source))}</div>'


@dataclass(frozen=True)
class Chart:
    """Boxes (key: kind and name, line by line) and arrows between their keys."""

    boxes: Mapping[str, Sequence[str]]
    arrows: Sequence[tuple[str, str]]


def flowchart(source: str) -> Chart:
    """Return a chart from its text as ``lab.stackdocs`` writes it.

    Raises: ValueError for a line that is neither box nor arrow.
    """
    boxes: dict[str, list[str]] = {}
    arrows: list[tuple[str, str]] = []
    for line in source.strip().splitlines()[1:]:
        if box := re.fullmatch(r'\s*(\w+)\["(.+)"\]', line):
            boxes[box[1]] = box[2].split("<br/>")
        elif arrow := re.fullmatch(r"\s*(\w+) --> (\w+)", line):
            arrows.append((arrow[1], arrow[2]))
        else:
            raise ValueError(f"neither a box nor an arrow: {line}")
    return Chart(boxes, arrows)


def columns(chart: Chart) -> list[list[str]]:
    """Return the boxes column by column: an arrow always goes to the right, and neighbours stand near each other."""
    sources: dict[str, list[str]] = {key: [] for key in chart.boxes}
    near: dict[str, list[str]] = {key: [] for key in chart.boxes}
    for first, second in chart.arrows:
        sources[second].append(first)
        near[first].append(second)
        near[second].append(first)
    rank: dict[str, int] = {}
    for key in TopologicalSorter(sources).static_order():
        rank[key] = max((rank[source] + 1 for source in sources[key]), default=0)
    layers = [sorted(key for key in rank if rank[key] == number) for number in range(max(rank.values()) + 1)]
    for _, layer in itertools.product(range(SWEEPS), layers):
        rows = {key: row - len(one) / 2 for one in layers for row, key in enumerate(one)}
        layer.sort(key=lambda key: (fmean([rows[other] for other in near[key] or [key]]), key))
    return layers


def svg(chart: Chart) -> str:
    """Return the chart as an SVG element whose colours are the page's."""
    layers = columns(chart)
    tallest = max(map(len, layers))
    places = {
        node: (column * (WIDTH + ACROSS), (row + (tallest - len(layer)) / 2) * (HEIGHT + DOWN))
        for column, layer in enumerate(layers)
        for row, node in enumerate(layer)
    }
    width, height = len(layers) * (WIDTH + ACROSS) - ACROSS + 2, tallest * (HEIGHT + DOWN) - DOWN + 2
    said = ", ".join(f"{first} to {second}" for first, second in chart.arrows)
    return "".join(
        [
            f'<svg viewBox="-1 -1 {width} {height}" width="{width}" height="{height}" role="img" ',
            f'xmlns="http://www.w3.org/2000/svg" aria-label="Arrows: {html.escape(said)}">',
            '<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" ',
            'orient="auto"><path class="head" d="M0 0 8 4 0 8z"/></marker></defs>',
            *(_arrow(places[first], places[second]) for first, second in chart.arrows),
            *(_box(place, chart.boxes[node]) for node, place in places.items()),
            "</svg>",
        ]
    )


def _arrow(first: Place, second: Place) -> str:
    left, top = first[0] + WIDTH, first[1] + HEIGHT / 2
    right, bottom = second[0], second[1] + HEIGHT / 2
    bend = ACROSS * 0.6
    curve = f"M{left:g} {top:g}C{left + bend:g} {top:g} {right - bend:g} {bottom:g} {right:g} {bottom:g}"
    return f'<path class="arrow" d="{curve}" marker-end="url(#head)"/>'


def _box(place: Place, lines: Sequence[str]) -> str:
    left, top = place
    kind, *names = lines
    shown = [kind, *(part for name in names for part in textwrap.wrap(name, LETTERS))]
    step = HEIGHT / (len(shown) + 1)
    texts = (
        f'<text class="{"name" if row else "kind"}" x="{left + WIDTH / 2:g}" y="{top + step * (row + 1) + 4:g}">'
        f"{html.escape(text)}</text>"
        for row, text in enumerate(shown)
    )
    return f'<rect x="{left:g}" y="{top:g}" width="{WIDTH}" height="{HEIGHT}" rx="5"/>' + "".join(texts)
