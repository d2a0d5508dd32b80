from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from lab import stacks
from lab.device import Identity, flash, secrets, usb, verify
from lab.device.cli import device
from lab.errors import LabError


def test_secrets_writes_the_private_header(identity: Identity, monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setenv("LAB_WIFI_PASSWORD", "password")
    path = tmp_path / "secrets.h"
    monkeypatch.setattr(secrets, "HEADER", path)
    command = ["secrets", identity.device_id, "--wifi-name", "home", "--host", "192.0.2.7"]
    answer = CliRunner().invoke(device, command, catch_exceptions=False)
    assert answer.output == f"{identity.device_id}  settings in {path}\n"
    assert 'kMqttHost[] = "192.0.2.7"' in path.read_text()
    assert "password" not in answer.output


def test_the_password_is_asked_for_and_not_shown(identity: Identity, monkeypatch: Any, tmp_path: Path) -> None:
    path = tmp_path / "secrets.h"
    monkeypatch.setattr(secrets, "HEADER", path)
    command = ["secrets", identity.device_id, "--host", "192.0.2.7"]
    answer = CliRunner().invoke(device, command, input="home\npassword\n", catch_exceptions=False)
    assert 'kWifiPassword[] = "password"' in path.read_text()
    assert "password\n" not in answer.output


def test_verify_says_each_step_of_the_twin_and_finds_its_message(identity: Identity, monkeypatch: Any) -> None:
    monkeypatch.setattr(stacks, "outputs", lambda *_: {"DevicePolicyName": "", "TableName": "readings"})
    monkeypatch.setattr(verify.items, "count_of", lambda *_: 1)
    answer = CliRunner().invoke(device, ["verify", identity.device_id, "--twin"], catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    said = answer.output.splitlines()
    assert [line[2:23].strip() for line in said if line.startswith("✓")] == [
        *("status line", "device", "firmware", "WiFi module", "WiFi", "time", "TLS", "MQTT", "acknowledged message"),
        "item in DynamoDB",
    ]
    assert any(line.endswith("s  online") for line in said)


def test_verify_ends_with_status_1_and_the_cure_when_nothing_is_stored(identity: Identity, monkeypatch: Any) -> None:
    monkeypatch.setattr(stacks, "outputs", lambda *_: {"DevicePolicyName": "", "TableName": "readings"})
    monkeypatch.setattr(verify, "stored", lambda *_: verify.Check("item in DynamoDB", False, "none", "Read the log."))
    answer = CliRunner().invoke(device, ["verify", identity.device_id, "--twin"], catch_exceptions=False)
    assert answer.exit_code == 1
    assert answer.output.endswith("✗ item in DynamoDB     none\n→ Read the log.\n")


def test_verify_without_a_board_names_the_twin(aws: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(stacks, "outputs", lambda *_: {"TableName": "readings"})
    monkeypatch.setattr(usb, "connected", lambda *_: [])
    with pytest.raises(LabError, match="--twin"):
        CliRunner().invoke(device, ["verify", "b1"], catch_exceptions=False)


def test_the_twin_counts_what_it_took_and_what_arrived(identity: Identity) -> None:
    answer = CliRunner().invoke(device, ["twin", identity.device_id, "--count", "5"], catch_exceptions=False)
    assert answer.output == f"device/{identity.device_id}/data  5 taken · 5 acknowledged · 0 dropped\n"


def test_doctor_ends_with_status_1_when_something_is_missing(monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setattr(secrets, "HEADER", tmp_path / "secrets.h")
    monkeypatch.setattr(usb, "connected", lambda *_: [])
    answer = CliRunner().invoke(device, ["doctor"], catch_exceptions=False)
    assert answer.exit_code == 1
    assert "✗ settings      none  →  lab device secrets DEVICE_ID" in answer.output


def test_flash_copies_an_image_and_says_what_comes_next(monkeypatch: Any, tmp_path: Path) -> None:
    (tmp_path / "sketch.bin").write_bytes(bytes.fromhex("0000032009440000"))
    monkeypatch.setattr(flash, "copy_image", lambda *_: usb.Wio("/dev/ttyACM0", False))
    answer = CliRunner().invoke(device, ["flash", "--image", str(tmp_path / "sketch.bin")], catch_exceptions=False)
    assert answer.output.endswith("/dev/ttyACM0  the board runs the sketch; next: lab device verify DEVICE_ID\n")
