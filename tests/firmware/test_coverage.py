"""The tests on the host take the branches of the core, counted by a compiler that every machine with the lab has."""

from __future__ import annotations

import ctypes as c
from pathlib import Path

import pytest

from tests.firmware import coverage

SOURCE = """
int beside(int a) { return a ? 1 : 2; }
namespace core {
int choose(int a, int b) {
  if (a > 3 && b < 2) {
    return 1;
  }
  switch (b) {
    case 7:
      return 2;
    default:
      return b ? beside(a) : b;
  }
}
}
extern "C" __attribute__((visibility("default"))) int choose(int a, int b) { return core::choose(a, b); }
"""


@pytest.mark.slow
def test_the_tests_on_the_host_take_95_percent_of_the_branches_of_the_core(tmp_path: Path) -> None:
    library, found = coverage.measure(tmp_path)
    assert len(found.branches) > 250
    assert found.share >= coverage.LEAST, coverage.places(library, found.missed)


def test_branches_are_counted_as_a_person_counts_them(tmp_path: Path) -> None:
    (tmp_path / "choose.cpp").write_text(SOURCE)
    library = coverage.build([tmp_path / "choose.cpp"], tmp_path)
    loaded = c.CDLL(str(library))
    assert len(coverage.read(library).branches) == 8  # two of each condition; the function beside is not of the core
    for arguments, missed in (((1, 7), 6), ((1, 0), 4), ((4, 0), 2), ((4, 7), 1)):
        loaded.choose(*arguments)
        assert len(coverage.read(library).missed) == missed, arguments
    (place,) = coverage.places(library, coverage.read(library).missed)
    assert place == "choose.cpp:12 to choose.cpp:12"  # b ? beside(a): never with another b than 0
    loaded.choose(4, 2)
    assert coverage.read(library).missed == []
