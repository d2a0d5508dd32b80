"""The twin as a whole: the firmware's core over real mutual TLS to the embedded gateway, on a network that fails."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lab import contract, target
from lab.device import Identity
from lab.device.board import READING_MS, Board, board
from lab.device.connection import connected
from lab.device.core import Fault, Line, Numbers, State

START = 1_750_000_000
READING_S = READING_MS // 1000
MINUTE = 60
BACKOFF_CAP_S = 60  # firmware/wioterminal/src/core/backoff.h
STEP_S = 20  # firmware/wioterminal/src/core/node.h
CAPACITY = 360


@pytest.fixture
def twin(identity: Identity) -> Iterator[Board]:
    with board(identity, target.mqtt(), epoch_s=START) as made:
        yield made


def online(numbers: Numbers) -> bool:
    return numbers.state is State.ONLINE and numbers.queued == 0


def offline(numbers: Numbers) -> bool:
    return numbers.state is not State.ONLINE


def is_fault(fault: Fault) -> Callable[[Numbers], bool]:
    return lambda numbers: numbers.fault is fault


def stamps(messages: list[dict[str, Any]]) -> list[int]:
    return [message["timestamp"] for message in messages]


def unrepeated(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out repetitions; a repetition must be the same message, letter for letter."""
    seen: dict[int, dict[str, Any]] = {}
    for message in messages:
        assert seen.setdefault(message["timestamp"], message) == message
    return list(seen.values())


def last_stamp(twin: Board) -> int:
    """The stamp of the newest reading."""
    newest_ms = (twin.now_ms - 1) // READING_MS * READING_MS
    return START + newest_ms // 1000


def settle(twin: Board, within: float = BACKOFF_CAP_S + STEP_S) -> None:
    assert twin.run_until(online, within), twin.status()


def test_readings_arrive_stamped_by_the_twins_clock_and_keep_the_contract(twin: Board, arrivals: Any) -> None:
    arrivals.of(twin.device_id)
    twin.run(MINUTE)
    settle(twin)
    messages = arrivals.until(last_stamp(twin))
    assert stamps(messages) == list(range(START, last_stamp(twin) + 1, READING_S))
    assert [contract.problems(message) for message in messages] == [[]] * len(messages)
    assert all(message["simulated"] for message in messages)
    assert twin.numbers.acknowledged == len(messages)


def test_ten_minutes_without_a_broker_lose_nothing_and_keep_the_order(twin: Board, arrivals: Any) -> None:
    arrivals.of(twin.device_id)
    twin.run(MINUTE)
    twin.relay.broker_gone = True
    twin.relay.cut()
    twin.run(10 * MINUTE)
    assert twin.numbers.queued >= 10 * MINUTE // READING_S
    assert twin.numbers.fault is Fault.TLS
    twin.relay.broker_gone = False
    settle(twin)
    messages = unrepeated(arrivals.until(last_stamp(twin)))
    assert stamps(messages) == list(range(START, last_stamp(twin) + 1, READING_S))
    assert twin.numbers.dropped == 0
    assert twin.numbers.fault is Fault.NONE


def test_a_flapping_wifi_is_rejoined_each_time(twin: Board, arrivals: Any) -> None:
    arrivals.of(twin.device_id)
    settle(twin)
    for _ in range(5):
        twin.weather.wifi = False
        twin.run(7)
        assert twin.numbers.state is not State.ONLINE
        twin.weather.wifi = True
        settle(twin)
    messages = unrepeated(arrivals.until(last_stamp(twin)))
    assert stamps(messages) == list(range(START, last_stamp(twin) + 1, READING_S))


@pytest.mark.parametrize("direction", ["swallow_up", "swallow_down"])
def test_a_half_open_connection_is_noticed_and_its_message_sent_again(
    twin: Board, arrivals: Any, direction: str
) -> None:
    arrivals.of(twin.device_id)
    settle(twin)
    setattr(twin.relay, direction, True)
    assert twin.run_until(is_fault(Fault.NOT_ACKNOWLEDGED), READING_S + 10 + 1)
    setattr(twin.relay, direction, False)
    settle(twin)
    messages = arrivals.until(last_stamp(twin))
    repeated = len(messages) - len(unrepeated(messages))
    assert repeated <= 1
    assert repeated == 1 or direction == "swallow_up"  # downwards it had arrived, and its acknowledgement had not
    assert stamps(unrepeated(messages)) == list(range(START, last_stamp(twin) + 1, READING_S))


def test_an_inactive_certificate_holds_readings_until_it_is_active_again(aws: Any, twin: Board, arrivals: Any) -> None:
    certificate = (target.state_folder() / "devices" / twin.device_id / "certificate.arn").read_text().split("/")[-1]
    arrivals.of(twin.device_id)
    settle(twin)
    aws.client("iot").update_certificate(certificateId=certificate, newStatus="REVOKED")
    twin.relay.cut()
    twin.run(2 * MINUTE)
    before = twin.numbers
    assert before.fault in {Fault.TLS, Fault.MQTT_REFUSED}
    assert before.queued > 20
    aws.client("iot").update_certificate(certificateId=certificate, newStatus="ACTIVE")
    settle(twin)
    messages = unrepeated(arrivals.until(last_stamp(twin)))
    assert stamps(messages) == list(range(START, last_stamp(twin) + 1, READING_S))


def test_a_second_client_of_the_same_name_throws_the_device_out_and_costs_no_reading(
    twin: Board, identity: Identity, arrivals: Any
) -> None:
    arrivals.of(twin.device_id)
    settle(twin)
    with connected(identity, target.mqtt()):
        assert twin.run_until(offline, 2 * READING_S)
        assert twin.numbers.fault in {Fault.LINK_LOST, Fault.NOT_ACKNOWLEDGED}
    settle(twin)
    messages = unrepeated(arrivals.until(last_stamp(twin)))
    assert stamps(messages) == list(range(START, last_stamp(twin) + 1, READING_S))


def test_nothing_is_sent_before_the_clock_is_set_and_then_stamped_with_its_true_time(
    twin: Board, arrivals: Any
) -> None:
    arrivals.of(twin.device_id)
    twin.weather.clock_error_s = None
    twin.run(5 * MINUTE)
    assert (twin.numbers.acknowledged, twin.numbers.epoch_s) == (0, 0)
    assert twin.numbers.fault is Fault.TIME
    twin.weather.clock_error_s = 0
    settle(twin)
    messages = arrivals.until(last_stamp(twin))
    assert stamps(messages) == list(range(START, last_stamp(twin) + 1, READING_S))


def test_a_time_of_1970_is_not_believed(twin: Board) -> None:
    twin.weather.clock_error_s = -START
    assert twin.run_until(is_fault(Fault.TIME_WRONG), MINUTE)
    twin.run(MINUTE)
    assert (twin.numbers.acknowledged, twin.numbers.epoch_s) == (0, 0)


def test_a_full_buffer_drops_the_oldest_counts_them_and_says_so(twin: Board, arrivals: Any) -> None:
    arrivals.of(twin.device_id)
    settle(twin)
    twin.relay.broker_gone = True
    twin.relay.cut()
    twin.run((CAPACITY + 40) * READING_S)
    assert twin.numbers.queued == CAPACITY
    assert twin.shown[Line.QUEUE].endswith(f"lost {twin.numbers.dropped}")
    twin.relay.broker_gone = False
    settle(twin)
    lost = twin.numbers.dropped
    twin.run(READING_S)  # a message tells of what was lost before its reading
    settle(twin)
    messages = unrepeated(arrivals.until(last_stamp(twin)))
    taken = (last_stamp(twin) - START) // READING_S + 1
    assert lost > 0
    assert len(messages) == twin.numbers.acknowledged == taken - lost
    kept = range(last_stamp(twin) - CAPACITY * READING_S, last_stamp(twin) + 1, READING_S)
    assert stamps(messages)[-len(kept) :] == list(kept)
    assert messages[-1]["dropped"] == lost


@pytest.mark.parametrize("seed", range(3))
def test_in_whatever_weather_what_was_taken_arrives_once_in_order_or_is_counted(
    twin: Board, arrivals: Any, seed: int
) -> None:
    chance = random.Random(seed)
    arrivals.of(twin.device_id)
    for _ in range(25):
        twin.relay.broker_gone = chance.random() < 0.3
        twin.weather.wifi = chance.random() < 0.7
        twin.weather.clock_error_s = chance.choice([0, 0, 0, None, -START])
        twin.relay.swallow_up, twin.relay.swallow_down = chance.choice(
            [(False, False)] * 4 + [(True, False), (False, True)]
        )
        if chance.random() < 0.5:
            twin.relay.cut()
        twin.run(chance.choice([3, 30, 130]))
    twin.relay.broker_gone = twin.relay.swallow_up = twin.relay.swallow_down = False
    twin.weather.wifi, twin.weather.clock_error_s = True, 0
    settle(twin, BACKOFF_CAP_S + 3 * STEP_S)
    messages = unrepeated(arrivals.until(last_stamp(twin)))
    assert stamps(messages) == list(range(START, last_stamp(twin) + 1, READING_S))
    assert twin.numbers.acknowledged == len(messages)
    assert twin.numbers.dropped == 0


def test_two_runs_are_the_same(identity: Identity) -> None:
    lines: list[list[str]] = [[], []]
    for said in lines:
        with board(identity, target.mqtt(), epoch_s=START) as twin:
            twin.on_status = said.append
            twin.relay.broker_gone = True
            twin.run(2 * MINUTE)
            twin.relay.broker_gone = False
            twin.run(2 * MINUTE)
    assert lines[0] == lines[1]
    assert len(lines[0]) > 4 * MINUTE  # one a second, and one before each longer step
