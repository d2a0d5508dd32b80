"""The edge model on the device: ten-minute means of what it measures, and what the model calls the last twelve."""

from __future__ import annotations

import ctypes as c
import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import edge_model, telemetry
from lab.device import cortex_m4
from lab.device.core import Around, Core
from tests.firmware import probe

STEP_S = 600
UNKNOWN = -1


@pytest.fixture(scope="module")
def tree():
    return edge_model.train(edge_model.windows(edge_model.TRAIN, 1))


def kinds(samples: list[tuple[float, int]]) -> list[int]:
    """What the device calls the last two hours after each sample (value, seconds since its start)."""
    packed = b"".join(probe.SAMPLE.pack(*sample) for sample in samples)
    out = (c.c_int8 * len(samples))()
    probe.host().probe_window(packed, len(samples), out)
    return list(out)


def expected(tree, samples: list[tuple[float, int]]) -> list[int]:
    """The same from the list of all means: those of the last twelve steps, if each of them had a reading."""
    found, steps, sums = [], {}, {}
    for value, seconds in samples:
        step = seconds // STEP_S
        total, count = sums.get(step, (np.float32(0), 0))
        sums[step] = (total + np.float32(value), count + 1)
        last = [sums.get(before) for before in range(step - edge_model.ROWS, step)]
        if None in last:
            found.append(UNKNOWN)
            continue
        if step not in steps:
            scaled = [total / np.float32(count) * np.float32(100) for total, count in last]
            window = np.array(
                [int(np.trunc(one + np.copysign(np.float32(0.5), one))) for one in scaled], dtype=np.int16
            )
            steps[step] = int(tree.predict(edge_model.features(window[np.newaxis]))[0])
        found.append(steps[step])
    return found


def test_a_day_of_a_node_with_a_spike_is_called_what_python_calls_it(tree):
    frame = telemetry.frame()
    values = frame.loc[frame.device_id == "node-8", "temperature"].to_numpy()[-144:].copy()
    values[100] += 9
    samples = [(float(value), STEP_S * row + 7) for row, value in enumerate(values)]
    found = kinds(samples)
    assert found == expected(tree, samples)
    assert found[:12] == [UNKNOWN] * 12
    assert [edge_model.CLASSES[kind] for kind in found[103:110]] == ["spike"] * 7


@given(st.lists(st.tuples(st.floats(-49, 99, width=32), st.integers(1, 700)), max_size=150))
def test_whatever_is_measured_when_the_device_and_python_agree(tree, readings):
    seconds = np.cumsum([pause for _, pause in readings], dtype=int).tolist()
    samples = [(value, second) for (value, _), second in zip(readings, seconds, strict=True)]
    assert kinds(samples) == expected(tree, samples)


def test_ten_minutes_without_a_reading_begin_the_window_anew():
    full = [(20.0, STEP_S * step) for step in range(20)]
    assert kinds(full)[-1] != UNKNOWN
    gap = [(20.0, second + STEP_S * (second >= STEP_S * 15)) for _, second in full]
    assert kinds(gap)[12:15] == kinds(full)[12:15]
    assert kinds(gap)[15:] == [UNKNOWN] * 5


def test_a_cortex_m4_calls_two_days_as_the_host_does():
    random = np.random.default_rng(8)
    values = (20 + np.cumsum(random.normal(0, 0.05, 20_000))).astype(np.float32)
    samples = [(float(value), 9 * row) for row, value in enumerate(values)]
    board = cortex_m4.CortexM4()
    out = board.room(len(samples))
    board.call("probe_window", board.put(b"".join(struct.pack("<fI", *one) for one in samples)), len(samples), out)
    found = np.frombuffer(board.get(out, len(samples)), dtype=np.int8).tolist()
    assert found == kinds(samples)
    assert len(set(found)) > 2


def test_the_status_line_names_the_kind_once_it_is_known():
    core = Core(1)
    for step in range(13):
        assert core.numbers().kind == UNKNOWN
        assert "kind" not in json.loads(core.status(Around("wio-1")).partition(" ")[2])
        core.record(21.0, now_ms=1000 * STEP_S * step)
    known = core.numbers().kind
    assert json.loads(core.status(Around("wio-1")).partition(" ")[2])["kind"] == edge_model.CLASSES[known]
