"""What a certificate's policies forbid, and what happens to connections whose certificate or policy changes.

Sources: https://docs.aws.amazon.com/iot/latest/developerguide/iot-policy-actions.html,
https://docs.aws.amazon.com/iot/latest/apireference/API_UpdateCertificate.html
"""

from __future__ import annotations

import json
from typing import Any

import paho.mqtt.client as mqtt
import pytest

from tests.local.account import unique
from tests.local.mqtt import devices

NOT_AUTHORIZED = 0x87
"""MQTT 5 reason code."""


@pytest.fixture(scope="module")
def iot(aws: Any) -> Any:
    return aws.client("iot")


@pytest.fixture(scope="module")
def anyone(iot: Any) -> Any:
    return devices.identity(iot)


def policy(aws: Any, **allowed: str) -> dict[str, Any]:
    """A policy that lets a device connect, and do each action on one resource."""
    prefix = f"arn:aws:iot:{aws.running.region}:{aws.running.account}:"
    statements = [{"Effect": "Allow", "Action": "iot:Connect", "Resource": f"{prefix}client/*"}]
    for action, resource in allowed.items():
        statements.append({"Effect": "Allow", "Action": f"iot:{action}", "Resource": prefix + resource})
    return {"Version": "2012-10-17", "Statement": statements}


def test_a_client_id_that_the_policy_does_not_allow_is_refused(aws: Any, iot: Any) -> None:
    document = policy(aws)
    document["Statement"][0]["Resource"] = document["Statement"][0]["Resource"].replace("*", "only-this")
    who = devices.identity(iot, document)
    with devices.device(aws, who, "only-this"):
        pass
    run = aws.running
    other = devices.Device(run.mqtt_host, run.mqtt_port, run.ca_file, who, "another")
    assert other.ended.wait(devices.WAIT)
    assert not other.connected.is_set()
    other.stop()


def test_a_subscription_that_is_not_allowed_ends_the_connection(aws: Any, iot: Any) -> None:
    word = unique("topic")
    who = devices.identity(iot, policy(aws, Subscribe=f"topicfilter/{word}/own"))
    with devices.device(aws, who) as device:
        assert device.subscribe(f"{word}/own") == [1]
        device.client.subscribe(f"{word}/other", 1)
        assert device.ended.wait(devices.WAIT)


def test_in_mqtt_5_a_subscription_that_is_not_allowed_is_refused_and_the_connection_stays(aws: Any, iot: Any) -> None:
    word = unique("topic")
    who = devices.identity(iot, policy(aws, Subscribe=f"topicfilter/{word}/own"))
    with devices.device(aws, who, protocol=mqtt.MQTTv5) as device:
        assert device.subscribe(f"{word}/other") == [NOT_AUTHORIZED]
        assert device.subscribe(f"{word}/#") == [NOT_AUTHORIZED]
        assert device.subscribe(f"{word}/own") == [1]


def test_what_a_device_may_not_receive_is_not_sent_to_it(aws: Any, iot: Any, anyone: Any) -> None:
    word = unique("topic")
    who = devices.identity(iot, policy(aws, Subscribe=f"topicfilter/{word}/#", Receive=f"topic/{word}/open"))
    with devices.device(aws, who) as reader, devices.device(aws, anyone) as writer:
        assert reader.subscribe(f"{word}/#") == [1]
        writer.publish(f"{word}/secret", b"not for you")
        writer.publish(f"{word}/open", b"for you")
        assert reader.next()[:2] == (f"{word}/open", b"for you")
        assert reader.received.empty()


def test_a_will_on_a_topic_that_is_not_allowed_is_refused_at_connect(aws: Any, iot: Any) -> None:
    who, run = devices.identity(iot, policy(aws, Publish="topic/allowed")), aws.running
    device = devices.Device(run.mqtt_host, run.mqtt_port, run.ca_file, who, unique("c"), will=("forbidden", b"gone", 1))
    assert device.ended.wait(devices.WAIT)
    assert not device.connected.is_set()
    device.stop()


@pytest.mark.parametrize("status", ["INACTIVE", "REVOKED"])
def test_a_live_connection_ends_when_its_certificate_is_no_longer_active(aws: Any, iot: Any, status: str) -> None:
    who = devices.identity(iot)
    with devices.device(aws, who) as device:
        assert device.publish("live", b"1").is_published()
        iot.update_certificate(certificateId=who.certificate_id, newStatus=status)
        assert device.ended.wait(devices.WAIT)


def test_a_live_connection_ends_when_its_certificate_is_deleted(aws: Any, iot: Any) -> None:
    who = devices.identity(iot)
    with devices.device(aws, who) as device:
        iot.detach_policy(policyName=who.policy, target=who.arn)
        iot.update_certificate(certificateId=who.certificate_id, newStatus="INACTIVE")
        iot.delete_certificate(certificateId=who.certificate_id)
        assert device.ended.wait(devices.WAIT)


def test_a_permission_that_is_taken_away_is_gone_for_a_live_connection_too(aws: Any, iot: Any) -> None:
    who = devices.identity(iot, policy(aws, Publish="topic/changing"))
    with devices.device(aws, who) as device:
        assert device.publish("changing", b"1").is_published()
        document = json.dumps(policy(aws, Publish="topic/elsewhere"))
        iot.create_policy_version(policyName=who.policy, policyDocument=document, setAsDefault=True)
        device.client.publish("changing", b"2", 1)
        assert device.ended.wait(devices.WAIT)
