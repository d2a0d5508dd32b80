"""Broken and odd input to the embedded AWS: no crash, no hang, every refusal in the shape of AWS's errors.

``python -m tests.local.fuzz.run --count 10000 --seed 1`` sends as many inputs as wanted to one of its own.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import socket
import ssl
import sys
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, Phase, given, seed, settings

from lab import target
from lab.local import server
from lab.local.rules.errors import SqlError
from lab.local.rules.message import Message
from lab.local.rules.query import query
from tests.local import account
from tests.local.fuzz import api, messages, wires
from tests.local.mqtt import devices

SHARES: Final = {"api": 0.3, "wires": 0.25, "statements": 0.2, "publish": 0.15, "packets": 0.1}
"""Which part of the inputs each kind has."""
CONNECT: Final = b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01f"
RULE: Final = (
    "SELECT *, topic(2) AS t, upper(a) AS u, a + b AS s, get(c, 0) AS g, timestamp() AS at FROM '#' WHERE a <> b"
)


class Fuzz:
    """One embedded AWS under fire. Parameters: running, variables: what `lab env` gives; number: the seed."""

    def __init__(self, running: server.Running, variables: dict[str, str], number: int) -> None:
        self._running = running
        self._variables = variables
        self._number = number
        config = Config(retries={"total_max_attempts": 1}, read_timeout=api.SECONDS)
        self._data = boto3.Session().client("iot-data", endpoint_url=running.endpoint, config=config)
        self._iot = boto3.Session().client("iot", endpoint_url=running.endpoint, config=config)
        self._device = devices.identity(self._iot)
        actions = [account.Statement(action) for action in ("sqs:SendMessage", "dynamodb:PutItem")]
        role = account.role("iot.amazonaws.com", actions)
        action = {"dynamoDBv2": {"roleArn": role, "putItem": {"tableName": "no-${topic(1)}-${a}"}}}
        error = {"sqs": {"roleArn": role, "queueUrl": f"{running.endpoint}/{running.account}/none", "useBase64": False}}
        self._iot.create_topic_rule(
            ruleName="fuzz", topicRulePayload={"sql": RULE, "actions": [action], "errorAction": error}
        )

    def run(self, count: int) -> dict[str, int]:
        """Send inputs of all kinds. Returns how many of each.

        Raises: AssertionError with the input that was answered wrongly.
        """
        kinds = {
            "api": (api.requests(), self._request),
            "wires": (wires.requests(), self._request_of_wire),
            "statements": (messages.statements, self._statement),
            "publish": (
                messages.payloads.flatmap(lambda payload: messages.topics.map(lambda t: (t, payload))),
                self._publish,
            ),
            "packets": (messages.packets(), self._packet),
        }
        sent = {}
        for kind, (strategy, check) in kinds.items():
            sent[kind] = self._some(strategy, check, round(count * SHARES[kind]))
        return sent

    def _some(self, strategy: Any, check: Callable[[Any], None], count: int) -> int:
        sent = 0

        @seed(self._number)
        @settings(
            max_examples=count,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(strategy)
        def one(value: Any) -> None:
            nonlocal sent
            sent += 1
            check(value)

        one()
        return sent

    def _request(self, request: api.Request) -> None:
        wrong = api.problem(*api.send(self._running.endpoint, self._variables, self._running.region, request))
        assert not wrong, f"{request}: {wrong}"

    def _request_of_wire(self, request: api.Request) -> None:
        status, body = api.send(self._running.endpoint, self._variables, self._running.region, request)
        # What is well is in the service's own form, or an object; HEAD and 304 say nothing more than their status.
        if status >= 300 and request.method != "HEAD" and status != 304:
            wrong = api.problem(status, body)
            assert not wrong, f"{request}: {wrong}"
        assert status < 500 or status in (501, 503), f"{request}: {status} {body[:200]!r}"

    def _statement(self, text: str) -> None:
        """A statement is refused when it is read, or has a result for every message; the API says the same."""
        try:
            known = query(text)
        except SqlError:
            if len(text) % 10 == 0:
                self._refused_rule(text)
            return
        for payload in (b'{"a": 1, "b": {"c": [1]}}', b'{"a": "x"}', b"\xff", b"[1]"):
            known.result(Message("t/u", payload, self._running.account, self._running.region))

    def _refused_rule(self, text: str) -> None:
        try:
            self._iot.create_topic_rule(ruleName="never", topicRulePayload={"sql": text, "actions": []})
        except ClientError as error:
            _refused(text, error)
        else:
            raise AssertionError(f"a rule of {text!r} was accepted")

    def _publish(self, given_: tuple[str, bytes]) -> None:
        topic, payload = given_
        try:
            self._data.publish(topic=topic, qos=1, payload=payload)
        except ClientError as error:
            _refused(given_, error)

    def _packet(self, packet: bytes) -> None:
        """A packet ends its own connection at most: the next device is let in."""
        with contextlib.suppress(OSError):
            connection = self._connect()
            connection.sendall(packet)
            connection.close()
        connection = self._connect()
        assert connection.recv(4) == b"\x20\x02\x00\x00", f"after {packet!r} no device is let in"
        connection.close()

    def _connect(self) -> ssl.SSLSocket:
        context = ssl.create_default_context(cafile=self._running.ca_file)
        context.load_cert_chain(self._device.certificate, self._device.key)
        plain = socket.create_connection((self._running.mqtt_host, self._running.mqtt_port), timeout=api.SECONDS)
        connection = context.wrap_socket(plain, server_hostname=self._running.mqtt_host)
        connection.sendall(CONNECT[:-1] + uuid.uuid4().hex[:1].encode())
        return connection


def _refused(what: Any, error: ClientError) -> None:
    """Hold a refusal to the shape of AWS's errors."""
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    assert 400 <= status < 500, f"{what!r}: {error.response}"
    assert error.response["Error"]["Code"], f"{what!r}: a refusal without a code"


def main() -> int:
    """Send the inputs that are asked for. Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "lab"
        os.environ.update({"LAB_STATE": str(root), "LAB_TARGET": "local"})
        running = server.start(root, target.DEFAULT_REGION)
        try:
            variables = target.environment()
            os.environ.update(variables)
            print(Fuzz(running, variables, options.seed).run(options.count))
        finally:
            server.stop(root)
    return 0


if __name__ == "__main__":
    sys.exit(main())
