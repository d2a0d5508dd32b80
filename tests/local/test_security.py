"""From another address of the computer nothing answers but MQTT, when it is exposed, and to known devices alone."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from lab import target
from lab.errors import LabError
from lab.local import server
from tests.local.mqtt import devices

PATHS = ("/", "/_ministack/reset", "/_ministack/config", "/_ministack/health", "/_ministack/iot/ca.pem", "/_aws/x")
REFUSALS = (b"Administration paths are closed", b"missing Authentication Token", b"on its own computer only")
SECOND = "127.0.0.2"


def own_addresses() -> list[str]:
    """Addresses of this computer beside the endpoint's: another of loopback, and the one that reaches the network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing; the kernel chooses the interface
            found = probe.getsockname()[0]
        except OSError:
            found = SECOND
    return sorted({SECOND, found})


@pytest.fixture(scope="module", params=own_addresses())
def exposed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[server.Running]:
    """An embedded AWS whose MQTT is exposed at a second address: each that this computer has."""
    saved, root = dict(os.environ), tmp_path_factory.mktemp("exposed")
    os.environ.update({"LAB_STATE": str(root), "LAB_TARGET": "local"})
    yield server.start(root, target.DEFAULT_REGION, request.param)
    server.stop(root)
    os.environ.clear()
    os.environ.update(saved)
    shutil.rmtree(root, ignore_errors=True)


def listening(pid: int) -> set[tuple[str, int]]:
    """Addresses and ports on which a process and its children listen, from the kernel's tables."""
    sockets = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            sockets.add(str(link.readlink()))
        except FileNotFoundError:
            continue
    found = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:
            address, port = fields[1].split(":")
            found.add((socket.inet_ntoa(bytes.fromhex(address)[::-1]), int(port, 16)))
    return found


def port_of(running: server.Running) -> int:
    return int(running.endpoint.rsplit(":", 1)[1])


def test_it_listens_on_loopback_alone_and_on_two_ports_alone(aws: Any) -> None:
    assert listening(aws.running.pid) == {("127.0.0.1", port_of(aws.running)), ("127.0.0.1", aws.running.mqtt_port)}


def test_when_exposed_mqtt_alone_listens_elsewhere(exposed: server.Running) -> None:
    loopback = {("127.0.0.1", port_of(exposed)), ("127.0.0.1", exposed.mqtt_port)}
    assert listening(exposed.pid) == loopback | {(exposed.mqtt_bind, exposed.mqtt_port)}


@pytest.mark.parametrize("address", own_addresses())
def test_from_a_second_address_no_port_answers(aws: Any, address: str) -> None:
    for port in (port_of(aws.running), aws.running.mqtt_port):
        with socket.socket() as probe:
            assert probe.connect_ex((address, port)) != 0


def test_when_exposed_the_endpoint_still_answers_loopback_alone(exposed: server.Running) -> None:
    with socket.socket() as probe:
        assert probe.connect_ex((exposed.mqtt_bind, port_of(exposed))) != 0


@pytest.mark.parametrize("source", ["127.0.0.1", *own_addresses()])
@pytest.mark.parametrize("path", PATHS)
def test_administration_answers_nobody_wherever_the_caller_is(aws: Any, source: str, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port_of(aws.running), 10, source_address=(source, 0))
    for method in ("GET", "POST", "PUT", "DELETE"):
        connection.request(method, path, headers={"Host": "127.0.0.1"})
        answer = connection.getresponse()
        assert answer.status == 403
        body = answer.read()
        assert any(refusal in body for refusal in REFUSALS), body
    connection.close()


def answer_without_certificate(address: str, running: server.Running) -> bytes:
    """What the gateway sends to a client that has no certificate."""
    context = ssl.create_default_context(cafile=running.ca_file)
    with (
        contextlib.suppress(ssl.SSLError, ConnectionError),
        socket.create_connection((address, running.mqtt_port), timeout=devices.WAIT) as plain,
        context.wrap_socket(plain, server_hostname=address) as connection,
    ):
        connection.sendall(b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01a")
        return connection.recv(4)
    return b""


def test_without_a_certificate_the_exposed_address_answers_nothing(exposed: server.Running) -> None:
    assert answer_without_certificate(exposed.mqtt_bind, exposed) == b""


def test_a_board_reaches_mqtt_at_both_addresses_and_finds_them_in_the_certificate(exposed: server.Running) -> None:
    variables = target.environment()
    iot = boto3.client(
        "iot",
        endpoint_url=exposed.endpoint,
        region_name=exposed.region,
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
    )
    who = devices.identity(iot)
    for address in ("127.0.0.1", exposed.mqtt_bind):
        board = devices.Device(address, exposed.mqtt_port, exposed.ca_file, who, f"board-{address}")
        assert board.connected.wait(devices.WAIT)
        assert board.publish("x", b"1").is_published()
        board.stop()


def test_when_it_runs_on_loopback_a_start_for_the_network_is_refused_with_the_remedy(aws: Any) -> None:
    with pytest.raises(LabError, match=f"lab up --lan {SECOND}"):
        server.start(aws.root, aws.running.region, SECOND)


@pytest.mark.parametrize("address", ["0.0.0.0", "198.51.100.7", "localhost", ""])
def test_what_is_no_address_of_this_computer_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(LabError, match="not an address of this computer"):
        server.start(tmp_path / "lab", target.DEFAULT_REGION, address)
    assert not (tmp_path / "lab").exists()


@pytest.mark.parametrize(
    ("credentials", "refusal"),
    [
        ({"aws_access_key_id": "test", "aws_secret_access_key": "test"}, "InvalidClientTokenId"),
        ({"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "x"}, "Invalid|Unrecognized"),
        ({"config": Config(signature_version=UNSIGNED)}, "MissingAuthenticationToken"),
    ],
)
def test_callers_without_a_known_key_are_refused(aws: Any, credentials: dict[str, Any], refusal: str) -> None:
    client = boto3.client("s3", endpoint_url=aws.running.endpoint, region_name=aws.running.region, **credentials)
    with pytest.raises(ClientError, match=refusal):
        client.list_buckets()


def test_a_signature_of_another_secret_is_refused(aws: Any) -> None:
    key = {"aws_access_key_id": aws.environment["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": "another"}
    client = boto3.client("s3", endpoint_url=aws.running.endpoint, region_name=aws.running.region, **key)
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        client.list_buckets()
