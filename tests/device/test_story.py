from __future__ import annotations

from lab import target
from lab.device import Identity, story
from lab.device.core import Fault, Line

START = 1_750_000_000


def test_the_screen_says_in_words_what_is_wrong_and_what_waits(identity: Identity) -> None:
    told = story.tell(identity, target.mqtt(), START)
    lines = {title: shown for title, (shown, _) in told.screens.items()}
    assert lines["online"][Line.STATE] == "online"
    assert lines["online"].get(Line.FAULT, "") == ""
    assert lines["online"][Line.DEVICE] == identity.device_id
    assert lines["no broker"][Line.FAULT] == Fault.TLS.words
    assert "waiting 60 " in lines["no broker"][Line.QUEUE]
    assert lines["no network"][Line.FAULT] == Fault.WIFI.words
    assert len(told.screens["no network"][1]) == 22
    assert told.acknowledged >= 22 * 12
