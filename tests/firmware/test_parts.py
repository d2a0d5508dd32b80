"""The core's parts one by one: sensors, queue, back-off, clock, watchdog, chart, simulation."""

from __future__ import annotations

import ctypes as c
import math
import struct
from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.firmware import probe

EPOCH = 1_790_000_000
WRAP = 2**32
EMPTY = WRAP - 1


def crc8(data: bytes) -> int:
    """CRC-8 as the long division that it is: polynomial x^8 + x^5 + x^4 + 1, first byte inverted by the start 0xFF."""
    rest = int.from_bytes(data, "big") << 8 ^ 0xFF << 8 * len(data)
    for shift in range(8 * len(data) - 1, -1, -1):
        if rest >> (shift + 8) & 1:
            rest ^= 0x131 << shift
    return rest


def words_with_crc(*words: int) -> bytes:
    return b"".join(struct.pack(">H", word) + bytes([crc8(struct.pack(">H", word))]) for word in words)


def test_the_checksum_is_that_of_the_datasheet():
    assert probe.host().probe_crc8(b"\xbe\xef", 2) == 0x92  # Sensirion SHT4x datasheet, 4.4


@given(st.binary(min_size=1, max_size=6))
def test_the_checksum_is_the_remainder_of_a_long_division(data):
    assert probe.host().probe_crc8(data, len(data)) == crc8(data)


@given(st.integers(0, 65535), st.integers(0, 65535))
def test_sensirion_sensors_scale_two_words(temperature, humidity):
    data = words_with_crc(temperature, humidity)
    celsius, percent = -45 + 175 * temperature / 65535, humidity / 65535
    expected = {0: min(max(-6 + 125 * percent, 0), 100), 1: 100 * percent}
    for kind, value in expected.items():
        assert probe.climate("probe_climate", kind, data) == pytest.approx((celsius, value), abs=1e-3)
    for position in range(6):
        broken = bytes(byte ^ (1 if index == position else 0) for index, byte in enumerate(data))
        assert probe.climate("probe_climate", 0, broken) is None
        assert probe.climate("probe_climate", 1, broken) is None


@given(st.integers(0, 2**20 - 1), st.integers(0, 2**20 - 1))
def test_a_dht20_packs_two_numbers_of_20_bits(humidity, temperature):
    head = bytes([0x1C]) + (humidity << 20 | temperature).to_bytes(5, "big")
    data = head + bytes([crc8(head)])
    expected = (temperature / 2**20 * 200 - 50, humidity / 2**20 * 100)
    assert probe.climate("probe_climate", 2, data) == pytest.approx(expected, abs=1e-3)
    busy = bytes([0x9C]) + head[1:]
    assert probe.climate("probe_climate", 2, busy + bytes([crc8(busy)])) is None
    assert probe.climate("probe_climate", 2, head + bytes([data[6] ^ 1])) is None


T1, T2, T3 = 27504, 26435, -1000
H1, H2, H3, H4, H5, H6 = 75, 370, 0, 313, 50, 30
LOW = struct.pack("<Hhh", T1, T2, T3) + bytes(18)
HIGH = struct.pack("<hBBBBb", H2, H3, H4 >> 4, (H4 & 15) | (H5 & 15) << 4, H5 >> 4, H6)


def compensated(raw_t: int, raw_h: int) -> tuple[float, float]:
    """The datasheet's formulas in floating point (BME280 datasheet, 8.1)."""
    first = (raw_t / 16384 - T1 / 1024) * T2
    fine = first + (raw_t / 131072 - T1 / 8192) ** 2 * T3
    h = fine - 76800
    h = (raw_h - (H4 * 64 + H5 / 16384 * h)) * (H2 / 65536 * (1 + H6 / 67108864 * h * (1 + H3 / 67108864 * h)))
    return fine / 5120, min(max(h * (1 - H1 * h / 524288), 0), 100)


@given(
    st.integers(400_000, 620_000).filter(lambda raw: raw != 0x80000),
    st.integers(0, 65535).filter(lambda raw: raw != 0x8000),
)
def test_a_bme280_is_compensated_as_in_its_datasheet(raw_t, raw_h):
    data = LOW + bytes([H1]) + HIGH + (raw_t << 4).to_bytes(3, "big") + struct.pack(">H", raw_h)
    expected = compensated(raw_t, raw_h)
    found = probe.climate("probe_bme280", data)
    assert found is not None
    assert found[0] == pytest.approx(expected[0], abs=0.02)
    assert found[1] == pytest.approx(expected[1], abs=0.1)


@pytest.mark.parametrize(("raw_t", "raw_h"), [(0x80000, 20_000), (519_888, 0x8000)])
def test_a_bme280_that_has_not_measured_is_not_valid(raw_t, raw_h):
    data = LOW + bytes([H1]) + HIGH + (raw_t << 4).to_bytes(3, "big") + struct.pack(">H", raw_h)
    assert probe.climate("probe_bme280", data) is None


@given(st.lists(st.integers(0, 202), max_size=60))
def test_the_queue_keeps_the_newest_in_order_counts_drops_and_never_drops_what_is_held(operations):
    model: deque[int] = deque()
    dropped, held = 0, False
    rows = probe.trace("probe_ring", operations, len(operations), 6, c.c_uint8)
    for operation, row in zip(operations, rows, strict=True):
        if operation < 200:
            if len(model) == 4:
                del model[1 if held else 0]
                dropped += 1
            model.append(operation)
        elif operation == 200:
            held = False
            if model:
                model.popleft()
        else:
            held = operation == 201
        assert row == [*model, *[EMPTY] * (4 - len(model)), len(model), dropped]


@given(st.integers(0, EMPTY), st.integers(0, EMPTY))
def test_waits_double_up_to_a_minute_with_jitter_and_start_again_after_a_reset(seed, resets):
    waits = probe.words(64)
    probe.host().probe_backoff(seed, resets, 64, waits)
    window = 1000
    for index, wait in enumerate(waits):
        assert window // 2 <= wait <= window
        window = 1000 if resets >> index % 32 & 1 else min(window * 2, 60_000)


def test_two_devices_do_not_return_at_the_same_moments():
    first, second = probe.words(10), probe.words(10)
    probe.host().probe_backoff(1, 0, 10, first)
    probe.host().probe_backoff(2, 0, 10, second)
    assert sum(a == b for a, b in zip(first, second, strict=True)) <= 2


def clock(*pairs: tuple[int, int]) -> list[list[int]]:
    return probe.trace("probe_clock", [number for pair in pairs for number in pair], len(pairs), 3)


@given(st.lists(st.integers(0, 2**31), max_size=30))
def test_the_uptime_is_right_across_the_wrap_of_the_counter(steps):
    total, pairs = 0, []
    for step in steps:
        total += step
        pairs.append((total % WRAP, 0))
    assert [row[0] for row in clock(*pairs)] == [sum(steps[: index + 1]) // 1000 % WRAP for index in range(len(steps))]


def test_a_count_that_is_older_than_the_last_one_moves_nothing():
    assert [row[0] for row in clock((5_000, 0), (4_000, 0), (6_000, 0))] == [5, 5, 6]


@pytest.mark.parametrize(
    ("answer", "believed"),
    [(1, 0), (1_704_067_199, 0), (1_704_067_200, 1), (2_524_607_999, 1), (2_524_608_000, 0), (EMPTY, 0)],
)
def test_only_a_time_from_2024_to_2049_sets_the_clock(answer, believed):
    assert clock((0, answer)) == [[0, answer if believed else 0, believed]]


def test_one_answer_far_from_a_running_clock_moves_nothing_and_a_second_one_confirms_it():
    far = EPOCH + 10_000_000
    rows = clock((0, EPOCH), (1000, far), (2000, EPOCH + 2), (3000, far), (4000, far + 1), (5000, 0))
    assert [row[1:] for row in rows] == [
        [EPOCH, 1],
        [EPOCH + 1, 0],
        [EPOCH + 2, 1],
        [EPOCH + 3, 0],
        [far + 1, 1],
        [far + 2, 0],
    ]


def test_the_clock_takes_a_small_correction_at_once():
    assert [row[1] for row in clock((0, EPOCH), (1000, EPOCH - 100), (2000, 0))] == [EPOCH, EPOCH - 100, EPOCH - 99]


@given(st.integers(0, EMPTY), st.integers(0, 120_000), st.integers(0, EMPTY))
def test_the_watchdog_is_fed_until_the_step_took_longer_than_it_said(begun, budget, later):
    assert probe.host().probe_supervisor(begun, budget, (begun + later) % WRAP) == (later <= budget)


def chart(samples: list[tuple[float, int]]) -> list[tuple[float | None, int]]:
    trace = probe.words(180)
    packed = b"".join(probe.SAMPLE.pack(*sample) for sample in samples)
    minutes = probe.host().probe_chart(packed, len(samples), trace)
    rows = [trace[start : start + 3] for start in range(0, minutes * 3, 3)]
    return [(struct.unpack("<f", struct.pack("<I", row[1]))[0] if row[0] else None, row[2]) for row in rows]


def test_the_chart_shows_means_of_minutes_and_leaves_gaps_empty():
    assert chart([(20, 0), (22, 59), (30, 61), (10, 240)]) == [(21.0, 54), (30.0, 99), (None, 0), (None, 0), (10.0, 0)]


def test_the_chart_holds_the_last_sixty_minutes_and_a_flat_line_lies_at_the_bottom():
    minutes = chart([(float(minute), 60 * minute) for minute in range(100)])
    assert [value for value, _ in minutes] == [float(minute) for minute in range(40, 100)]
    assert chart([(21, 0), (21, 60)]) == [(21.0, 0), (21.0, 0)]
    assert [value for value, _ in chart([(1, 0), (2, 60 * 500)])] == [None] * 59 + [2.0]
    assert chart([]) == []


def test_a_minute_with_more_readings_than_it_counts_keeps_its_mean():
    assert chart([(21, 0)] * 70_000 + [(22, 60)]) == [(21.0, 0), (22.0, 99)]


def test_a_simulated_day_swings_between_night_and_noon():
    seconds = (c.c_uint32 * 3)(0, 43_200, 86_400 + 21_600)
    out = c.create_string_buffer(36)
    probe.host().probe_simulation(3, seconds, 3, out)
    values = [probe.CLIMATE.unpack_from(out.raw, 12 * index) for index in range(3)]
    for (temperature, humidity, valid), celsius, percent in zip(values, (21, 25, 23), (60, 45, 52.5), strict=True):
        assert math.isclose(temperature, celsius, abs_tol=0.11)
        assert math.isclose(humidity, percent, abs_tol=0.11)
        assert valid
