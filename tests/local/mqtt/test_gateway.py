"""The device gateway, over mutual TLS, through the embedded AWS."""

from __future__ import annotations

import importlib.util
import socket
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest

spec = importlib.util.spec_from_file_location("devices", Path(__file__).with_name("devices.py"))
assert spec is not None
assert spec.loader is not None
devices = importlib.util.module_from_spec(spec)
sys.modules["devices"] = devices  # its dataclasses look themselves up
spec.loader.exec_module(devices)


@pytest.fixture(scope="module")
def iot(aws: Any) -> Any:
    return aws.client("iot")


@pytest.fixture(scope="module")
def anyone(iot: Any) -> Any:
    return devices.identity(iot)


@pytest.fixture
def two(aws: Any, anyone: Any) -> Iterator[tuple[Any, Any]]:
    with devices.device(aws, anyone) as first, devices.device(aws, anyone) as second:
        yield first, second


def handshake(aws: Any, who: Any) -> bytes:
    """Connect by TLS and send a CONNECT; return the answer."""
    context = ssl.create_default_context(cafile=aws.running.ca_file)
    if who is not None:
        context.load_cert_chain(who.certificate, who.key)
    with (
        socket.create_connection((aws.running.mqtt_host, aws.running.mqtt_port), timeout=devices.WAIT) as plain,
        context.wrap_socket(plain, server_hostname=aws.running.mqtt_host) as connection,
    ):
        connection.sendall(b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01a")
        return connection.recv(4)


def refused(aws: Any, who: Any) -> bool:
    try:
        return handshake(aws, who) == b""
    except (ssl.SSLError, ConnectionError):
        return True


def test_a_registered_certificate_is_let_in(aws: Any, anyone: Any) -> None:
    assert handshake(aws, anyone) == b"\x20\x02\x00\x00"


def test_no_certificate_is_refused(aws: Any) -> None:
    assert refused(aws, None)


@pytest.mark.parametrize("status", ["INACTIVE", "REVOKED"])
def test_a_certificate_that_is_not_active_is_refused(aws: Any, iot: Any, status: str) -> None:
    who = devices.identity(iot)
    iot.update_certificate(certificateId=who.certificate_id, newStatus=status)
    assert refused(aws, who)


def test_a_policy_with_variables_lets_a_device_publish_to_its_own_topic_only(aws: Any, iot: Any) -> None:
    region, account = aws.running.region, aws.running.account
    prefix = f"arn:aws:iot:{region}:{account}"
    own = "${iot:Connection.Thing.ThingName}"
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "iot:Connect", "Resource": f"{prefix}:client/{own}"},
            {"Effect": "Allow", "Action": "iot:Publish", "Resource": f"{prefix}:topic/device/{own}/data"},
        ],
    }
    who = devices.identity(iot, policy)
    iot.create_thing(thingName="gateway-thing")
    iot.attach_thing_principal(thingName="gateway-thing", principal=who.arn)
    with devices.device(aws, who, "gateway-thing") as device:
        assert device.publish("device/gateway-thing/data", b"1").is_published()
        device.client.publish("device/other/data", b"1", 1)
        assert device.ended.wait(devices.WAIT)


def test_a_message_reaches_a_subscriber_once(two: tuple[Any, Any]) -> None:
    first, second = two
    second.subscribe("gateway/+/x")
    first.publish("gateway/a/x", b"hello")
    assert second.next() == ("gateway/a/x", b"hello", False)
    assert second.received.empty()


def test_a_retained_message_is_sent_for_its_exact_topic_and_for_no_wildcard(two: tuple[Any, Any]) -> None:
    first, second = two
    first.publish("kept/a", b"1", retain=True)
    second.subscribe("kept/#")
    second.subscribe("kept/+")
    second.subscribe("kept/a")
    assert second.next() == ("kept/a", b"1", True)
    first.publish("kept/a", b"", retain=True)
    assert second.next() == ("kept/a", b"", False)


def test_quality_of_service_two_ends_the_connection(two: tuple[Any, Any]) -> None:
    first, _ = two
    first.client.publish("a", b"1", 2)
    assert first.ended.wait(devices.WAIT)


def test_a_payload_of_128_kb_passes_and_one_byte_more_ends_the_connection(two: tuple[Any, Any]) -> None:
    first, _ = two
    assert first.publish("large", b"x" * 131072).is_published()
    first.client.publish("large", b"x" * 131073, 1)
    assert first.ended.wait(devices.WAIT)


def test_a_second_connection_with_the_same_client_id_ends_the_first(aws: Any, anyone: Any) -> None:
    with devices.device(aws, anyone, "same") as first, devices.device(aws, anyone, "same"):
        assert first.ended.wait(devices.WAIT)


def test_a_persistent_session_is_given_what_it_missed(aws: Any, anyone: Any) -> None:
    with devices.device(aws, anyone, "sleeper", clean=False) as sleeper:
        sleeper.subscribe("missed/#")
    with devices.device(aws, anyone) as other:
        other.publish("missed/1", b"1")
        other.publish("missed/2", b"2")
    with devices.device(aws, anyone, "sleeper", clean=False) as sleeper:
        assert sleeper.session_present
        assert [sleeper.next()[0], sleeper.next()[0]] == ["missed/1", "missed/2"]


def test_the_last_will_is_published_when_a_device_vanishes(aws: Any, anyone: Any) -> None:
    with devices.device(aws, anyone) as watcher:
        watcher.subscribe("will/#")
        with devices.device(aws, anyone, will=("will/x", b"gone", 1)) as device:
            device.vanish()
            assert watcher.next() == ("will/x", b"gone", False)


def test_mqtt_5_is_served(aws: Any, anyone: Any) -> None:
    with devices.device(aws, anyone, protocol=mqtt.MQTTv5) as device:
        assert device.publish("v5", b"1").is_published()
