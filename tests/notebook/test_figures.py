"""Figures as notebooks, reports and the dashboard show them."""

import io
from xml.etree import ElementTree

import pytest
from PIL import Image

from lab.notebook import figures


@pytest.fixture
def shown(monkeypatch):
    """What would be displayed, with its metadata."""
    found: list[tuple[dict, dict]] = []
    monkeypatch.setattr(figures, "display", lambda data, raw, metadata=None: found.append((data, metadata or {})))
    return found


def drawn(**axes_options):
    figure, axes = figures.new(width=4.0, height=2.0)
    axes.plot([0, 1], [0, 1])
    axes.set(**axes_options)
    return figure


def test_a_figure_has_two_dots_for_each_pixel_of_the_page(shown) -> None:
    figures.show(drawn(), "It rises.")
    (picture, about), (caption, _) = shown
    assert Image.open(io.BytesIO(picture["image/png"])).size == (880, 440)
    assert about["image/png"]["width"] == 440
    assert about["image/png"]["alt"] == "It rises."
    assert caption == {"text/markdown": "*It rises.*", "text/plain": "It rises."}


def test_only_a_panel_that_is_not_white_has_colours_of_its_own(shown) -> None:
    figures.show(drawn(), "a chart")
    figures.show(drawn(facecolor="black"), "a screen")
    assert [about["image/png"][figures.OWN_COLOURS] for _, about in shown[::2]] == [False, True]


def test_as_svg_it_takes_the_colour_of_the_text_around_it_and_has_no_ground() -> None:
    text = figures.svg(drawn(xlabel="time"), 'temperature & "humidity"')
    root = ElementTree.fromstring(text)
    assert root.attrib["fill"] == "currentColor"
    assert root.attrib["aria-label"] == 'temperature & "humidity"'
    assert root.attrib["viewBox"] == "0 0 288 144"
    assert "#000000" not in text
    assert "#ffffff" not in text
    assert "<style" not in text, "it would hold for everything on the page"
    words = [item.text for item in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "time" in words
