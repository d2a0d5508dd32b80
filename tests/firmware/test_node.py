"""The device's state machine, driven through the library that the twin uses."""

from __future__ import annotations

import json

import pytest

from lab.device.core import Action, Fault, State

EPOCH = 1_790_000_000
ORDER = [Action.JOIN_WIFI, Action.ASK_TIME, Action.OPEN_TLS, Action.CONNECT_MQTT]


def stamps(messages):
    return [json.loads(message)["timestamp"] for message in messages]


def test_a_device_joins_wifi_asks_the_time_opens_tls_and_connects_in_this_order(port):
    port.run(1)
    assert [action for _, action in port.steps] == ORDER
    assert port.core.numbers().state is State.ONLINE


def test_a_reading_taken_before_the_time_was_known_carries_the_time_at_which_it_was_taken(port):
    port.silent.add(Action.ASK_TIME)
    port.run(3)
    port.record(20.25, 40)
    port.run(5)
    assert port.sent == []
    port.core.time(port.last.number, EPOCH + 8, port.now_ms)
    port.run(1)
    assert [json.loads(message) for message in port.acknowledged] == [
        {"device_id": "wio-terminal-001", "timestamp": EPOCH + 3, "temperature": 20.25, "humidity": 40}
    ]


def test_an_unacknowledged_reading_is_sent_again_with_the_same_identity(port):
    port.run(1)
    port.silent.add(Action.PUBLISH)
    port.record()
    port.run(100)
    assert len(port.sent) > 1
    assert len(set(port.sent)) == 1
    port.silent.clear()
    port.run(60)
    assert port.acknowledged == [port.sent[0]]
    assert port.core.numbers().acknowledged == 1


def test_a_late_end_of_an_older_step_counts_for_nothing(port):
    late = port.until(Action.OPEN_TLS)
    port.run(70)
    assert port.core.numbers().state is State.ONLINE
    port.silent.add(Action.PUBLISH)
    port.record()
    port.run(1)
    before = port.core.numbers()
    assert not port.core.succeeded(late.number, port.now_ms)
    assert not port.core.failed(late.number, Fault.TLS, port.now_ms)
    assert port.core.numbers() == before
    assert before.queued == 1


@pytest.mark.parametrize(
    ("action", "fault"),
    [
        (Action.JOIN_WIFI, Fault.WIFI),
        (Action.ASK_TIME, Fault.TIME),
        (Action.OPEN_TLS, Fault.TLS),
        (Action.CONNECT_MQTT, Fault.MQTT_REFUSED),
        (Action.PUBLISH, Fault.NOT_ACKNOWLEDGED),
    ],
)
def test_a_step_that_hangs_is_given_up_with_the_fault_of_that_step(port, action, fault):
    port.record()
    step = port.until(action)
    port.silent.add(Action.JOIN_WIFI)
    port.run(20.2)
    assert port.core.numbers().fault is fault
    assert Action.CLOSE in [action for _, action in port.steps]
    assert not port.core.succeeded(step.number, port.now_ms)


def test_a_link_that_breaks_between_two_readings_is_closed_and_opened_again(port):
    port.until(Action.CONNECT_MQTT)
    connected = port.last.number
    port.core.succeeded(connected, port.now_ms)
    port.run(5)
    assert port.core.failed(connected, Fault.LINK_LOST, port.now_ms)
    assert port.core.numbers().fault is Fault.LINK_LOST
    assert not port.core.failed(connected, Fault.LINK_LOST, port.now_ms)
    port.run(2)
    assert port.core.numbers().state is State.ONLINE
    assert port.core.numbers().fault is Fault.NONE
    assert not port.core.failed(connected, Fault.LINK_LOST, port.now_ms)
