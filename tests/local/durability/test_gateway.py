"""What the device gateway acknowledged survives ``kill -9``: retained messages, sessions and what they wait for."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import target
from lab.local import server
from lab.local.paths import Paths
from tests.conftest import EmbeddedAws
from tests.local import account
from tests.local.mqtt import devices


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[Callable[[], EmbeddedAws]]:
    """Start an embedded AWS of its own, or start it again."""
    saved, root = dict(os.environ), tmp_path / "lab"

    def start() -> EmbeddedAws:
        os.environ.update({"LAB_STATE": str(root), "LAB_TARGET": "local"})
        running = server.start(root, target.DEFAULT_REGION)
        os.environ.update(target.environment())
        return EmbeddedAws(root, running, target.environment())

    yield start
    server.stop(root)
    os.environ.clear()
    os.environ.update(saved)
    shutil.rmtree(root, ignore_errors=True)


def gateway(aws: EmbeddedAws) -> dict[str, Any]:
    """What the last snapshot holds of the gateway."""
    file = Paths(aws.root).state / "iot.json"
    broker: dict[str, Any] = json.loads(file.read_text())["payload"]["mqtt_broker"]
    return broker


def test_retained_messages_sessions_and_missed_messages_survive_a_crash(aws: Callable[[], EmbeddedAws]) -> None:
    first = aws()
    who = devices.identity(first.client("iot"))
    with devices.device(first, who, "asleep", clean=False) as asleep:
        asleep.subscribe("missed/#")
    with (
        devices.device(first, who, "awake", clean=False) as awake,
        devices.device(first, who, "other") as other,
    ):
        awake.subscribe("later/#")
        other.publish("missed/1", b"while it slept")
        other.publish("kept/1", b"retained", retain=True)
        account.wait_for(
            lambda: (
                (held := gateway(first))["retained"]
                and len(held["persistent_sessions"]) == 2
                and "missed/1" in str(held)
            ),
            "a snapshot",
        )
        os.killpg(first.running.pid, signal.SIGKILL)
        os.waitpid(first.running.pid, 0)
    second = aws()
    with devices.device(second, who, "other") as other:
        other.subscribe("kept/1")
        assert other.next() == ("kept/1", b"retained", True)
        other.publish("later/1", b"after the crash")
    for name, expected in (("asleep", ("missed/1", b"while it slept")), ("awake", ("later/1", b"after the crash"))):
        with devices.device(second, who, name, clean=False) as back:
            assert back.session_present
            assert back.next()[:2] == expected
