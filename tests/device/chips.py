"""Sensors on an I2C bus as their datasheets describe them: what they acknowledge, when, and with which bytes.

They are written from the datasheets, not from the firmware: a driver that asks too early, for the wrong register or
with the wrong command gets what the chip would give.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Protocol


class Chip(Protocol):
    """One device. Times are milliseconds; `write` says whether the bytes were acknowledged, None is a refused read."""

    def write(self, now_ms: int, data: bytes) -> bool: ...

    def read(self, now_ms: int, count: int) -> bytes | None: ...


def crc(data: bytes) -> int:
    """CRC-8 by its table-free definition; Sensirion's example is 0xBEEF -> 0x92 (SHT3x-DIS datasheet, table 20)."""
    value = 0xFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value << 1 ^ 0x131) if value & 0x80 else value << 1
    return value


def guarded(*words: int) -> bytes:
    """Words of 16 bits, each with its CRC."""
    packed = (struct.pack(">H", word) for word in words)
    return b"".join(word + bytes([crc(word)]) for word in packed)


@dataclass
class Sensirion:
    """SHT4x or SHT3x: a command starts something, and a read before its end is not acknowledged.

    Parameters: temperature, humidity, raw words; answers, command -> (milliseconds that it takes at most, words).
    """

    temperature: int = 0x6666
    humidity: int = 0x72B0
    damage: bytes = b""  # XORed to the bytes that are read
    asked: list[bytes] = field(default_factory=list)
    _answer: bytes = b""
    _ready_ms: int = 0

    def commands(self) -> dict[bytes, tuple[float, tuple[int, ...]]]:
        raise NotImplementedError

    def write(self, now_ms: int, data: bytes) -> bool:
        if not data:
            return True  # the address alone
        self.asked.append(data)
        takes, words = self.commands().get(data, (0, ()))
        self._ready_ms = now_ms + -int(-takes // 1)
        self._answer = guarded(*words)
        return True

    def read(self, now_ms: int, count: int) -> bytes | None:
        answer, self._answer = self._answer, b""
        if not answer or now_ms < self._ready_ms:
            return None
        sent = (answer + b"\xff" * count)[:count]
        return bytes(a ^ b for a, b in zip(sent, self.damage.ljust(count, b"\0"), strict=False))


class Sht4x(Sensirion):
    """Sensirion SHT4x datasheet, tables 4 and 8: serial number within 1 ms, a precise measurement within 8.3 ms."""

    def commands(self) -> dict[bytes, tuple[float, tuple[int, ...]]]:
        return {b"\xfd": (8.3, (self.temperature, self.humidity)), b"\x89": (1, (0x0F9A, 0x1C2B))}


class Sht3x(Sensirion):
    """Sensirion SHT3x-DIS datasheet, tables 4, 9 and 17: commands of two bytes; a measurement within 15.5 ms."""

    def commands(self) -> dict[bytes, tuple[float, tuple[int, ...]]]:
        return {b"\x24\x00": (15.5, (self.temperature, self.humidity)), b"\xf3\x2d": (0, (0x8010,))}


@dataclass
class Dht20:
    """Aosong DHT20 datasheet, 7.3 and 7.4: a read gives the status, six bytes and a CRC; busy for 80 ms."""

    temperature: int = 0x60000
    humidity: int = 0x80000
    restored: set[int] = field(default_factory=lambda: {0x1B, 0x1C, 0x1E})
    damage: int = 0
    _ready_ms: int = 0
    _register: int | None = None

    def write(self, now_ms: int, data: bytes) -> bool:
        self._register = None
        if data == b"\xac\x33\x00":
            self._ready_ms = now_ms + 80
        elif len(data) == 3 and data[1:] == b"\0\0":
            self._register = data[0]
        elif len(data) == 3 and data[1:] == b"\x12\x34":
            self.restored |= {which for which in (0x1B, 0x1C, 0x1E) if data[0] == 0xB0 | which}
        return True

    def read(self, now_ms: int, count: int) -> bytes | None:
        if self._register is not None:
            return b"\x18\x12\x34"[:count]
        calibrated = 0x18 if self.restored >= {0x1B, 0x1C, 0x1E} else 0x08
        status = calibrated | (0x80 if now_ms < self._ready_ms else 0)
        data = bytes([status]) + (self.humidity << 20 | self.temperature).to_bytes(5, "big")
        return (data + bytes([crc(data) ^ self.damage]))[:count]


@dataclass
class Bme280:
    """Bosch BME280 datasheet, 5.3, 5.4 and 9.1: registers behind a pointer, a forced measurement within 6.4 ms.

    Calibration and raw temperature are those of Bosch's worked example (BMP280 datasheet, 3.12: the same sensor of
    temperature); without a measurement the data registers hold 0x80000 and 0x8000.
    """

    chip_id: int = 0x60
    raw_temperature: int = 519_888
    raw_humidity: int = 28_000
    unreadable: frozenset[int] = frozenset()
    t: tuple[int, int, int] = (27504, 26435, -1000)
    h: tuple[int, int, int, int, int, int] = (75, 370, 0, 313, 50, 30)
    _pointer: int = 0
    _control: dict[int, int] = field(default_factory=dict)
    _humidity_on: bool = False
    _ready_ms: int | None = None

    def write(self, now_ms: int, data: bytes) -> bool:
        if len(data) == 1:
            self._pointer = data[0]
        for register, value in zip(data[::2], data[1::2], strict=False):
            self._control[register] = value
            if register == 0xF4:  # only then ctrl_hum comes into force (5.4.3)
                self._humidity_on = self._control.get(0xF2, 0) & 7 != 0
                self._ready_ms = now_ms + 7 if value & 3 in {1, 2} and value >> 5 else None
        return True

    def read(self, now_ms: int, count: int) -> bytes | None:
        if self._pointer in self.unreadable:
            return None
        memory = self._memory(self._ready_ms is not None and now_ms >= self._ready_ms)
        return bytes(memory.get(register, 0) for register in range(self._pointer, self._pointer + count))

    def _memory(self, measured: bool) -> dict[int, int]:
        h1, h2, h3, h4, h5, h6 = self.h
        low = struct.pack("<Hhh", *self.t)
        high = struct.pack("<hBBBBb", h2, h3, h4 >> 4, (h4 & 15) | (h5 & 15) << 4, h5 >> 4, h6)
        temperature = self.raw_temperature if measured else 0x80000
        humidity = self.raw_humidity if measured and self._humidity_on else 0x8000
        data = (temperature << 4).to_bytes(3, "big") + humidity.to_bytes(2, "big")
        parts = {0x88: low, 0xA1: bytes([h1]), 0xD0: bytes([self.chip_id]), 0xE1: high, 0xFA: data}
        return {start + offset: byte for start, part in parts.items() for offset, byte in enumerate(part)}


@dataclass
class Bus:
    """What is plugged in, by address."""

    chips: dict[int, Chip] = field(default_factory=dict)

    def write(self, now_ms: int, address: int, data: bytes) -> bool:
        return address in self.chips and self.chips[address].write(now_ms, data)

    def read(self, now_ms: int, address: int, count: int) -> bytes:
        if address not in self.chips:
            return b""
        return self.chips[address].read(now_ms, count) or b""
