from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import count, repeat
from typing import Any

import pytest

from lab import target
from lab.device import Identity, desk, serial_line, verify
from lab.device.board import firmware_version
from lab.device.core import Fault
from lab.device.cures import CURES
from lab.device.status import parse
from lab.errors import LabError

GOOD: dict[str, Any] = {
    "device_id": "b1",
    "firmware": firmware_version(),
    "radio": "2.1.3",
    "sensor": "SHT4x",
    "reset": "power",
    "state": "online",
    "fault": "none",
    "uptime": 20,
    "epoch": 1_750_000_020,
    "queued": 0,
    "dropped": 0,
    "refused": 0,
    "acknowledged": 3,
    "rssi": -61,
    "temperature": 21.5,
    "humidity": 40,
}
NAMES = ["status line", "device", "firmware", "WiFi module", "WiFi", "time", "TLS", "MQTT", "acknowledged message"]


def line(**changes: Any) -> str:
    return "WIO1 " + json.dumps(GOOD | changes)


def outcome(*lines: str, device_id: str = "b1") -> list[verify.Check]:
    ticks = count()
    watched = verify.watch([*lines, *repeat("", 5)], seconds=len(lines) + 2, clock=lambda: next(ticks))
    return verify.checks(watched, device_id)


def failed(found: list[verify.Check]) -> list[str]:
    return [check.name for check in found if not check.passed]


def cure(found: list[verify.Check]) -> str:
    return next(check.cure for check in found if not check.passed)


def test_a_board_that_works_passes_every_step() -> None:
    found = outcome("boot", line(state="wifi", acknowledged=0, epoch=0), line())
    assert [check.name for check in found] == NAMES
    assert failed(found) == []
    assert {check.cure for check in found} == {""}
    assert found[5].detail == "2025-06-15 15:07:00 UTC"


def test_watching_ends_at_the_first_acknowledged_message() -> None:
    watched = verify.watch(iter([line(acknowledged=0), line(), line(acknowledged=4)]))
    assert watched.lines == 2


@pytest.mark.parametrize(
    ("fault", "state", "epoch", "steps"),
    [
        ("radio", "wifi", 0, NAMES[4:]),
        ("wifi", "wifi", 0, NAMES[4:]),
        ("time", "waiting", 0, NAMES[5:]),
        ("time_wrong", "waiting", 0, NAMES[5:]),
        ("tls", "waiting", 1_750_000_000, NAMES[6:]),
        ("mqtt_refused", "waiting", 1_750_000_000, NAMES[7:]),
        ("not_acknowledged", "online", 1_750_000_000, NAMES[8:]),
        ("link_lost", "online", 1_750_000_000, NAMES[8:]),
    ],
)
def test_a_fault_stops_at_its_step_with_its_cure(fault: str, state: str, epoch: int, steps: list[str]) -> None:
    found = outcome(line(fault=fault, state=state, epoch=epoch, acknowledged=0))
    assert failed(found) == steps
    assert cure(found) == CURES[fault]
    assert [check.detail for check in found if not check.passed][1:] == ["not reached"] * (len(steps) - 1)


def test_missing_secrets_end_the_watching_at_once() -> None:
    watched = verify.watch(iter([line(fault="secrets", acknowledged=0), line()]))
    assert watched.lines == 1
    assert "lab device secrets" in cure(verify.checks(watched, "b1"))


def test_a_step_that_only_takes_long_is_told_from_a_fault() -> None:
    found = outcome(line(state="wifi", epoch=0, acknowledged=0))
    assert cure(found).startswith("The board got no further than WiFi in the time given, without a fault")


@pytest.mark.parametrize(
    ("changes", "step", "words"),
    [
        ({"device_id": "b2"}, "device", "holds the settings of b2: run `lab device secrets b1`"),
        ({"firmware": "0.1.0"}, "firmware", f"This checkout is {firmware_version()}"),
        ({"radio": "2.1.1"}, "WiFi module", "JP branch"),
        ({"radio": ""}, "WiFi module", "JP branch"),
        ({"radio": "AT+1.7"}, "WiFi module", "JP branch"),
    ],
)
def test_another_device_and_old_versions_are_named(changes: dict[str, Any], step: str, words: str) -> None:
    found = outcome(line(**changes))
    assert failed(found) == [step]
    assert words in cure(found)


@pytest.mark.parametrize("radio", ["2.1.2", "2.1.3", "2.1.3_JP", "2.2.0", "10.0.0"])
def test_a_newer_firmware_of_the_wifi_module_passes_in_whatever_region(radio: str) -> None:
    assert failed(outcome(line(radio=radio))) == []


def test_silence_and_a_foreign_sketch_are_told_apart() -> None:
    assert cure(outcome()).startswith("No status line came")
    assert "another sketch" in cure(outcome("hello", "world"))


@pytest.mark.parametrize(
    "damaged", ["WIO1 {", "WIO1 {}", "x WIO1 {}", "WIO1 []", line(state="dreaming"), line(uptime="12"), line()[:80]]
)
def test_a_damaged_line_is_no_status(damaged: str) -> None:
    assert "another sketch" in cure(outcome(damaged))


def test_a_board_that_hangs_in_its_first_call_to_the_wifi_module_is_told_to_update_it() -> None:
    found = outcome(line(state="wifi", radio="", epoch=0, acknowledged=0, reset="watchdog"))
    assert found[0].detail.startswith("reset by watchdog")
    assert {check.cure for check in found if check.cure} >= {CURES["radio"]}
    assert next(check for check in found if check.name == "WiFi").cure == CURES["radio"]


def test_every_fault_of_the_firmware_has_a_cure() -> None:
    assert {fault.code for fault in Fault} - {"none"} == set(CURES)


def test_a_fault_of_a_newer_sketch_is_named() -> None:
    assert "'gremlin', which this version does not know" in cure(outcome(line(fault="gremlin", acknowledged=0)))


def until_a_fault(lines: Iterable[str]) -> Iterator[str]:
    for said in lines:
        yield said
        status = parse(said)
        if status is not None and status.fault != "none":
            return


def test_the_twin_passes_on_a_pseudo_terminal(identity: Identity) -> None:
    with desk.lines("twin", identity.device_id) as lines:
        watched = verify.watch(lines)
    found = verify.checks(watched, identity.device_id)
    assert failed(found) == []
    assert [status.state for status in watched.statuses] == ["wifi", "time", "tls", "mqtt", "online"]
    assert found[3].detail == "none: the twin has no such module"


def test_a_twin_that_the_broker_does_not_know_fails_at_tls_or_mqtt(aws: Any, identity: Identity) -> None:
    arn = (identity.folder / "certificate.arn").read_text()
    aws.client("iot").update_certificate(certificateId=arn.rpartition("/")[2], newStatus="INACTIVE")
    with serial_line.twin(identity, target.mqtt()) as terminal, serial_line.lines(terminal.path) as lines:
        terminal.start()
        watched = verify.watch(until_a_fault(lines))
    found = verify.checks(watched, identity.device_id)
    assert failed(found)[0] in {"TLS", "MQTT"}
    assert cure(found) in {CURES["tls"], CURES["mqtt_refused"]}


def test_the_message_is_looked_for_among_those_since_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str, float, float]] = []

    def count_of(*question: Any) -> int:
        asked.append(question)
        return len(asked) - 1  # nothing at first

    monkeypatch.setattr(verify.items, "count_of", count_of)
    watched = verify.watch(iter([line()]))
    assert verify.stored("readings", watched) == verify.Check("item in DynamoDB", True, "1 since the board's start")
    assert asked == [("readings", "b1", 1_749_999_999, 1_750_000_020)] * 2


def test_a_message_that_no_rule_stored_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify.items, "count_of", lambda *_: 0)
    found = verify.stored("readings", verify.watch(iter([line()])), seconds=0)
    assert not found.passed
    assert "error log" in found.cure


def test_without_an_acknowledgement_no_item_is_looked_for() -> None:
    assert verify.stored("readings", verify.watch(iter([line(acknowledged=0)]))).detail == "not reached"


def test_a_port_that_is_not_there_is_a_sentence_with_a_cure() -> None:
    with (
        pytest.raises(LabError, match=re.escape("/dev/nothing cannot be opened") + ".*dialout"),
        serial_line.lines("/dev/nothing"),
    ):
        pass
