"""The sketch as a whole, on a stand-in for the board's libraries: what it says, sends and shows."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from lab import contract
from lab.device import flash, verify
from lab.device.compiler import LANGUAGE, WARNINGS, compiler
from lab.device.status import Status, parse

STAND_IN = Path(__file__).with_name("arduino")
START = 1_750_000_000


@pytest.fixture(scope="module")
def sketch(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., list[str]]:
    """Compile the sketch without a warning; running it with orders gives the lines that it wrote."""
    folder = tmp_path_factory.mktemp("sketch")
    shutil.copytree(flash.SKETCH / "src", folder / "src", ignore=shutil.ignore_patterns("chip.cpp"))
    shutil.copy(flash.SKETCH / "secrets.example.h", folder / "secrets.h")
    shutil.copy(flash.SKETCH / "wioterminal.ino", folder / "wioterminal.cpp")  # there is nothing that needs a prototype
    files = [folder / "wioterminal.cpp", *sorted(folder.glob("src/*/*.cpp")), STAND_IN / "main.cpp"]
    places = ["-isystem", str(STAND_IN), f"-I{folder}/src/board", f"-I{folder}/src/core"]
    checks = ("-fsanitize=undefined", "-fsanitize-undefined-trap-on-error")
    command = [*compiler(), *LANGUAGE, *WARNINGS, *checks, *places, *map(str, files), "-o", str(folder / "sketch")]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr

    def run(*orders: str) -> list[str]:
        words = " ".join(orders).split()
        answer = subprocess.run([folder / "sketch", *words], capture_output=True, text=True, check=True, timeout=120)
        return answer.stdout.splitlines()

    return run


def statuses(lines: list[str]) -> list[Status]:
    return [status for line in lines if (status := parse(line)) is not None]


def messages(lines: list[str]) -> list[dict[str, object]]:
    head = "device/wio-terminal-001/data 1 "
    return [json.loads(line.removeprefix(head)) for line in lines if line.startswith(head)]


def shown(lines: list[str]) -> list[str]:
    return [line.removeprefix("LCD ") for line in lines if line.startswith("LCD ")]


def test_it_comes_online_step_by_step_and_passes_the_verification(sketch: Callable[..., list[str]]) -> None:
    lines = sketch("run 12")
    assert shown(lines)[0] == "WiFi module: update RTL8720 firmware"  # before the first call to the module
    assert list(dict.fromkeys(status.state for status in statuses(lines))) == ["wifi", "time", "tls", "mqtt", "online"]
    found = verify.checks(verify.watch(lines), "wio-terminal-001")
    assert [check.name for check in found if not check.passed] == []
    assert [contract.problems(message) for message in messages(lines)] == [[]] * 3


def test_without_its_broker_it_keeps_its_readings_and_sends_them_in_order(sketch: Callable[..., list[str]]) -> None:
    lines = sketch("run 12", "broker 0", "run 120", "broker 1", "run 90")
    assert [message["timestamp"] for message in messages(lines)] == [START + 5 * number for number in range(45)]
    assert "tls" in {status.fault for status in statuses(lines)}
    assert statuses(lines)[-1].fault == "none"
    assert max(status.queued for status in statuses(lines)) >= 24


def test_a_lost_network_and_a_missing_acknowledgement_are_told_apart(sketch: Callable[..., list[str]]) -> None:
    network = {status.fault for status in statuses(sketch("run 12", "wifi 0", "run 30"))}
    answer = {status.fault for status in statuses(sketch("run 12", "ack 0", "run 30"))}
    assert network == {"none", "link_lost", "wifi"}
    assert "not_acknowledged" in answer


def test_a_sensor_that_is_pulled_out_is_counted_and_not_invented(sketch: Callable[..., list[str]]) -> None:
    lines = sketch("run 12", "sensor 0", "run 30", "sensor 1", "run 10")
    assert not any("simulated" in message for message in messages(lines))
    assert statuses(lines)[-1].refused == 6
    assert statuses(lines)[-1].sensor == "SHT4x"


def test_without_a_sensor_it_simulates_and_says_so_until_one_is_plugged_in(sketch: Callable[..., list[str]]) -> None:
    lines = sketch("sensor 0", "run 12", "sensor 1", "run 10")
    assert [message.get("simulated", False) for message in messages(lines)] == [True, True, True, False, False]
    assert [status.sensor for status in statuses(lines)][:: len(statuses(lines)) - 1] == ["simulated", "SHT4x"]
    assert messages(lines)[-1]["temperature"] == 25


def test_a_network_that_gives_no_address_is_not_joined(sketch: Callable[..., list[str]]) -> None:
    found = statuses(sketch("address 60000", "run 20", "address 4000", "run 30"))
    assert {status.fault for status in found} == {"none", "wifi"}
    assert found[-1].state == "online"


def test_readings_keep_their_pace_through_a_slow_connection(sketch: Callable[..., list[str]]) -> None:
    found = messages(sketch("address 3900", "run 60"))
    assert [message["timestamp"] for message in found] == list(range(START, START + 5 * len(found), 5))
    assert len(found) >= 11


def test_button_c_injects_an_anomaly_that_is_marked(sketch: Callable[..., list[str]]) -> None:
    lines = sketch("run 12", "press 30", "run 10", "press 30", "run 10")
    injected = [message for message in messages(lines) if message["temperature"] == 33]
    assert len(injected) == 2
    assert all(message["simulated"] for message in injected)
    assert not any("simulated" in message for message in messages(lines) if message not in injected)


def test_button_a_measures_now_and_button_b_shows_diagnostics(sketch: Callable[..., list[str]]) -> None:
    assert len(messages(sketch("run 12", "press 28", "run 1"))) == 4
    page = shown(sketch("run 12", "press 29", "run 2"))
    assert {"WiFi module", "2.1.3", "heap free, bytes", "30000", "last restart", "power"} <= set(page)
