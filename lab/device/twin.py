"""The twin: publishes readings as a device does, by MQTT over mutual TLS with QoS 1."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import paho.mqtt.client as mqtt

from lab import contract
from lab.device.identity import Identity
from lab.errors import LabError
from lab.target import MqttEndpoint

IN_FLIGHT: Final = 200
SECONDS: Final = 60.0


@dataclass(frozen=True)
class Published:
    """What a device sent, and how much of it the broker acknowledged."""

    published: int
    acknowledged: int


class Twin:
    """A device that publishes when it is told to. Parameters: identity; endpoint, where the broker is."""

    def __init__(self, identity: Identity, endpoint: MqttEndpoint) -> None:
        self._identity = identity
        self._endpoint = endpoint

    def publish_readings(self, readings: Sequence[dict[str, Any]]) -> Published:
        """Publish readings in order and return when each is acknowledged.

        Raises: LabError when the broker refuses the connection or does not acknowledge in time.
        """
        topic = contract.topic(self._identity.device_id)
        with self._connected() as client:
            sent = [client.publish(topic, json.dumps(reading), qos=1) for reading in readings]
            for message in sent:
                message.wait_for_publish(SECONDS)
            acknowledged = sum(message.is_published() for message in sent)
        return Published(len(sent), acknowledged)

    def publish_raw(self, message: Any) -> Published:
        """Publish one message that need not keep the contract, on the device's own topic."""
        return self.publish_readings([message])

    @contextmanager
    def _connected(self) -> Iterator[mqtt.Client]:
        answer: list[Any] = []
        answered = threading.Event()

        def connected(_client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
            answer.append(reason)
            answered.set()

        client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=self._identity.device_id)
        context = ssl.create_default_context(cafile=str(self._identity.ca) if self._identity.ca else None)
        context.load_cert_chain(self._identity.certificate, self._identity.key)
        context.check_hostname = self._identity.ca is None  # the embedded AWS's certificate is pinned by its authority
        client.tls_set_context(context)
        client.max_inflight_messages_set(IN_FLIGHT)
        client.on_connect = connected
        try:
            client.connect(self._endpoint.host, self._endpoint.port, keepalive=60)
        except OSError as error:
            raise LabError(f"The broker refused {self._identity.device_id}: {error}.", "Provision it again.") from error
        client.loop_start()
        try:
            if not answered.wait(SECONDS) or answer[0].is_failure:
                raise LabError(f"The broker refused {self._identity.device_id}: {answer}.", "Provision it again.")
            yield client
        finally:
            client.disconnect()
            client.loop_stop()


def may_publish(identity: Identity, topic: str, seconds: float = 2.0) -> bool:
    """Say whether the device's policy lets it publish on a topic: AWS IoT closes the connection when it does not."""
    from lab import target

    with Twin(identity, target.mqtt())._connected() as client:
        message = client.publish(topic, "{}", qos=1)
        message.wait_for_publish(seconds)
        return bool(message.is_published())
