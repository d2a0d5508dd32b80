"""The message writer and the texts it is made of, against Python's own JSON and decimals."""

from __future__ import annotations

import ctypes as c
import json
import math
import re
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lab import contract
from tests.firmware import probe

names = st.from_regex(contract.DEVICE_ID_PATTERN, fullmatch=True)
celsius = st.floats(-49.98, 99.98).map(lambda value: float(np.float32(value)))
percent = st.floats(0, 100, width=32) | st.just(math.nan)
NAN, INFINITY = float("nan"), float("inf")


def hundredths(value: float) -> float:
    """What the nearest hundredth is, half away from zero, of the product in single precision."""
    product = np.float32(abs(np.float32(value))) * np.float32(100)
    rounded = Decimal(float(np.float32(product + np.float32(0.5)))).to_integral_value("ROUND_FLOOR")
    return float(math.copysign(1, value)) * float(rounded / 100)


def text(function: str, argument: object, capacity: int = probe.SLOT) -> bytes | None:
    out = c.create_string_buffer(probe.CAPACITY)
    length = getattr(probe.host(), function)(argument, out, capacity)
    return None if length < 0 else out.raw[:length]


def number(value: float, capacity: int = 32) -> str | None:
    written = text("probe_hundredths", c.byref(c.c_float(value)), capacity)
    return None if written is None else written.decode()


extras = st.fixed_dictionaries(
    {
        "score": st.floats(0, 1, width=32),
        "timestamp": st.integers(1, 2**32 - 1),
        "dropped": st.integers(0, 2**32 - 1),
        "simulated": st.integers(0, 1),
    }
)
LONGEST = {"score": 1.0, "timestamp": 2**32 - 1, "dropped": 2**32 - 1, "simulated": 1}


@given(names, celsius, percent, extras)
@example("w" * 128, -49.99, 99.99, LONGEST)
def test_every_plausible_reading_is_json_of_the_contract_with_its_values(name, temperature, humidity, rest):
    packed = probe.reading(temperature, humidity, **rest)
    assert probe.host().probe_plausible(packed)
    score = rest["score"]
    message = json.loads(probe.payload(name, packed) or b"")
    expected = {
        "device_id": name,
        "timestamp": rest["timestamp"],
        "temperature": hundredths(temperature),
        "humidity": None if math.isnan(humidity) else hundredths(humidity),
        "simulated": True if rest["simulated"] else None,
        "anomaly_score": hundredths(score) if score > 0 else None,
        "anomaly": 1 if np.float32(score) >= np.float32(0.32) else None,
        "dropped": rest["dropped"] or None,
    }
    assert message == {name: value for name, value in expected.items() if value is not None}
    assert contract.problems(message) == []


@given(st.integers(0, 160))
def test_a_buffer_that_is_too_small_is_refused_and_never_overrun(capacity):
    packed = probe.reading(21.5, 50.25)
    whole = probe.payload("wio-terminal-001", packed)
    assert whole is not None
    assert (probe.payload("wio-terminal-001", packed, capacity) is None) is (capacity <= len(whole))


@given(st.floats(width=32))
@example(0.005)
@example(-0.004)
@example(1e6)
@example(3e7)
@example(-1e-40)
def test_a_number_has_at_most_two_decimals_and_is_the_nearest_hundredth(value):
    written = number(value)
    if not abs(value) <= 1e6:
        assert written is None
        return
    assert written is not None
    assert re.fullmatch(r"-?(0|[1-9]\d*)(\.\d?[1-9])?", written)
    assert float(written) == hundredths(value)
    assert abs(Decimal(written) - Decimal(value)) <= Decimal("0.005") + abs(Decimal(value)) * Decimal(2) ** -22


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.0, "0"), (-0.0, "0"), (-0.001, "0"), (25.5, "25.5"), (-1.25, "-1.25"), (20.0, "20"), (0.05, "0.05")],
)
def test_numbers_are_as_short_as_they_can_be(value, expected):
    assert number(value) == expected


def test_halves_are_rounded_away_from_zero():
    assert number(0.125) == str(Decimal("0.125").quantize(Decimal("0.01"), ROUND_HALF_UP)) == "0.13"
    assert number(-0.125) == "-0.13"


@given(st.binary(max_size=40).filter(lambda word: b"\0" not in word))
def test_a_word_from_outside_stays_one_json_string(word):
    shown = "".join(chr(code) if 32 <= code < 127 else "?" for code in word)
    assert json.loads(text("probe_word", word) or b"") == {"word": shown, "count": 7}


@given(st.text(max_size=140).filter(lambda name: "\0" not in name) | names)
def test_a_device_name_is_valid_where_the_contract_says_so(name):
    valid = re.fullmatch(contract.DEVICE_ID_PATTERN.strip("^$"), name) is not None
    assert bool(probe.host().probe_valid_id(name.encode())) is valid
    assert (text("probe_topic", name.encode()) is not None) is valid


def test_each_byte_alone_is_a_name_exactly_if_the_contract_allows_it():
    allowed = {code for code in range(1, 256) if probe.host().probe_valid_id(bytes([code]))}
    assert allowed == {code for code in range(1, 128) if re.fullmatch("[A-Za-z0-9:_-]", chr(code))}


@pytest.mark.parametrize("length", [1, 128, 129, 600])
def test_a_name_has_at_most_128_letters(length):
    assert bool(probe.host().probe_valid_id(b"a" * length)) is (1 <= length <= 128)


@pytest.mark.parametrize(
    ("temperature", "humidity", "score"),
    [
        (NAN, 50, 0),
        (INFINITY, 50, 0),
        (-INFINITY, 50, 0),
        (-50, 50, 0),
        (100, 50, 0),
        (21, INFINITY, 0),
        (21, -0.01, 0),
        (21, 100.01, 0),
        (21, 50, INFINITY),
        (21, 50, NAN),
        (21, 50, 1.01),
        (21, 50, -0.01),
    ],
)
def test_a_reading_that_cannot_be_true_is_not_plausible(temperature, humidity, score):
    assert not probe.host().probe_plausible(probe.reading(temperature, humidity, score=score))


def test_a_reading_without_a_time_or_a_name_is_not_written():
    assert probe.payload("wio", probe.reading(21.5, timestamp=0)) is None
    assert probe.payload("two words", probe.reading(21.5)) is None
    assert probe.payload("wio", probe.reading(NAN)) is None
