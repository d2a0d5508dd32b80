from __future__ import annotations

import numpy as np

from lab import edge_picture


def test_mismatches_are_counted_in_the_title_and_stand_off_the_diagonal():
    expected = np.array([0, 0, 1, 5], dtype=np.int32)
    same, other = expected.copy(), np.array([0, 5, 1, 5], dtype=np.int32)
    left, right = edge_picture.agreement(expected, {"cured": same, "trapped": other}).axes
    assert left.get_title("left") == "cured: 0 mismatches"
    assert right.get_title("left") == "trapped: 1 mismatches"
    cells = {tuple(map(int, text.get_position())): text.get_text() for text in right.texts}
    assert cells == {(0, 0): "1", (5, 0): "1", (1, 1): "1", (5, 5): "1"}


def test_a_day_names_only_what_was_called_and_leaves_the_unknown_out():
    figure = edge_picture.day(np.linspace(20, 21, 5), [-1, -1, 0, 1, 1])
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["normal", "spike"]
    (axes,) = figure.axes
    assert [line.get_xdata().tolist() for line in axes.lines[1:]] == [[2 / 6], [3 / 6, 4 / 6]]
