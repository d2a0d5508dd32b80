"""A value's gauge as an SVG picture: an arc, the number in it, and both in words for those who do not see it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import Final

RADIUS: Final = 80
SWEEP: Final = math.pi  # a half circle


@dataclass(frozen=True)
class Scale:
    """What a gauge measures. low, high: its ends; unit: of the value; colour: of the arc."""

    title: str
    unit: str
    low: float
    high: float
    colour: str


def svg(value: float | None, scale: Scale) -> str:
    """Return a gauge. A value beyond the scale is drawn at its end, with its true number.

    Raises: ValueError when the scale is empty.
    """
    low, high, title = scale.low, scale.high, scale.title
    if low >= high:
        raise ValueError("the scale is empty")
    text = "no reading" if value is None else f"{value:.1f} {scale.unit}"
    share = 0.0 if value is None else min(max((value - low) / (high - low), 0.0), 1.0)
    return (
        f'<svg viewBox="0 0 200 130" role="img" aria-label="{escape(f"{title}: {text}")}" '
        f'style="width:200px;max-width:45%">{_arc(1.0, "#8886")}{_arc(share, scale.colour)}'
        f'<text x="100" y="95" text-anchor="middle" font-size="24" fill="currentColor">{escape(text)}</text>'
        f'<text x="100" y="122" text-anchor="middle" font-size="14" fill="currentColor">{escape(title)}</text>'
        f'<text x="20" y="116" text-anchor="middle" font-size="11" fill="currentColor">{low:g}</text>'
        f'<text x="180" y="116" text-anchor="middle" font-size="11" fill="currentColor">{high:g}</text></svg>'
    )


def _arc(share: float, colour: str) -> str:
    angle = SWEEP * (1 - share)
    x, y = 100 + RADIUS * math.cos(angle), 100 - RADIUS * math.sin(angle)
    path = f"M {100 - RADIUS} 100 A {RADIUS} {RADIUS} 0 0 1 {x:.1f} {y:.1f}"
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="14"/>' if share > 0 else ""
