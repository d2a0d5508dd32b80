from __future__ import annotations

import dataclasses
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509

from lab import target
from lab.device import Identity, doctor, secrets
from lab.doctor import Finding

SUBJECTS = ("build tool", "board", "settings", "certificate", "registration", "broker")
WIO = SimpleNamespace(device="/dev/ttyACM0", vid=0x2886, pid=0x802D)


@pytest.fixture
def header(identity: Identity, tmp_path: Path) -> Path:
    text = secrets.header(identity, secrets.Wifi('ho"me', "password"), "192.0.2.7", target.mqtt().port)
    return secrets.write(text.replace("192.0.2.7", "127.0.0.1"), tmp_path / "secrets.h")


@pytest.fixture
def found(header: Path) -> doctor.Settings:
    settings = doctor.read(header.read_text())
    assert settings is not None
    return settings


def subjects(findings: list[Finding]) -> dict[str, str]:
    return {finding.subject: finding.cure for finding in findings}


def test_all_is_well_with_a_tool_a_board_settings_and_a_broker(identity: Identity, header: Path) -> None:
    findings = doctor.examine(header, lambda name: name, lambda: [WIO])
    assert subjects(findings) == dict.fromkeys(SUBJECTS, "")
    assert findings[2].detail == f"of {identity.device_id}"
    assert findings[5].detail == f"127.0.0.1:{target.mqtt().port} answers"


def test_each_missing_thing_has_its_cure(tmp_path: Path) -> None:
    cures = subjects(doctor.examine(tmp_path / "secrets.h", lambda _: None, lambda: []))
    assert "docs/device.md" in cures["build tool"]
    assert "cable" in cures["board"]
    assert cures["settings"] == "lab device secrets DEVICE_ID"


def test_the_header_is_read_back_as_it_was_written(identity: Identity, found: doctor.Settings) -> None:
    assert found == doctor.Settings(
        identity.device_id,
        "127.0.0.1",
        target.mqtt().port,
        identity.ca.read_text() if identity.ca else "",
        identity.certificate.read_text(),
        identity.key.read_text(),
    )


def test_a_header_that_others_can_read_is_said(header: Path) -> None:
    header.chmod(0o644)
    assert subjects(list(doctor.settings(header)))["settings"] == f"chmod 600 {header}"


def test_a_header_of_another_form_is_said(tmp_path: Path) -> None:
    (tmp_path / "secrets.h").write_text("#define SSID")
    assert subjects(list(doctor.settings(tmp_path / "secrets.h"))) == {"settings": "lab device secrets DEVICE_ID"}


def test_a_certificate_is_renewed_in_time(found: doctor.Settings) -> None:
    end = x509.load_pem_x509_certificate(found.certificate.encode()).not_valid_after_utc
    assert doctor.certificate(found, "again", end - timedelta(days=29)).cure == "again"
    assert doctor.certificate(found, "again", end - timedelta(days=31)).cure == ""
    assert doctor.certificate(dataclasses.replace(found, certificate="x"), "again", datetime.now(UTC)).cure == "again"


def test_a_broker_of_another_authority_is_said(found: doctor.Settings) -> None:
    stranger = dataclasses.replace(found, authority=found.certificate)
    assert doctor.broker(stranger, "again").cure == "again"


def test_a_certificate_that_is_not_active_is_said(aws: Any, identity: Identity, found: doctor.Settings) -> None:
    assert doctor.registration(found, "again") == Finding("registration", "active in local")
    arn = (identity.folder / "certificate.arn").read_text()
    aws.client("iot").update_certificate(certificateId=arn.rpartition("/")[2], newStatus="INACTIVE")
    assert doctor.registration(found, "again").detail == "not active in local"


def test_settings_of_an_earlier_certificate_are_said(identity: Identity, found: doctor.Settings) -> None:
    identity.certificate.write_text("newer")
    assert doctor.registration(found, "again").cure == "again"


def test_a_broker_that_is_not_there_is_said(found: doctor.Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    finding = doctor.broker(dataclasses.replace(found, port=port), "again")
    assert "refused" in finding.detail
    assert "lab up --lan" in finding.cure
