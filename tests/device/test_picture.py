from __future__ import annotations

import dataclasses
import math
import re
from typing import Any

from lab.device import picture
from lab.device.core import Line
from lab.device.status import STATES, Status
from lab.target import ROOT

BASE = Status("b1", "1", "twin", "simulated", "power", "waiting", "none", 0, 0, 0, 0, 0, 0, -60)


def status(uptime: int, state: str, **changes: Any) -> Status:
    return dataclasses.replace(BASE, uptime=uptime, state=state, **changes)


def test_the_timeline_shows_states_in_their_order_faults_and_the_first_acknowledged_message() -> None:
    passed = [
        status(0, "wifi"),
        status(1, "tls", fault="tls"),
        status(3, "online"),
        status(4, "online", acknowledged=1),
    ]
    axes = picture.timeline(passed).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == list(STATES)
    steps, faults, sent = axes.lines
    assert list(steps.get_xdata()) == [0, 1, 2, 3]
    assert list(steps.get_ydata()) == [1, 3, 5, 5]
    assert (list(faults.get_xdata()), list(sent.get_xdata())) == ([1], [3])


def test_the_screen_is_drawn_as_the_board_draws_it() -> None:
    lines = {line: line.name.lower() for line in Line}
    axes = picture.screens({"online": (lines, [20.0, math.nan, 22.0, 21.0])}).axes[0]
    assert {text.get_text(): text.get_position()[1] for text in axes.texts if text.get_text()} == {
        line.name.lower(): picture.STYLES[line][0] for line in Line
    }
    assert [round(patch.get_height(), 1) for patch in axes.patches] == [1.0, 80.0, 40.5]
    assert axes.get_facecolor() == (0.0, 0.0, 0.0, 1.0)


def test_the_picture_keeps_the_places_of_the_firmware() -> None:
    code = (ROOT / "firmware/wioterminal/src/board/screen.cpp").read_text()
    styles = re.search(r"kStyles\[.*?\] = \{(.*?)\n\};", code, re.DOTALL)
    assert styles is not None
    tops = [int(top) for top in re.findall(r"\{(\d+), \d, TFT_", styles[1])]
    assert tops == [top for top, _, _ in picture.STYLES.values()]
    assert f"kChartTop = {picture.CHART_TOP};" in code
    assert f"kChartHeight = {picture.CHART_HEIGHT};" in code
    assert f"kChartStep = {picture.CHART_STEP};" in code


def test_the_queue_is_drawn_over_minutes() -> None:
    upper, lower = picture.queue([status(0, "tls", queued=3), status(120, "online", acknowledged=4)]).axes
    assert list(upper.lines[0].get_xdata()) == [0, 2]
    assert list(upper.lines[0].get_ydata()) == [3, 0]
    assert list(lower.lines[0].get_ydata()) == [0, 4]


def test_each_attempt_is_allowed_or_refused() -> None:
    axes = picture.permissions({"own": True, "another's": False}).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["own", "another's"]
    assert [text.get_text() for text in axes.texts] == ["allowed", "refused"]
