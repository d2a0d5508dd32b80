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
from botocore.exceptions import ClientError

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


CONNECT = b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01a"


def handshake(aws: Any, who: Any, sent: bytes = CONNECT) -> bytes:
    """Connect by TLS and send a CONNECT; return the first bytes of the answer."""
    context = ssl.create_default_context(cafile=aws.running.ca_file)
    if who is not None:
        context.load_cert_chain(who.certificate, who.key)
    with (
        socket.create_connection((aws.running.mqtt_host, aws.running.mqtt_port), timeout=devices.WAIT) as plain,
        context.wrap_socket(plain, server_hostname=aws.running.mqtt_host) as connection,
    ):
        connection.sendall(sent)
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


DEEP = "1/2/3/4/5/6/7/8"


@pytest.mark.parametrize("topic", [f"{DEEP}/9", "x" * 257])
def test_a_topic_beyond_the_limits_ends_the_connection(two: tuple[Any, Any], topic: str) -> None:
    first, second = two
    first.client.publish(topic, b"1", 1)
    assert first.ended.wait(devices.WAIT)
    second.client.subscribe(topic, 1)
    assert second.ended.wait(devices.WAIT)


@pytest.mark.parametrize(
    ("topic", "size", "code"),
    [(f"{DEEP}/9", 1, "InvalidRequestException"), ("large", 131073, "RequestEntityTooLargeException")],
)
def test_a_message_beyond_the_limits_is_refused_over_http(aws: Any, topic: str, size: int, code: str) -> None:
    with pytest.raises(ClientError) as refused:
        aws.client("iot-data").publish(topic=topic, payload=b"x" * size)
    assert refused.value.response["Error"]["Code"] == code


def test_topics_filters_and_basic_ingest_at_the_limits_pass(two: tuple[Any, Any]) -> None:
    first, second = two
    assert second.subscribe(DEEP) == [1]
    first.publish(DEEP, b"1")
    assert second.next()[0] == DEEP
    assert first.publish(f"$aws/rules/none/{DEEP}", b"1").is_published()


def test_a_filter_below_a_topic_does_not_match_the_topic_itself(two: tuple[Any, Any]) -> None:
    first, second = two
    second.subscribe("sensor/#")
    for topic in ("sensor", "sensor/", "sensor/temperature/room1"):
        first.publish(topic, b"1")
    assert [second.next()[0], second.next()[0]] == ["sensor/", "sensor/temperature/room1"]


@pytest.mark.parametrize("wanted", [[(f"many/{number}", 1) for number in range(9)], [("a", 2)]])
def test_nine_filters_at_once_or_quality_of_service_two_end_the_connection(
    two: tuple[Any, Any], wanted: list[tuple[str, int]]
) -> None:
    first, _ = two
    first.client.subscribe(wanted)
    assert first.ended.wait(devices.WAIT)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ((4, 2, 128), b"\x20\x02\x00\x00"),
        ((4, 2, 129), b"\x20\x02\x00\x02"),
        ((4, 0, 0), b"\x20\x02\x00\x02"),
        ((5, 2, 129), b"\x20\x03\x00\x85"),
        ((6, 2, 1), b"\x20\x02\x00\x01"),
    ],
)
def test_a_client_id_or_a_version_that_is_not_accepted_is_refused_in_the_answer(
    aws: Any, anyone: Any, asked: tuple[int, int, int], answer: bytes
) -> None:
    version, flags, length = asked
    properties = b"\0" if version == 5 else b""
    body = b"\0\4MQTT" + bytes([version, flags, 0, 60]) + properties + length.to_bytes(2) + b"c" * length
    size = bytes([len(body)]) if len(body) < 128 else bytes([len(body) & 127 | 128, len(body) >> 7])
    assert handshake(aws, anyone, b"\x10" + size + body) == answer


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
