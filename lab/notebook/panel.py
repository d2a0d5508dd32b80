"""The dashboard: filters, chart, gauges and the newest readings, which renew themselves."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any, Final

import ipywidgets as widgets

from lab.notebook import figures, gauge
from lab.notebook.gauge import Scale
from lab.notebook.source import Sample, Source

RANGES: Final = (
    ("last hour", 1.0),
    ("last 6 hours", 6.0),
    ("last day", 24.0),
    ("last week", 168.0),
    ("everything", 0.0),
)
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


class Panel:
    """The dashboard over a source.

    Parameters: device, shown first; refresh_seconds, how often it renews itself (0: only when a filter changes).
    """

    def __init__(self, source: Source, device: str, refresh_seconds: int) -> None:
        self._source = source
        devices = source.devices()
        chosen = device if device in devices else (devices[0] if devices else None)
        self._device = widgets.Dropdown(options=devices, value=chosen, description="device")
        self._hours = widgets.Dropdown(options=RANGES, value=0.0, description="time")
        self._body = widgets.HTML()
        self._trouble = widgets.HTML()
        filters = widgets.HBox([self._device, self._hours], layout=widgets.Layout(flex_flow="row wrap"))
        self.view = widgets.VBox([filters, self._trouble, self._body])
        self._draw(self._samples())
        for control in (self._device, self._hours):
            control.observe(self._chosen, names="value")
        self._task = asyncio.ensure_future(self._again(refresh_seconds)) if refresh_seconds else None

    def refresh(self) -> None:
        """Ask the source again and draw; when it does not answer, say so above what was known last."""
        try:
            samples = self._samples()
        except Exception as error:  # whatever it is: a page that stands still must not look alive
            self._tell(error)
        else:
            self._draw(samples)

    async def renew(self) -> None:
        """Do the same without holding up the page, new devices included; the chosen one stays chosen."""
        try:
            self._offer(await asyncio.to_thread(self._source.devices))
            samples = await asyncio.to_thread(self._samples)
        except Exception as error:  # as above, and the next time may be better
            self._tell(error)
        else:
            self._draw(samples)

    async def _again(self, seconds: int) -> None:
        while True:
            await asyncio.sleep(seconds)
            await self.renew()

    def _chosen(self, _change: Any) -> None:
        self.refresh()

    def _offer(self, devices: Sequence[str]) -> None:
        """Offer devices. A list of options that changes would choose its first one."""
        if list(self._device.options) == list(devices):
            return
        chosen = self._device.value
        self._device.unobserve(self._chosen, names="value")
        self._device.options = devices
        self._device.value = chosen if chosen in devices else next(iter(devices), None)
        self._device.observe(self._chosen, names="value")

    def _samples(self) -> list[Sample]:
        return self._source.readings(self._device.value, self._hours.value or None) if self._device.value else []

    def _draw(self, samples: Sequence[Sample]) -> None:
        self._body.value = html(samples, self._device.value or "no device")
        self._trouble.value = ""
        self._known = datetime.now(UTC)

    def _tell(self, error: Exception) -> None:
        words = escape(str(error) or type(error).__name__)
        self._trouble.value = f"<p role='alert'><b>Not renewed since {self._known:%H:%M:%S} UTC</b>: {words}</p>"


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
