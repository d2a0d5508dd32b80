from __future__ import annotations

import dataclasses
import re
import socket
from pathlib import Path
from typing import Any

import pytest

from lab import contract, target
from lab.device import Identity, Published, Twin, may_connect, may_publish
from lab.errors import LabError
from lab.target import MqttEndpoint

READINGS = [{"device_id": "x", "timestamp": 1_700_000_000 + number, "temperature": 20.5} for number in range(3)]


def certificate_id(identity: Identity) -> str:
    return (identity.folder / "certificate.arn").read_text().rpartition("/")[2]


def test_every_reading_is_acknowledged(identity: Identity) -> None:
    assert Twin(identity, target.mqtt()).publish_readings(READINGS) == Published(3, 3)


def test_a_device_publishes_on_its_own_topic_alone(identity: Identity) -> None:
    assert may_publish(identity, contract.topic(identity.device_id))
    assert not may_publish(identity, contract.topic("neighbour"))


def test_a_device_connects_under_its_own_name_alone(identity: Identity) -> None:
    assert may_connect(identity, identity.device_id)
    assert not may_connect(identity, "neighbour")


def test_a_broker_that_is_not_there_does_not_pass_for_a_refusal(identity: Identity, monkeypatch: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    monkeypatch.setattr(target, "mqtt", lambda: MqttEndpoint("127.0.0.1", port, identity.ca))
    with pytest.raises(LabError, match="lab status"):
        may_connect(identity, identity.device_id)


def test_an_inactive_certificate_is_refused_at_once_with_the_reason(aws: Any, identity: Identity) -> None:
    aws.client("iot").update_certificate(certificateId=certificate_id(identity), newStatus="INACTIVE")
    with pytest.raises(LabError, match=f"refused {identity.device_id}: .*lab device provision"):
        Twin(identity, target.mqtt()).publish_readings(READINGS)


def test_a_policy_that_does_not_let_it_connect_is_named(aws: Any, identity: Identity, policy: str) -> None:
    aws.client("iot").detach_policy(policyName=policy, target=(identity.folder / "certificate.arn").read_text())
    with pytest.raises(LabError, match=r"does not allow iot:Connect|[Nn]ot authorized"):
        Twin(identity, target.mqtt()).publish_readings(READINGS)
    aws.client("iot").attach_policy(policyName=policy, target=(identity.folder / "certificate.arn").read_text())


def test_a_broker_that_is_not_there_is_a_sentence_with_a_cure(identity: Identity) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(LabError, match=re.escape(f"The broker at 127.0.0.1:{port} refused") + ".*lab status"):
        Twin(identity, MqttEndpoint("127.0.0.1", port, identity.ca)).publish_readings(READINGS)


def test_another_authority_is_told_from_other_failures(identity: Identity, tmp_path: Path) -> None:
    stranger = dataclasses.replace(identity, ca=identity.certificate)  # signed by the lab's authority, is none itself
    with pytest.raises(LabError, match="certificate is of another authority"):
        Twin(stranger, target.mqtt()).publish_readings(READINGS)


def test_a_key_of_another_device_is_refused_before_connecting(identity: Identity, new_device: Any) -> None:
    mixed = dataclasses.replace(identity, key=new_device().key)
    with pytest.raises(LabError, match=r"cannot be used: .*lab device provision"):
        Twin(mixed, target.mqtt()).publish_readings(READINGS)
