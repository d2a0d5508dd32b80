"""The parts of the core one by one, on the host (firmware/wioterminal/arm/probe.h)."""

from __future__ import annotations

import ctypes as c
import struct
from collections.abc import Sequence
from functools import cache

from lab.device.compiler import shared_library

READING = struct.Struct("<fffIIIBxxx")
CLIMATE = struct.Struct("<ffB")
SAMPLE = struct.Struct("<fI")
SLOT = 384
CAPACITY = 512
NAME_BYTES = 16  # of a core::DeviceId, or more


@cache
def host() -> c.CDLL:
    return c.CDLL(str(shared_library(folders=("src/core", "arm"))))


def reading(
    temperature: float,
    humidity: float = float("nan"),
    *,
    score: float = 0.0,
    timestamp: int = 1_790_000_000,
    dropped: int = 0,
    simulated: int = 0,
) -> bytes:
    """A core::Reading as it lies in memory."""
    return READING.pack(temperature, humidity, score, timestamp, 0, dropped, simulated)


def name(device_id: str) -> c.Array[c.c_char]:
    """A core::DeviceId, with the text that it points to."""
    text, taken = device_id.encode(), c.create_string_buffer(NAME_BYTES)
    host().probe_device_id(text, taken)
    taken.text = text  # type: ignore[attr-defined]
    return taken


def payload(device_id: str, packed: bytes, capacity: int = SLOT) -> bytes | None:
    """The message of a reading, or None if the core refuses to write it."""
    out = c.create_string_buffer(b"\xaa" * CAPACITY, CAPACITY)
    length = host().probe_payload(name(device_id), packed, out, capacity)
    assert out.raw[capacity:] == b"\xaa" * (CAPACITY - capacity), "written beyond the buffer"
    return None if length < 0 else out.raw[:length]


def words(count: int) -> c.Array[c.c_uint32]:
    return (c.c_uint32 * count)()


def climate(function: str, *arguments: object) -> tuple[float, float] | None:
    """Degrees Celsius and percent, or None if not valid."""
    out = c.create_string_buffer(12)
    getattr(host(), function)(*arguments, out)
    temperature, humidity, valid = CLIMATE.unpack_from(out.raw)
    return (temperature, humidity) if valid else None


def trace(function: str, packed: Sequence[int], count: int, width: int, kind: type = c.c_uint32) -> list[list[int]]:
    """The words that a function writes, `width` after each of `count` steps."""
    out = words(count * width)
    getattr(host(), function)((kind * len(packed))(*packed), count, out)
    return [list(out[start : start + width]) for start in range(0, count * width, width)]
