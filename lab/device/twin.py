"""The twin that publishes when it is told to: readings in order, QoS 1, over mutual TLS."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lab import contract
from lab.device.connection import RefusedError, connected
from lab.device.identity import Identity
from lab.errors import LabError
from lab.target import MqttEndpoint


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
        """Publish readings in order; return when each is acknowledged, or the broker closed the connection.

        Raises: LabError when the broker refuses the connection.
        """
        topic = contract.topic(self._identity.device_id)
        with connected(self._identity, self._endpoint) as connection:
            for reading in readings:
                connection.client.publish(topic, json.dumps(reading), qos=1)
            return Published(len(readings), connection.wait(len(readings)))

    def publish_raw(self, message: Any) -> Published:
        """Publish one message that need not keep the contract, on the device's own topic."""
        return self.publish_readings([message])


def may_connect(identity: Identity, client_id: str) -> bool:
    """Say whether the broker lets the device connect under a client id: its own, or another's.

    Raises: LabError when the broker cannot be reached.
    """
    from lab import target

    try:
        with connected(dataclasses.replace(identity, device_id=client_id), target.mqtt()):
            return True
    except RefusedError:
        return False


def may_publish(identity: Identity, topic: str) -> bool:
    """Say whether the device's policy lets it publish on a topic: AWS IoT closes the connection when it does not.

    Raises: LabError when the broker refuses the connection, or neither acknowledges nor closes it.
    Source: https://docs.aws.amazon.com/iot/latest/developerguide/mqtt.html
    """
    from lab import target

    with connected(identity, target.mqtt()) as connection:
        connection.client.publish(topic, "{}", qos=1)
        if connection.wait(1):
            return True
        if connection.ended:
            return False
    raise LabError(f"The broker neither took nor refused a message on {topic}.", "Run `lab status`, then try again.")
