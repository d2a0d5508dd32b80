"""The firmware's core on this computer: the same C++ that runs on the board, driven from Python.

``Core`` is one device. It does nothing by itself: ``tick`` says what to do next, the caller does it and reports the end
under the step's number; time is a counter of milliseconds that the caller passes in, so that hours pass in no time.
"""

from __future__ import annotations

import ctypes as c
import weakref
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import Final

from lab.device.compiler import shared_library
from lab.errors import LabError

COUNTER: Final = 2**32  # the counter of milliseconds wraps as the board's does
CAPACITY: Final = 512
MINUTES: Final = 60
NO_HUMIDITY: Final = float("nan")


class Action(IntEnum):
    """What the port must do next (src/core/node.h)."""

    NOTHING = 0
    JOIN_WIFI = 1
    ASK_TIME = 2
    OPEN_TLS = 3
    CONNECT_MQTT = 4
    PUBLISH = 5
    CLOSE = 6


class State(IntEnum):
    """Where the device stands (src/core/node.h)."""

    WAITING = 0
    WIFI = 1
    TIME = 2
    TLS = 3
    MQTT = 4
    ONLINE = 5


class Fault(IntEnum):
    """What went wrong (src/core/fault.h)."""

    NONE = 0
    RADIO = 1
    WIFI = 2
    TIME = 3
    TIME_WRONG = 4
    TLS = 5
    MQTT_REFUSED = 6
    NOT_ACKNOWLEDGED = 7
    LINK_LOST = 8
    PAYLOAD = 9
    SECRETS = 10

    @property
    def code(self) -> str:
        """The code on the serial line, such as ``tls``."""
        return _text(library().wio_fault_code(self))

    @property
    def words(self) -> str:
        """The sentence on the screen."""
        return _text(library().wio_fault_words(self))


class Line(IntEnum):
    """The lines of the screen (src/core/screen_model.h)."""

    DEVICE = 0
    STATE = 1
    READING = 2
    QUEUE = 3
    SIGNAL = 4
    FAULT = 5


@dataclass(frozen=True)
class Step:
    """An action and the number under which its end is reported; NOTHING and CLOSE need no report."""

    action: Action
    number: int


@dataclass(frozen=True)
class Around:
    """What the core does not know itself. rssi in dBm, temperature in degrees Celsius, humidity in percent."""

    device_id: str
    firmware: str = "twin"
    radio: str = ""
    sensor: str = "simulated"
    reset: str = "power"
    rssi: int = 0
    temperature: float = float("nan")
    humidity: float = NO_HUMIDITY


@dataclass(frozen=True)
class Numbers:
    """The device in numbers: times in seconds, wait in milliseconds, epoch_s 0 while the clock is not set.

    kind: what the edge model calls the last two hours, a position in ``lab.edge_model.CLASSES``; -1: not known yet.
    """

    state: State
    fault: Fault
    queued: int
    dropped: int
    refused: int
    acknowledged: int
    wait_ms: int
    uptime_s: int
    epoch_s: int
    score: float
    kind: int


class _Around(c.Structure):
    _fields_ = [
        *((name, c.c_char_p) for name in ("device_id", "firmware", "radio", "sensor", "reset")),
        ("rssi", c.c_int8),
        ("temperature", c.c_float),
        ("humidity", c.c_float),
    ]


_COUNTS: Final = ("dropped", "refused", "acknowledged", "wait_ms", "uptime_s", "epoch_s")
_STATE: Final = ("queued", *_COUNTS, "score", "kind")


class _State(c.Structure):
    _fields_ = [
        ("state", c.c_uint8),
        ("fault", c.c_uint8),
        ("queued", c.c_uint16),
        *((name, c.c_uint32) for name in _COUNTS),
        ("score", c.c_float),
        ("kind", c.c_int8),
    ]


_DEVICE: Final = c.c_void_p
_U32: Final = c.c_uint32
_OUT: Final = (c.c_char_p, c.c_uint16)
# name: (result, arguments), as in firmware/wioterminal/host/device_api.h
_FUNCTIONS: Final = {
    "wio_create": (_DEVICE, (_U32,)),
    "wio_destroy": (None, (_DEVICE,)),
    "wio_tick": (c.c_uint8, (_DEVICE, _U32, c.POINTER(_U32))),
    "wio_succeeded": (c.c_int, (_DEVICE, _U32, _U32)),
    "wio_time": (c.c_int, (_DEVICE, _U32, _U32, _U32)),
    "wio_failed": (c.c_int, (_DEVICE, _U32, c.c_uint8, _U32)),
    "wio_record": (c.c_int, (_DEVICE, c.c_float, c.c_float, c.c_int, c.c_int, _U32)),
    "wio_payload": (c.c_int16, (_DEVICE, c.c_char_p, *_OUT)),
    "wio_topic": (c.c_int16, (c.c_char_p, *_OUT)),
    "wio_state": (None, (_DEVICE, c.POINTER(_State))),
    "wio_status": (c.c_int16, (_DEVICE, c.POINTER(_Around), *_OUT)),
    "wio_compose": (None, (_DEVICE, c.POINTER(_Around))),
    "wio_changed": (c.c_int, (_DEVICE, c.c_uint8)),
    "wio_line": (c.c_char_p, (_DEVICE, c.c_uint8)),
    "wio_chart": (c.c_uint8, (_DEVICE, c.POINTER(c.c_float))),
    "wio_state_name": (c.c_char_p, (c.c_uint8,)),
    "wio_fault_code": (c.c_char_p, (c.c_uint8,)),
    "wio_fault_words": (c.c_char_p, (c.c_uint8,)),
}


@cache
def library() -> c.CDLL:
    """Return the core as a loaded library; it is compiled when it is first asked for.

    Raises: LabError when there is no C++ compiler.
    """
    loaded = c.CDLL(str(shared_library()))
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(loaded, name)
        function.restype, function.argtypes = result, arguments
    return loaded


def topic(device_id: str) -> str:
    """Return the topic on which the firmware publishes. Raises: LabError for a name that no device may have."""
    out = c.create_string_buffer(CAPACITY)
    return _written(library().wio_topic(device_id.encode(), out, CAPACITY), out, f"{device_id!r} is no device's name.")


def message(device_id: str, epoch_s: int, temperature: float, humidity: float = NO_HUMIDITY) -> bytes:
    """Return the message that the firmware writes of a measurement (degrees Celsius, percent) at a Unix time.

    Raises: LabError for a time that the firmware does not believe, a measurement that cannot be true, or a name that no
    device may have.
    """
    core = Core(1)
    while (step := core.tick(0)).action is not Action.NOTHING:
        if step.action is Action.ASK_TIME and not core.time(step.number, epoch_s, 0):
            raise LabError(f"The firmware does not believe the time {epoch_s}.", "Give one from 2024 to 2049.")
        core.succeeded(step.number, 0)
    if not core.record(temperature, humidity, now_ms=0):
        raise LabError(f"{temperature} °C and {humidity} % cannot be true.", "Give -49.99 to 99.99 and 0 to 100.")
    return core.payload(device_id)


class Core:
    """One device. Parameters: seed decides its jitter; now_ms in all methods is the caller's counter (it may wrap)."""

    def __init__(self, seed: int) -> None:
        self._library = library()
        self._device = self._library.wio_create(seed % COUNTER)
        if not self._device:
            raise MemoryError
        weakref.finalize(self, self._library.wio_destroy, self._device)

    def tick(self, now_ms: int) -> Step:
        """Return what to do now; call it often, at least once a second."""
        number = _U32()
        action = self._library.wio_tick(self._device, now_ms % COUNTER, c.byref(number))
        return Step(Action(action), number.value)

    def succeeded(self, number: int, now_ms: int) -> bool:
        """Report: WiFi joined, TLS up, MQTT connected or publish acknowledged. False if it is not awaited any more."""
        return bool(self._library.wio_succeeded(self._device, number, now_ms % COUNTER))

    def time(self, number: int, epoch_s: int, now_ms: int) -> bool:
        """Report the answer to ASK_TIME in Unix seconds. False if it is not awaited or not believed."""
        return bool(self._library.wio_time(self._device, number, epoch_s % COUNTER, now_ms % COUNTER))

    def failed(self, number: int, fault: Fault, now_ms: int) -> bool:
        """Report that a step failed, or that the link it opened broke later. False if that link was given up before."""
        return bool(self._library.wio_failed(self._device, number, fault, now_ms % COUNTER))

    def record(
        self,
        temperature: float,
        humidity: float = NO_HUMIDITY,
        *,
        now_ms: int,
        valid: bool = True,
        simulated: bool = False,
    ) -> bool:
        """Take a measurement, degrees Celsius and percent. False, and it is counted, if it cannot be true."""
        arguments = (temperature, humidity, valid, simulated, now_ms % COUNTER)
        return bool(self._library.wio_record(self._device, *arguments))

    def payload(self, device_id: str) -> bytes:
        """Return the message of the action PUBLISH. Raises: LabError when nothing waits or the name is not valid."""
        out = c.create_string_buffer(CAPACITY)
        length = self._library.wio_payload(self._device, device_id.encode(), out, CAPACITY)
        return _written(length, out, f"There is no message of {device_id!r}.").encode()

    def numbers(self) -> Numbers:
        """Return state, fault, counters and clock."""
        out = _State()
        self._library.wio_state(self._device, c.byref(out))
        values = {name: getattr(out, name) for name in _STATE}
        return Numbers(State(out.state), Fault(out.fault), **values)

    def status(self, around: Around) -> str:
        """Return the line that the board writes to serial once a second: ``WIO1 {...}``, JSON after the mark."""
        out = c.create_string_buffer(CAPACITY)
        length = self._library.wio_status(self._device, c.byref(_around(around)), out, CAPACITY)
        return _written(length, out, "The status line does not fit.")

    def screen(self, around: Around) -> dict[Line, str]:
        """Return the lines of the screen that changed since the last call."""
        self._library.wio_compose(self._device, c.byref(_around(around)))
        return {line: self._line(line) for line in Line if self._library.wio_changed(self._device, line)}

    def chart(self) -> list[float]:
        """Return the means of the last hour's minutes, oldest first; not a number where a minute had no reading."""
        means = (c.c_float * MINUTES)()
        return list(means[: self._library.wio_chart(self._device, means)])

    def _line(self, line: Line) -> str:
        return _text(self._library.wio_line(self._device, line))


def _around(around: Around) -> _Around:
    words = (around.device_id, around.firmware, around.radio, around.sensor, around.reset)
    encoded = (word.encode("ascii", "replace") for word in words)
    return _Around(*encoded, around.rssi, around.temperature, around.humidity)


def _text(words: bytes) -> str:
    return words.decode("ascii")


def _written(length: int, out: c.Array[c.c_char], message: str) -> str:
    if length < 0:
        raise LabError(message, "A name has 1 to 128 of A-Z a-z 0-9 : _ -.")
    return out.raw[:length].decode("ascii")
