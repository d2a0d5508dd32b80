from __future__ import annotations

from lab.device.chain import Box, draw


def test_boxes_stand_in_a_row_and_arrows_between_them() -> None:
    figure = draw([Box("one", ["a"], "goes"), Box("two", ["b", "c"], "comes"), Box("three", [])])
    axes = figure.axes[0]
    lefts = [patch.get_bbox().x0 for patch in axes.patches[:: len(axes.patches) // 3] if hasattr(patch, "get_bbox")]
    assert lefts == sorted(lefts)
    assert [text.get_text() for text in axes.texts if text.get_text()] == [
        "one",
        "a",
        "goes",
        "two",
        "b",
        "c",
        "comes",
        "three",
    ]


def test_what_is_longer_than_its_box_is_wrapped() -> None:
    words = "SELECT * FROM 'device/+/data' WHERE device_id = topic(2)"
    texts = [text.get_text() for text in draw([Box("rule", [words])] * 4).axes[0].texts if text.get_text()]
    first = texts[1 : texts.index("rule", 1)]
    assert len(first) > 1
    assert " ".join(first) == words
