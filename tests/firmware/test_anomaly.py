"""The streaming detector: Python, C on the host and C on a Cortex-M4 give the same scores bit for bit."""

from __future__ import annotations

import ctypes as c
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.detector import Detector
from lab.device import cortex_m4
from tests.firmware import probe

SAMPLES = 100_000
EMULATED = 20_000
STATE_BUDGET = 1024  # bytes
STEP_BUDGET = 250  # instructions
START = 1_790_000_000
INTERVAL_S = 300


def year() -> tuple[np.ndarray, np.ndarray]:
    """A year of readings with days, noise, spikes, steps, a stuck stretch, gaps and what is not a number."""
    chance = np.random.default_rng(4)
    seconds = START + np.arange(SAMPLES) * INTERVAL_S + np.cumsum(chance.random(SAMPLES) < 0.001) * 7_000
    values = 21 + 4 * np.sin(seconds / 86_400 * 2 * np.pi) + chance.normal(0, 0.3, SAMPLES)
    values[chance.random(SAMPLES) < 0.002] += 9
    values[40_000:] += 3
    values[60_000:61_000] = values[60_000]
    values[chance.random(SAMPLES) < 0.001] = np.nan
    values[chance.random(SAMPLES) < 0.0005] = np.inf
    return values.astype(np.float32), seconds.astype(np.uint32)


def packed(values: np.ndarray, seconds: np.ndarray) -> bytes:
    return np.rec.fromarrays([values, seconds], dtype=[("value", "<f4"), ("seconds", "<u4")]).tobytes()


def host_scores(values: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    state = c.create_string_buffer(probe.host().probe_state_size())
    scores = (c.c_float * len(values))()
    probe.host().probe_scores(state, packed(values, seconds), len(values), scores)
    return np.frombuffer(scores, dtype=np.float32)


@pytest.fixture(scope="module")
def series() -> tuple[np.ndarray, np.ndarray]:
    return year()


@pytest.fixture(scope="module")
def here(series) -> np.ndarray:
    return host_scores(*series)


def test_python_and_c_agree_bit_for_bit_on_a_hundred_thousand_samples(series, here):
    expected = Detector().scores(*series)
    assert here.tobytes() == expected.tobytes()
    assert len(expected) == SAMPLES
    assert (expected >= np.float32(0.32)).sum() > 50


def test_an_hour_that_was_seen_more_often_than_is_counted_is_learnt_as_in_python():
    values = np.random.default_rng(5).normal(21, 0.3, 70_000).astype(np.float32)
    seconds = np.full(len(values), START, dtype=np.uint32)
    assert host_scores(values, seconds).tobytes() == Detector().scores(values, seconds).tobytes()


def test_the_emulated_cortex_m4_agrees_with_the_host_bit_for_bit(series, here):
    board = cortex_m4.CortexM4()
    samples = board.put(packed(series[0][:EMULATED], series[1][:EMULATED]))
    state, scores = board.room(STATE_BUDGET), board.room(EMULATED * 4)
    board.call("probe_scores", state, samples, EMULATED, scores)
    assert board.get(scores, EMULATED * 4) == here[:EMULATED].tobytes()


def test_no_sample_takes_more_than_its_instructions_and_the_state_is_small(series):
    board = cortex_m4.CortexM4()
    state, score = board.room(STATE_BUDGET), board.room(4)
    samples = board.put(packed(*series))
    board.call("probe_scores", state, samples, 1_000, board.room(4_000))
    call = board.instructions("probe_scores", state, samples, 0, score)
    taken = [board.instructions("probe_scores", state, samples + 8 * index, 1, score) for index in range(1_000, 1_300)]
    assert 100 < max(taken) - call <= STEP_BUDGET
    assert board.call("probe_state_size") == probe.host().probe_state_size() <= STATE_BUDGET


def test_a_state_of_the_board_continues_as_one_of_the_host_does(series, here):
    state = c.create_string_buffer(probe.host().probe_state_size())
    scores = (c.c_float * SAMPLES)()
    for start, end in ((0, 1), (1, 300), (300, SAMPLES)):
        part = packed(series[0][start:end], series[1][start:end])
        probe.host().probe_scores(state, part, end - start, c.byref(scores, start * 4))
    assert bytes(scores) == here.tobytes()


@given(
    st.lists(
        st.tuples(st.floats(width=32) | st.sampled_from([1e12, -1e12, 3e38, -3e38]), st.integers(0, 2**32 - 1)),
        max_size=20,
    )
)
def test_whatever_comes_a_score_is_a_number_from_0_to_1_and_equal_in_both_languages(readings):
    warm = [(20.0 + index % 3, START + index * INTERVAL_S) for index in range(300)]
    every = np.array(warm + readings, dtype=np.float64)
    values, seconds = every[:, 0].astype(np.float32), every[:, 1].astype(np.uint32)
    scores = host_scores(values, seconds)
    assert np.isfinite(scores).all()
    assert ((scores >= 0) & (scores <= 1)).all()
    assert scores.tobytes() == Detector().scores(values, seconds).tobytes()


def test_samples_stand_in_memory_as_the_probe_reads_them():
    assert packed(np.array([1.5], np.float32), np.array([7], np.uint32)) == struct.pack("<fI", 1.5, 7)
