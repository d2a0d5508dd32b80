"""A flow chart as text becomes columns and an SVG."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from lab.reference import diagram

TEXT = """flowchart LR
  Rule["IoT rule<br/>sensor <data>"]
  Table["table<br/>readings-of-every-sensor-in-every-room"]
  Log["log group<br/>errors"]
  Crawler["crawler<br/>crawler"]
  Rule --> Table
  Rule --> Log
  Crawler --> Table
  Crawler --> Rule
"""


def test_an_arrow_goes_to_a_column_further_right() -> None:
    layers = diagram.columns(diagram.flowchart(TEXT))
    assert layers == [["Crawler"], ["Rule"], ["Log", "Table"]]


def test_every_box_and_arrow_is_drawn_and_a_long_name_is_wrapped() -> None:
    drawn = ElementTree.fromstring(diagram.svg(diagram.flowchart(TEXT)))
    space = "{http://www.w3.org/2000/svg}"
    assert len(drawn.findall(f"{space}rect")) == 4
    assert len(drawn.findall(f"{space}path")) == 4
    texts = [item.text for item in drawn.findall(f"{space}text")]
    assert "sensor <data>" in texts
    assert "readings-of-every-sensor-in-" in texts
    assert drawn.attrib["aria-label"] == "Arrows: Rule to Table, Rule to Log, Crawler to Table, Crawler to Rule"


def test_a_line_that_is_neither_box_nor_arrow_is_refused() -> None:
    with pytest.raises(ValueError, match="subgraph"):
        diagram.flowchart("flowchart LR\n  subgraph one")
