"""The dashboard's widgets: filters, and a body that renews itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any, Final

import ipywidgets as widgets

from lab.notebook import dashboard
from lab.notebook.source import Sample, Source

RANGES: Final = (
    ("last hour", 1.0),
    ("last 6 hours", 6.0),
    ("last day", 24.0),
    ("last week", 168.0),
    ("everything", 0.0),
)


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
        self._body.value = dashboard.html(samples, self._device.value or "no device")
        self._trouble.value = ""
        self._known = datetime.now(UTC)

    def _tell(self, error: Exception) -> None:
        words = escape(str(error) or type(error).__name__)
        self._trouble.value = f"<p role='alert'><b>Not renewed since {self._known:%H:%M:%S} UTC</b>: {words}</p>"
