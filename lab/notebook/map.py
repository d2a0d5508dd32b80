"""The map: the pipelines drawn as one small SVG picture, with the hops of a notebook lit."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final

BOX: Final = (92, 30)
STEP: Final = (104, 44)
LEFT: Final = 8

#: hop → (column, row, label). Row 0 is level 1, row 1 the datastreamer, row 2 level 2.
HOPS: Final[dict[str, tuple[int, int, str]]] = {
    "device": (0, 0, "device"),
    "iot": (1, 0, "IoT Core"),
    "rule": (2, 0, "rule"),
    "table": (3, 0, "DynamoDB"),
    "catalogue": (4, 0, "crawler"),
    "query": (5, 0, "Athena"),
    "dashboard": (6, 0, "dashboard"),
    "sensors": (0, 1, "sensors"),
    "stream": (1, 1, "Kinesis"),
    "firehose": (2, 1, "Firehose"),
    "etl": (3, 1, "Glue job"),
    "lake": (4, 1, "S3 lake"),
    "analysis": (5, 1, "Athena"),
    "quality": (1, 2, "quality"),
    "detect": (2, 2, "detect"),
    "forecast": (3, 2, "forecast"),
    "edge": (4, 2, "edge model"),
    "score": (5, 2, "scoring"),
    "drift": (6, 2, "drift"),
}
EDGES: Final = (
    ("device", "iot"),
    ("iot", "rule"),
    ("rule", "table"),
    ("table", "catalogue"),
    ("catalogue", "query"),
    ("query", "dashboard"),
    ("sensors", "stream"),
    ("stream", "firehose"),
    ("firehose", "etl"),
    ("etl", "lake"),
    ("lake", "analysis"),
    ("rule", "stream"),
    ("lake", "score"),
    ("quality", "detect"),
    ("detect", "forecast"),
    ("forecast", "edge"),
    ("edge", "score"),
    ("score", "drift"),
)


def svg(lit: Iterable[str]) -> str:
    """Return the map as an SVG element. lit: hops to light, names of HOPS.

    Colours are those of the page (``currentColor``), so that the picture reads in light and dark.
    Raises: KeyError for a hop that is not on the map.
    """
    chosen = [HOPS[name][2] for name in lit]
    width = 2 * LEFT + 6 * STEP[0] + BOX[0]
    height = 2 * LEFT + 2 * STEP[1] + BOX[1]
    parts = [_edge(start, end) for start, end in EDGES] + [_box(name, name in set(lit)) for name in HOPS]
    title = f"Map of the pipelines; here: {', '.join(chosen) or 'all of it'}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{escape(title)}" style="width:100%;max-width:{width}px;height:auto">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )


def _corner(name: str) -> tuple[int, int]:
    column, row, _ = HOPS[name]
    return LEFT + column * STEP[0], LEFT + row * STEP[1]


def _box(name: str, lit: bool) -> str:
    x, y = _corner(name)
    paint = ("#d1495b", "1", "#ffffff", "bold") if lit else ("none", ".45", "currentColor", "normal")
    fill, stroke, ink, weight = paint
    return (
        f'<rect x="{x}" y="{y}" width="{BOX[0]}" height="{BOX[1]}" rx="6" fill="{fill}" stroke="currentColor" '
        f'stroke-opacity="{stroke}"/><text x="{x + BOX[0] // 2}" y="{y + 20}" text-anchor="middle" '
        f'font-family="sans-serif" font-size="13" font-weight="{weight}" fill="{ink}">{escape(HOPS[name][2])}</text>'
    )


def _edge(start: str, end: str) -> str:
    (x1, y1), (x2, y2) = _corner(start), _corner(end)
    if HOPS[start][1] == HOPS[end][1]:
        points = (x1 + BOX[0], y1 + BOX[1] // 2, x2, y2 + BOX[1] // 2)
    else:
        points = (x1 + BOX[0] // 2, y1 + BOX[1], x2 + BOX[0] // 2, y2)
    x1, y1, x2, y2 = points
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="currentColor" stroke-opacity=".45"/>'
