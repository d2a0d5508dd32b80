"""What the dashboard shows of one device's readings: gauges, chart and the newest in a table, as HTML."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any, Final

from lab.notebook import figures, gauge
from lab.notebook.gauge import Scale
from lab.notebook.source import Sample

NEWEST: Final = 10
DAY_SECONDS: Final = 86_400
STYLE: Final = """.newest :is(th, td, caption) { padding: .1rem 1.2rem .1rem 0; text-align: left; }
.newest td { white-space: nowrap; } .phone { display: none; }
@media (max-width: 600px) { .desk { display: none; } .phone { display: block; } }"""
NARROWEST: Final = 0.15
"""Of the widest column that a chart could have."""
MOST_COLUMNS: Final = 6
DESK: Final = 8.0
PHONE: Final = 4.2
"""Inches of the chart: on a phone a small one whose letters can be read, not the large one made small."""
INCHES_A_TICK: Final = 1.4
FEWEST_TICKS: Final = 4
"""With fewer allowed, matplotlib finds no interval for some spans, such as an hour or a year, and warns."""
TEMPERATURE: Final = Scale("temperature", "°C", -10.0, 40.0, figures.TEMPERATURE)
HUMIDITY: Final = Scale("humidity", "%", 0.0, 100.0, figures.HUMIDITY)


def html(samples: Sequence[Sample], device: str) -> str:
    """Return the dashboard's body: gauges of the current values, chart, newest readings."""
    newest = samples[-1] if samples else None
    gauges = gauge.svg(newest.temperature if newest else None, TEMPERATURE)
    gauges += gauge.svg(newest.humidity if newest else None, HUMIDITY)
    rows = "".join(_row(sample) for sample in reversed(samples[-NEWEST:]))
    head = "<tr><th>time (UTC)</th><th>temperature in °C</th><th>humidity in %</th></tr>"
    title = f"<caption>newest readings of {escape(device)}</caption>"
    table = f"<style>{STYLE}</style><table class='newest'>{title}<thead>{head}</thead><tbody>{rows}</tbody></table>"
    count = f"<p role='status'>{len(samples):,} readings{_newest(newest)}</p>"
    return f"<div style='display:flex;flex-wrap:wrap;gap:1rem'>{gauges}</div>{count}{_picture(samples, device)}{table}"


def chart(samples: Sequence[Sample], width: float = DESK) -> Any:
    """Return a figure of temperature and humidity over time, a column for each time without a gap of a day.

    Parameters: width, inches.
    """
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    parts = episodes(samples)
    shares = [max(math.sqrt(len(part)), NARROWEST * math.sqrt(len(samples))) for part in parts]
    grid: Any = {"sharex": "col", "sharey": "row", "width_ratios": shares}
    figure, axes = figures.new(rows=2, columns=len(parts), width=width, height=4.2, **grid)
    for part, share, (upper, lower) in zip(parts, shares, axes.reshape(2, -1).T, strict=True):
        times = [datetime.fromtimestamp(sample.timestamp, UTC) for sample in part]
        style: Any = {"marker": "o" if len(part) <= NEWEST else "", "markersize": 4}
        upper.plot(times, [sample.temperature for sample in part], color=figures.TEMPERATURE, **style)
        lower.plot(times, [sample.humidity for sample in part], color=figures.HUMIDITY, **style)
        if share < max(shares) / 2 or len(part) <= NEWEST:  # no room for more than one date
            lower.set_xticks(times[:1], [f"{time:%Y}\n{time:%m-%d}" for time in times[:1]])
        else:
            locator = AutoDateLocator(minticks=2, maxticks=max(FEWEST_TICKS, round(width / INCHES_A_TICK)))
            lower.xaxis.set(major_locator=locator, major_formatter=ConciseDateFormatter(locator))
    first = axes.reshape(2, -1)[:, 0]
    first[0].set_ylabel("temperature in °C")
    first[1].set_ylabel("humidity in %")
    figure.supxlabel("time (UTC)", fontsize=10)
    return figure


def episodes(samples: Sequence[Sample]) -> list[list[Sample]]:
    """Return samples, which are in the order of time, cut where a day or more passed without one.

    At least one part; samples that would fall into very many, as of a device that reports weekly, stay together.
    """
    parts: list[list[Sample]] = [[]]
    for sample in samples:
        if parts[-1] and sample.timestamp - parts[-1][-1].timestamp >= DAY_SECONDS:
            parts.append([])
        parts[-1].append(sample)
    return parts if len(parts) <= MOST_COLUMNS else [list(samples)]


def _newest(sample: Sample | None) -> str:
    return f", the newest at {_time(sample)} UTC" if sample else ""


def _picture(samples: Sequence[Sample], device: str) -> str:
    if not samples:
        return ""
    words = f"Temperature and humidity of {device} over time, {len(samples)} readings"
    desk, phone = (figures.svg(chart(samples, width), words) for width in (DESK, PHONE))
    return f"<div class='desk'>{desk}</div><div class='phone'>{phone}</div>"


def _time(sample: Sample) -> str:
    return datetime.fromtimestamp(sample.timestamp, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _row(sample: Sample) -> str:
    humidity = "" if sample.humidity is None else f"{sample.humidity:.1f}"
    return f"<tr><td>{_time(sample)}</td><td>{sample.temperature:.1f}</td><td>{humidity}</td></tr>"
