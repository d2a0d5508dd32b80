from __future__ import annotations

from pathlib import Path
from typing import Any

from click.testing import CliRunner

from lab.device import Identity, secrets
from lab.device.cli import device


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
