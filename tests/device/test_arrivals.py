from __future__ import annotations

from typing import Any

import pytest

from lab.device import Identity, arrivals, desk
from lab.errors import LabError

START = 1_735_700_000


def test_what_the_device_says_that_it_sent_lies_in_the_table(identity: Identity, cloud: Any) -> None:
    with desk.lines("twin", identity.device_id, START, seconds=45) as lines:
        moments = arrivals.watch(lines, cloud.table, 6)
    assert [moment.acknowledged for moment in moments][-1] == 6
    assert all(moment.stored >= moment.acknowledged for moment in moments)
    assert sorted(moments, key=lambda moment: moment.uptime) == moments
    axes = arrivals.picture(moments).axes[0]
    assert list(axes.lines[1].get_ydata()) == [moment.stored for moment in moments]


def test_a_device_that_stops_before_is_an_error_with_a_cure() -> None:
    with pytest.raises(LabError, match=r"did not send 3 messages\. Run `lab device verify`"):
        arrivals.watch(["boot", "WIO1 {"], "no-table", 3)
