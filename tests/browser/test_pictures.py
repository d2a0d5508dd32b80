"""The pictures of the docs are there in every combination, and a page of the docs shows each."""

from __future__ import annotations

import pytest
from PIL import Image

from lab.run import folders
from tests.browser import pictures


@pytest.mark.parametrize("name", pictures.names())
def test_a_picture_is_there_in_its_window_and_shown(name: str) -> None:
    with Image.open(pictures.FOLDER / name) as picture:
        assert picture.size == pictures.WINDOWS[name.split("-")[1]]
        brightness = sum(picture.convert("L").resize((1, 1)).tobytes())
    assert (brightness < 128) == name.endswith("dark.webp")
    assert f"(pictures/{name})" in (folders.ROOT / "docs" / "reports.md").read_text(encoding="utf-8")


def test_no_picture_is_left_over() -> None:
    assert sorted(path.name for path in pictures.FOLDER.iterdir()) == sorted(pictures.names())
