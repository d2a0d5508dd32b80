"""Bands from stage to stage: as wide as their share, from where the ways part to where they lead."""

from __future__ import annotations

import pytest
from matplotlib.collections import PolyCollection

from lab import sankey
from lab.sankey import Band

COLOURS = {"read": "#000000", "kept": "#00ff00", "lost": "#ff0000", "never": "#0000ff"}
STAGES = [["read"], ["kept", "lost", "never"]]


def bands(kept: int, lost: int) -> dict[str, tuple[float, float, float, float]]:
    """The bands drawn, by where they lead: top and bottom at their beginning, top and bottom at their end."""
    figure = sankey.draw(
        STAGES, [Band("read", "kept", kept), Band("read", "lost", lost), Band("read", "never", 0)], COLOURS
    )
    found = {}
    for shape in figure.axes[0].collections:
        assert isinstance(shape, PolyCollection)
        if shape.get_alpha() is None:
            continue
        points = shape.get_paths()[0].vertices
        colour = tuple(round(float(value) * 255) for value in shape.get_facecolor()[0][:3])
        name = next(name for name, text in COLOURS.items() if tuple(bytes.fromhex(text[1:])) == colour)
        ends = [sorted(y for x, y in points if x == edge) for edge in (min(points[:, 0]), max(points[:, 0]))]
        found[name] = (ends[0][-1], ends[0][0], ends[1][-1], ends[1][0])
    return found


def test_a_band_is_as_wide_as_its_share_and_bands_begin_below_each_other() -> None:
    found = bands(75, 25)
    assert found["kept"][0] - found["kept"][1] == pytest.approx(0.75)
    assert found["lost"][2] - found["lost"][3] == pytest.approx(0.25)
    assert found["lost"][0] == pytest.approx(found["kept"][1])
    assert found["kept"][3] - found["lost"][2] == pytest.approx(sankey.GAP)


def test_one_of_a_million_is_still_seen_and_nothing_is_left_out() -> None:
    found = bands(999_999, 1)
    assert found["lost"][2] - found["lost"][3] == pytest.approx(sankey.THINNEST)
    assert set(bands(1, 0)) == {"kept"}
    assert bands(0, 0) == {}


def test_nodes_tell_their_names_and_counts() -> None:
    figure = sankey.draw(STAGES, [Band("read", "kept", 1_234)], COLOURS)
    assert [text.get_text() for text in figure.axes[0].texts] == ["read 1,234", "kept 1,234"]
