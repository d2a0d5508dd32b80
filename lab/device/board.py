"""The twin of a Wio Terminal: the firmware's core with a clock of its own, on a real network.

Its hours pass as fast as the broker answers. Source of the core: firmware/wioterminal/src/core.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from lab.device.core import Action, Around, Core, Fault, Line, Numbers, Step
from lab.device.identity import Identity
from lab.device.port import Outcome, Port, Weather
from lab.device.relay import Relay
from lab.target import ROOT, MqttEndpoint

STEP_MS: Final = 100
READING_MS: Final = 5000
STATUS_MS: Final = 1000
RSSI_DBM: Final = -58
RADIO: Final = "twin"
"""What the twin reports instead of the version of the WiFi module's firmware: it has no such module."""
_VERSION: Final = ROOT / "firmware" / "wioterminal" / "src" / "board" / "version.h"

Climate = tuple[float, float]
Source = Callable[[float], Climate]


def firmware_version() -> str:
    """Return the version of the sketch in this checkout."""
    found = re.search(r'kFirmware\[\] = "([^"]+)"', _VERSION.read_text())
    if found is None:
        raise ValueError(f"{_VERSION} names no version")
    return found[1]


class Board:
    """One device and its surroundings.

    Parameters: identity; relay to the broker; source, the climate (degrees Celsius, percent) at a Unix time; epoch_s,
    the true Unix time at its start; seed of its jitter. weather and relay may be changed at any moment.
    """

    def __init__(self, identity: Identity, relay: Relay, source: Source, epoch_s: int, seed: int = 1) -> None:
        self.device_id = identity.device_id
        self.relay = relay
        self.weather = Weather()
        self.now_ms = 0
        self.shown: dict[Line, str] = {}
        self.on_status: Callable[[str], None] | None = None
        self._core = Core(seed)
        self._port = Port(identity, relay, self.weather)
        self._source = source
        self._epoch_s = epoch_s
        self._around = Around(self.device_id, firmware_version(), RADIO, "simulated", rssi=RSSI_DBM)
        self._link = 0  # the step that opened the present connection

    @property
    def numbers(self) -> Numbers:
        """State, fault, counters and clock of the core."""
        return self._core.numbers()

    def epoch(self) -> float:
        """Return the true time, Unix seconds; the device learns it from its time server only."""
        return self._epoch_s + self.now_ms / 1000

    def run(self, seconds: float) -> None:
        """Let so many seconds of its time pass."""
        end = self.now_ms + round(seconds * 1000)
        while self.now_ms < end:
            self._moment()

    def run_until(self, reached: Callable[[Numbers], bool], seconds: float) -> bool:
        """Let time pass until something is so, ``seconds`` of its time at most. Returns: whether it is so."""
        end = self.now_ms + round(seconds * 1000)
        while not reached(self.numbers):
            if self.now_ms >= end:
                return False
            self._moment()
        return True

    def status(self) -> str:
        """Return the line that the board writes to serial."""
        return self._core.status(self._around)

    def chart(self) -> list[float]:
        """Return the minutes of the last hour, as the screen draws them."""
        return self._core.chart()

    def close(self) -> None:
        """Switch the device off."""
        self._port.close()

    def _moment(self) -> None:
        if self.now_ms % READING_MS == 0:
            self._measure()
        if self._port.broken():
            self._core.failed(self._link, Fault.LINK_LOST, self.now_ms)
        while (step := self._core.tick(self.now_ms)).action is not Action.NOTHING:
            self._do(step)
        if self.now_ms % STATUS_MS == 0:
            self._say()
        self.now_ms += STEP_MS

    def _say(self) -> None:
        self.shown |= self._core.screen(self._around)
        if self.on_status is not None:
            self.on_status(self.status())

    def _measure(self) -> None:
        temperature, humidity = self._source(self.epoch())
        self._core.record(temperature, humidity, now_ms=self.now_ms, simulated=True)
        self._around = Around(
            self.device_id, self._around.firmware, RADIO, "simulated", "power", RSSI_DBM, temperature, humidity
        )

    def _do(self, step: Step) -> None:
        """Carry out a step and report its end; as the sketch does, say before a longer one which it is."""
        if step.action not in (Action.CLOSE, Action.PUBLISH):
            self._say()
        if step.action is Action.CLOSE:
            self._port.close()
        elif step.action is Action.ASK_TIME:
            self._tell_time(step)
        elif step.action is Action.JOIN_WIFI:
            self._end(step, Outcome.DONE if self.weather.wifi else Outcome.FAILED, Fault.WIFI)
        elif step.action is Action.OPEN_TLS:
            self._link = step.number
            self._end(step, self._port.open_tls(), Fault.TLS)
        elif step.action is Action.CONNECT_MQTT:
            self._end(step, self._port.connect_mqtt(), Fault.MQTT_REFUSED)
        elif step.action is Action.PUBLISH:
            self._end(step, self._port.publish(self._core.payload(self.device_id)), Fault.NOT_ACKNOWLEDGED)

    def _tell_time(self, step: Step) -> None:
        if self.weather.clock_error_s is not None:
            self._core.time(step.number, int(self.epoch()) + self.weather.clock_error_s, self.now_ms)

    def _end(self, step: Step, outcome: Outcome, fault: Fault) -> None:
        if outcome is Outcome.DONE:
            self._core.succeeded(step.number, self.now_ms)
        elif outcome is Outcome.FAILED:
            self._core.failed(step.number, fault, self.now_ms)


def day(epoch_s: float) -> Climate:
    """Return a plausible climate: 21 to 25 degrees Celsius over the day, humidity against it."""
    import math

    swing = math.sin(2 * math.pi * (epoch_s / 86_400 - 0.25))
    return round(23 + 2 * swing, 2), round(45 - 5 * swing, 2)


@contextmanager
def board(
    identity: Identity, endpoint: MqttEndpoint, *, epoch_s: int, source: Source = day, seed: int = 1
) -> Iterator[Board]:
    """Switch a twin on, with a stretch of network of its own to the broker, and off at the end."""
    with Relay(endpoint.host, endpoint.port) as relay:
        made = Board(identity, relay, source, epoch_s, seed)
        try:
            yield made
        finally:
            made.close()
