from __future__ import annotations

import contextlib
import os
import pty
from types import SimpleNamespace
from typing import Any

import pytest

from lab.device import Identity, desk, usb, verify
from lab.errors import LabError

START = 1_750_000_000


def test_a_twin_of_limited_life_is_the_same_each_time_and_lived_to_its_end(identity: Identity, arrivals: Any) -> None:
    arrivals.of(identity.device_id)
    with desk.lines("twin", identity.device_id, START, 31) as lines:
        watched = verify.watch(lines)
    assert watched.statuses[-1].acknowledged >= 1
    stamps = {message["timestamp"] for message in arrivals.until(START + 30)}
    assert stamps == set(range(START, START + 31, 5))


def test_a_board_is_read_at_its_port(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = pty.openpty()
    monkeypatch.setattr(usb, "find", lambda port: {None: usb.Wio(os.ttyname(theirs), False)}[port])
    with desk.lines("board", "b1") as lines:  # what was said before is not read
        os.write(ours, b"hello\r\nWIO1 ")
        assert next(lines) == "hello"
        assert next(lines) == ""  # a line that has not ended
        os.write(ours, b"{}\r\n")
        assert next(line for line in lines if line) == "WIO1 {}"
    os.close(ours)
    os.close(theirs)


def test_a_board_that_is_unplugged_while_it_is_read_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = pty.openpty()
    monkeypatch.setattr(usb, "find", lambda port: SimpleNamespace(port=os.ttyname(theirs)))
    with contextlib.ExitStack() as stack:
        lines = stack.enter_context(desk.lines("/dev/ttyACM0", "b1"))
        os.close(theirs)
        os.close(ours)
        with pytest.raises(LabError, match="vanished while it was read"):
            list(lines)
