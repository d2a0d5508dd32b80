"""What the device says of itself, and how it keeps its time: status line, screen, clock, queue."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.device.core import Action, Around, Core, Fault, Line, State, message, topic
from lab.errors import LabError

EPOCH = 1_790_000_000
DAY_S, HOUR_S = 86_400, 3_600
AROUND = Around("wio-1", firmware="1.2", radio='2.1"3\\', sensor="SHT4x", rssi=-61, temperature=21.25, humidity=40.5)


def stamps(messages):
    return [json.loads(message)["timestamp"] for message in messages]


def test_the_status_line_is_marked_json_with_what_a_person_needs(port):
    port.run(3)
    port.record()
    mark, _, text = port.core.status(AROUND).partition(" ")
    assert mark == "WIO1"
    assert json.loads(text) == {
        "device_id": "wio-1",
        "firmware": "1.2",
        "radio": '2.1"3\\',
        "sensor": "SHT4x",
        "reset": "power",
        "state": "online",
        "fault": "none",
        "uptime": 3,
        "epoch": EPOCH + 3,
        "queued": 1,
        "dropped": 0,
        "refused": 0,
        "acknowledged": 0,
        "rssi": -61,
        "temperature": 21.25,
        "humidity": 40.5,
    }


def test_the_status_line_leaves_out_what_no_sensor_measured(port):
    members = json.loads(port.core.status(Around("wio-1")).partition(" ")[2])
    assert not {"temperature", "humidity"} & set(members)
    assert (members["state"], members["epoch"]) == ("waiting", 0)


def test_a_status_line_that_does_not_fit_is_refused(port):
    with pytest.raises(LabError, match="does not fit"):
        port.core.status(Around("w" * 600))


def test_the_screen_names_only_the_lines_that_changed(port):
    port.broken[Action.OPEN_TLS] = Fault.TLS
    port.run(0.5)
    lines = port.core.screen(AROUND)
    assert lines[Line.DEVICE] == "wio-1"
    assert lines[Line.STATE].startswith("waiting, next try in ")
    assert lines[Line.READING] == "21.25 C  40.5 %  SHT4x"
    assert lines[Line.QUEUE] == "sent 0  waiting 0  lost 0"
    assert lines[Line.SIGNAL] == "signal -61 dBm"
    assert lines[Line.FAULT] == Fault.TLS.words
    assert port.core.screen(AROUND) == {}
    port.broken.clear()
    port.run(5)
    assert port.core.screen(AROUND) == {Line.STATE: "online", Line.FAULT: ""}


def test_a_word_that_is_too_long_is_cut_on_the_screen_and_not_drawn_again(port):
    port.core.screen(AROUND)
    assert port.core.screen(Around("w" * 100))[Line.DEVICE] == "w" * 47
    assert Line.DEVICE not in port.core.screen(Around("w" * 101))


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_has_a_code_of_its_own_and_words_that_fit_the_screen(fault):
    assert [other for other in Fault if other.code == fault.code] == [fault]
    assert len(fault.words) <= 40
    assert bool(fault.words) is (fault is not Fault.NONE)


def test_measurements_that_cannot_be_true_are_counted_and_not_sent(port):
    port.run(1)
    for temperature, humidity, valid in ((math.nan, 50, True), (150, 50, True), (21, 101, True), (21, 50, False)):
        assert not port.core.record(temperature, humidity, now_ms=port.now_ms, valid=valid)
    port.run(1)
    assert (port.core.numbers().refused, port.core.numbers().queued, port.acknowledged) == (4, 0, [])


def test_a_full_queue_drops_the_oldest_and_the_message_says_how_many_were_lost(port):
    port.broken[Action.OPEN_TLS] = Fault.TLS
    for number in range(400):
        port.record(20 + number / 100)
        port.run(5, step_ms=1000)
    assert (port.core.numbers().queued, port.core.numbers().dropped) == (360, 40)
    port.broken.clear()
    port.run(200)
    messages = [json.loads(message) for message in port.acknowledged]
    assert [message["temperature"] for message in messages] == [
        round(20 + number / 100, 2) for number in range(40, 400)
    ]
    assert messages[-1]["dropped"] == 39
    assert port.core.numbers().queued == 0


def test_a_full_queue_never_drops_the_message_that_is_under_way(port):
    port.run(2)
    port.record(10)
    port.until(Action.PUBLISH)
    under_way = port.core.payload("wio-1")
    for number in range(400):
        port.record(20 + number / 100)
    assert port.core.payload("wio-1") == under_way
    assert (port.core.numbers().queued, port.core.numbers().dropped) == (360, 41)
    port.core.succeeded(port.last.number, port.now_ms)
    port.run(60)
    found = [json.loads(message)["temperature"] for message in port.acknowledged]
    assert found == [round(20 + number / 100, 2) for number in range(41, 400)]


def test_after_ten_minutes_without_a_broker_all_readings_arrive_in_order_within_the_longest_wait(port):
    port.run(2)
    port.broken[Action.OPEN_TLS] = Fault.TLS
    port.core.failed(port.last.number, Fault.LINK_LOST, port.now_ms)
    for _ in range(60):
        port.record()
        port.run(10)
    port.broken.clear()
    port.run(61)
    assert len(port.acknowledged) == 60
    assert stamps(port.acknowledged) == sorted(set(stamps(port.acknowledged)))


def test_an_online_device_asks_for_the_time_again_after_a_day_and_stays_online(port):
    port.run(2)
    port.run(DAY_S + 20, step_ms=10_000)
    asked = [now for now, action in port.steps if action is Action.ASK_TIME]
    assert len(asked) == 2
    assert asked[1] >= DAY_S * 1000
    assert Action.CLOSE not in [action for _, action in port.steps]


@pytest.mark.parametrize("answer", ["silent", "broken", "far"])
def test_a_device_whose_clock_runs_stays_online_without_a_new_time_and_asks_again_in_an_hour(port, answer):
    port.run(2)
    if answer == "silent":
        port.silent.add(Action.ASK_TIME)
    elif answer == "broken":
        port.broken[Action.ASK_TIME] = Fault.TIME
    else:
        port.epoch += 10 * DAY_S
    port.run(DAY_S + 100, step_ms=10_000)
    numbers = port.core.numbers()
    assert numbers.state is State.ONLINE
    assert numbers.fault is (Fault.TIME_WRONG if answer == "far" else Fault.TIME)
    assert numbers.epoch_s == EPOCH + numbers.uptime_s
    port.silent.clear()
    port.broken.clear()
    port.run(HOUR_S, step_ms=10_000)
    numbers = port.core.numbers()
    assert numbers.fault is Fault.NONE
    assert numbers.epoch_s == port.epoch + numbers.uptime_s


def test_a_link_that_breaks_while_the_time_is_asked_for_again_is_closed(port):
    step = port.until(Action.CONNECT_MQTT)
    port.core.succeeded(step.number, port.now_ms)
    port.run(DAY_S - 60, step_ms=10_000)
    asked = port.until(Action.ASK_TIME)
    assert port.core.failed(step.number, Fault.LINK_LOST, port.now_ms)
    assert port.core.numbers().state is State.WAITING
    assert not port.core.time(asked.number, EPOCH, port.now_ms)


def test_a_time_answers_no_other_step(port):
    step = port.until(Action.OPEN_TLS)
    before = port.core.numbers()
    assert not port.core.time(step.number, EPOCH, port.now_ms)
    assert port.core.numbers() == before


def test_a_reconnecting_device_goes_on_when_only_the_new_time_fails(port):
    port.run(2)
    port.broken[Action.ASK_TIME] = Fault.TIME
    port.broken[Action.OPEN_TLS] = Fault.TLS
    port.core.failed(port.last.number, Fault.LINK_LOST, port.now_ms)
    port.run(DAY_S, step_ms=10_000)
    port.broken.pop(Action.OPEN_TLS)
    port.run(120)
    assert port.core.numbers().state is State.ONLINE


def test_a_wrong_time_in_the_future_does_not_hold_later_stamps_up(port):
    port.epoch += 1000 * DAY_S
    port.run(2)
    port.record()
    port.run(1)
    port.epoch -= 1000 * DAY_S
    port.run(DAY_S + HOUR_S + 100, step_ms=10_000)
    port.record()
    port.run(1)
    wrong, right = stamps(port.acknowledged)
    assert wrong > EPOCH + 999 * DAY_S
    assert abs(right - (EPOCH + port.now_ms // 1000)) <= 2


def test_stamps_grow_when_the_time_goes_back_a_little_or_readings_come_fast(port):
    port.run(2)
    for _ in range(5):
        port.record()
    port.run(DAY_S - 10, step_ms=10_000)
    port.record()
    port.epoch -= 600
    port.run(100, step_ms=10_000)
    port.record()
    port.run(30)
    found = stamps(port.acknowledged)
    assert len(found) == 7
    assert found == sorted(set(found))


def test_a_time_that_cannot_be_right_stops_the_first_connection(port):
    port.epoch = 1_000
    port.run(1)
    assert port.core.numbers().fault is Fault.TIME_WRONG
    assert port.core.numbers().state is State.WAITING
    step = port.until(Action.ASK_TIME)
    assert not port.core.succeeded(step.number, port.now_ms)
    assert not port.core.time(step.number + 1, EPOCH, port.now_ms)
    assert not port.core.failed(0, Fault.TLS, port.now_ms)


def test_a_new_wait_is_short_again_after_a_stable_minute(port):
    port.broken[Action.OPEN_TLS] = Fault.TLS
    port.run(300)
    assert port.core.numbers().wait_ms >= 30_000
    port.broken.clear()
    port.run(130)
    port.core.failed(port.last.number, Fault.LINK_LOST, port.now_ms)
    assert port.core.numbers().wait_ms <= 1_000


def test_a_fault_before_a_reconnection_stays_on_the_screen_until_it_succeeds(port):
    port.run(2)
    port.run(DAY_S - 10, step_ms=10_000)
    port.core.failed(port.last.number, Fault.LINK_LOST, port.now_ms)
    port.now_ms += 20_000
    step = port.until(Action.ASK_TIME)
    port.core.time(step.number, EPOCH + port.now_ms // 1000, port.now_ms)
    assert (port.core.numbers().state, port.core.numbers().fault) == (State.TLS, Fault.LINK_LOST)
    port.run(2)
    assert port.core.numbers().fault is Fault.NONE


def test_there_is_no_message_without_a_reading_and_no_topic_without_a_name(port):
    with pytest.raises(LabError, match="no message"):
        port.core.payload("wio-1")
    with pytest.raises(LabError, match="two words"):
        topic("two words")


def test_the_firmware_writes_the_message_of_one_measurement():
    assert json.loads(message("wio-1", EPOCH, 25.5, 60.25)) == {
        "device_id": "wio-1",
        "timestamp": EPOCH,
        "temperature": 25.5,
        "humidity": 60.25,
    }
    assert "humidity" not in json.loads(message("wio-1", EPOCH, -3))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("wio-1", 1_640_995_200, 25.5), "does not believe the time 1640995200"),
        (("wio-1", EPOCH, 200), "200 °C and nan % cannot be true"),
        (("two words", EPOCH, 25.5), "no message of 'two words'"),
    ],
)
def test_what_the_firmware_would_not_send_is_refused(arguments, words):
    with pytest.raises(LabError, match=words):
        message(*arguments)


def test_the_chart_is_that_of_the_recorded_readings(port):
    port.record(20)
    port.now_ms += 120_000
    port.record(22)
    first, gap, last = port.core.chart()
    assert (first, last) == (20.0, 22.0)
    assert math.isnan(gap)


EVENTS = st.tuples(st.integers(0, 30_000), st.sampled_from(["ok", "ok", "ok", "fail", "hang", "old", "record"]))


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.lists(EVENTS, max_size=80))
def test_whatever_happens_readings_are_acknowledged_once_in_order_or_wait_or_are_counted(seed, events):
    core, now, step = Core(seed), 0, None
    taken, acknowledged, numbers = 0, [], [0]
    for passed, event in events:
        now += passed
        if event == "record":
            taken += core.record(20 + taken / 100, now_ms=now)
        given_now = core.tick(now)
        step = given_now if given_now.number else step
        if step is None or event == "hang":
            continue
        number = step.number if event != "old" else max(step.number - 1, 0)
        if event == "fail":
            core.failed(number, Fault.LINK_LOST, now)
        elif step.action is Action.ASK_TIME:
            core.time(number, EPOCH + now // 1000, now)
        else:
            message = core.payload("wio-1") if step.action is Action.PUBLISH and core.numbers().queued else None
            if core.succeeded(number, now) and step.action is Action.PUBLISH:
                acknowledged.append(json.loads(message))
        numbers.append(number)
    state = core.numbers()
    assert state.acknowledged == len(acknowledged)
    assert taken == len(acknowledged) + state.queued + state.dropped
    assert [message["temperature"] for message in acknowledged] == [
        round(20 + n / 100, 2) for n in range(len(acknowledged))
    ]
