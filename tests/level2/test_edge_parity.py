"""Python, the firmware's C on this computer and on an emulated Cortex-M4 say the same of every window."""

from __future__ import annotations

import numpy as np
import pytest

from lab import edge_build, edge_model, edge_parity
from lab.edge_parity import Answers
from lab.errors import LabError

WINDOWS = 10_000
FLASH_BUDGET = 1024  # bytes
STEP_BUDGET = 2_000  # instructions


@pytest.fixture(scope="module")
def tree():
    return edge_model.train(edge_model.windows(edge_model.TRAIN, edge_build.SEED))


@pytest.fixture(scope="module")
def given():
    return edge_parity.windows(seed=2)


@pytest.fixture(scope="module")
def here(given):
    return edge_parity.host(given)


def test_the_firmware_decides_as_python_on_more_than_ten_thousand_windows(tree, given, here):
    assert len(given) > WINDOWS
    expected = edge_parity.python(tree, given)
    assert here.mismatches(expected) == 0
    assert here.bytes() == expected.bytes()
    assert set(here.classes) == set(range(len(edge_model.CLASSES)))


def test_a_cortex_m4_decides_as_this_computer_on_every_window(given, here):
    there = edge_parity.board(given)
    assert there.mismatches(here) == 0
    assert there.bytes() == here.bytes()


def test_one_other_class_or_one_other_feature_is_a_mismatch(here):
    other = Answers(here.features.copy(), here.classes.copy())
    other.classes[5] += 1
    other.features[7, 3] += 1
    assert here.mismatches(other) == 2
    assert here.bytes() != other.bytes()
    with pytest.raises(ValueError, match="not to the same windows"):
        here.mismatches(Answers(here.features[1:], here.classes[1:]))


def test_the_model_stays_within_flash_and_instructions(given):
    assert set(edge_parity.flash()) == {"features", "tree"}
    assert 400 < sum(edge_parity.flash().values()) <= FLASH_BUDGET
    taken = edge_parity.instructions(given[::100])
    assert len(taken) == len(given[::100])
    assert 500 < taken.min() <= taken.max() <= STEP_BUDGET


def test_more_leaves_take_more_flash_and_the_shipped_tree_takes_what_the_firmware_says():
    data = edge_model.windows(edge_model.TRAIN, edge_build.SEED)
    sizes = [
        edge_parity.flash_of(edge_model.c_source(edge_model.for_integers(edge_model.train(data, leaves))))
        for leaves in (6, edge_model.LEAVES, 96)
    ]
    assert sizes == sorted(set(sizes))
    assert sizes[1] == pytest.approx(edge_parity.flash()["tree"], abs=40)


def test_a_source_that_is_no_c_is_refused():
    with pytest.raises(LabError, match="not compiled"):
        edge_parity.flash_of("no C at all")


def test_windows_of_the_proof_hold_the_ends_of_int16(given):
    assert given.dtype == np.int16
    assert given.min() < -32_700
    assert given.max() > 32_700
    assert (np.ptp(given, axis=1) == 0).any()
