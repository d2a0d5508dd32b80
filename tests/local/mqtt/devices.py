"""Devices for tests: certificates from the embedded AWS, connections by paho."""

from __future__ import annotations

import json
import queue
import ssl
import tempfile
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt

WAIT = 10
EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}],
}


@dataclass(frozen=True)
class Identity:
    """A certificate with its key in files."""

    certificate_id: str
    arn: str
    certificate: Path
    key: Path
    policy: str


def identity(iot: Any, policy: dict[str, Any] | None = None, active: bool = True) -> Identity:
    """Make a certificate with one policy."""
    made = iot.create_keys_and_certificate(setAsActive=active)
    folder = Path(tempfile.mkdtemp(prefix="device-"))
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    certificate.write_text(made["certificatePem"])
    key.write_text(made["keyPair"]["PrivateKey"])
    name = f"policy-{uuid.uuid4().hex[:8]}"
    iot.create_policy(policyName=name, policyDocument=json.dumps(policy or EVERYTHING))
    iot.attach_policy(policyName=name, target=made["certificateArn"])
    return Identity(made["certificateId"], made["certificateArn"], certificate, key, name)


class Device:
    """One connection. received: (topic, payload, retained) in order; ended: set when the connection is over."""

    def __init__(self, host: str, port: int, ca: str, who: Identity | None, client_id: str, **options: Any) -> None:
        self.received: queue.Queue[tuple[str, bytes, bool]] = queue.Queue()
        self.ended = threading.Event()
        self.connected = threading.Event()
        self.session_present = False
        self._acknowledged: dict[int, threading.Event] = {}
        self.client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=options.get("protocol", mqtt.MQTTv311),
            **({} if options.get("protocol") == mqtt.MQTTv5 else {"clean_session": options.get("clean", True)}),
        )
        context = ssl.create_default_context(cafile=ca)
        if who is not None:
            context.load_cert_chain(who.certificate, who.key)
        self.client.tls_set_context(context)
        if "will" in options:
            self.client.will_set(*options["will"])
        self.client.on_connect = self._on_connect
        self.client.on_disconnect = lambda *_: self.ended.set()
        self.client.on_message = lambda _c, _u, m: self.received.put((m.topic, m.payload, bool(m.retain)))
        self.client.max_inflight_messages_set(100)
        self.client.connect(host, port, keepalive=options.get("keep_alive", 60))
        self.client.loop_start()

    def _on_connect(self, _client: Any, _data: Any, flags: Any, reason: Any, _properties: Any) -> None:
        self.session_present = flags.session_present
        if not reason.is_failure:
            self.connected.set()

    def publish(self, topic: str, payload: bytes | str, qos: int = 1, retain: bool = False) -> mqtt.MQTTMessageInfo:
        """Publish and wait for the acknowledgement."""
        info = self.client.publish(topic, payload, qos, retain)
        info.wait_for_publish(WAIT)
        return info

    def subscribe(self, topic_filter: str, qos: int = 1) -> list[int]:
        """Subscribe and return the answer's codes: the granted quality of service, or 128 for a refusal."""
        answers: queue.Queue[list[Any]] = queue.Queue()
        self.client.on_subscribe = lambda _c, _u, _id, codes, _p: answers.put(codes)
        self.client.subscribe(topic_filter, qos)
        return [code.value for code in answers.get(timeout=WAIT)]

    def next(self) -> tuple[str, bytes, bool]:
        """Return the next message."""
        return self.received.get(timeout=WAIT)

    def stop(self) -> None:
        """Say goodbye."""
        self.client.disconnect()
        self.client.loop_stop()

    def vanish(self) -> None:
        """Drop the connection without a word."""
        self.client.loop_stop()
        self.client.socket().close()


@contextmanager
def device(aws: Any, who: Identity | None, client_id: str | None = None, **options: Any) -> Iterator[Device]:
    """Connect a device to the embedded AWS and disconnect it at the end."""
    run = aws.running
    made = Device(run.mqtt_host, run.mqtt_port, run.ca_file, who, client_id or f"c-{uuid.uuid4().hex[:8]}", **options)
    try:
        assert made.connected.wait(WAIT), "not connected"
        yield made
    finally:
        made.stop()
