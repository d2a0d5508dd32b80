"""A message's way, its times, and the fate of bad ones, through the embedded gateway, a rule and a table."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

import pytest

from lab import contract, fates, journey, latency, target
from lab.device import Identity, core
from lab.device.connection import connected


@pytest.fixture
def message(identity: Identity) -> dict[str, Any]:
    return {"device_id": identity.device_id, "timestamp": 1_735_689_600, "temperature": 25.5, "humidity": 60.2}


def test_a_message_is_followed_from_its_topic_to_its_typed_item(
    identity: Identity, cloud: Any, message: dict[str, Any]
) -> None:
    ticks = count()
    with connected(identity, target.mqtt()) as line:
        for _ in range(2):  # the item of the first does not pass for that of the second
            payload = core.message(identity.device_id, 1_735_689_600, 25.5, 60.2)
            way = journey.follow(line, payload, cloud.table, lambda: next(ticks))
            assert (way.acknowledged, way.stored) == (1, 2)
    assert json.loads(way.payload) == message
    assert way.topic == contract.topic(identity.device_id)
    assert way.item == {
        "device_id": {"S": identity.device_id},
        "timestamp": {"N": "1735689600"},
        "temperature": {"N": "25.5"},
        "humidity": {"N": "60.2"},
    }
    words = [text.get_text() for text in journey.picture(way, cloud.sql).axes[0].texts]
    assert [word for word in words if word in {"device", "broker", "table"}] == ["device", "broker", "table"]
    assert {"timestamp: N 1735689600", "taken after 1000 ms", "found after 2000 ms"} <= set(words)


def test_each_probe_is_acknowledged_before_it_is_stored(identity: Identity, cloud: Any) -> None:
    with connected(identity, target.mqtt()) as line:
        times = latency.measure(line, cloud.table, identity.device_id, 3)
    assert len(times) == 3
    assert all(0 < each.acknowledged <= each.stored for each in times)
    axes = latency.histogram(times).axes[0]
    assert [len(bars) for bars in axes.containers] == [24, 24]
    assert sum(bar.get_height() for bars in axes.containers for bar in bars) == 6


def test_bad_messages_are_left_out_or_logged_whole(identity: Identity, cloud: Any, message: dict[str, Any]) -> None:
    bad = {
        "another": {**message, "device_id": "someone-else"},
        "no JSON": "25.5 degrees",
        "good": message,
        "text": {**message, "timestamp": "yesterday"},
    }
    met = fates.send(contract.topic(identity.device_id), bad, cloud.table, cloud.errors)
    assert {name: fate.stored for name, fate in met.items()} == {
        "another": False,
        "no JSON": False,
        "good": True,
        "text": False,
    }
    assert [name for name, fate in met.items() if fate.reason] == ["text"]
    assert "Type mismatch for key timestamp" in met["text"].reason
    assert [fate.words.partition(",")[0] for fate in met.values()] == [
        "not selected",
        "not selected",
        "stored",
        "selected",
    ]
    axes = fates.picture(met).axes[0]
    reached = [line.get_marker() for line in axes.lines]
    assert reached == [*"oxxx", *"oxxx", *"ooox", *"ooxo"]
