"""What the device core asks for, done on a real network: TLS and MQTT to the broker."""

from __future__ import annotations

import enum
import threading
from dataclasses import dataclass, field
from typing import Any, Final

import paho.mqtt.client as mqtt

from lab import contract
from lab.device.connection import KEEP_ALIVE_S, tls_context
from lab.device.identity import Identity
from lab.device.relay import Relay

ANSWER_S: Final = 60.0
"""How long an answer of a broker that answers may take on a slow computer."""
SILENCE_S: Final = 0.05
"""How long to listen where no answer is expected."""


class Outcome(enum.Enum):
    """How a step ended. SILENCE: nothing came, and the core must notice by itself."""

    DONE = enum.auto()
    FAILED = enum.auto()
    SILENCE = enum.auto()


@dataclass
class Weather:
    """What surrounds the device besides the broker.

    wifi: whether the network can be joined; clock_error_s: by how much the time server is wrong, None: it is silent.
    """

    wifi: bool = True
    clock_error_s: int | None = 0


@dataclass
class _Events:
    """What the MQTT client told from its thread."""

    changed: threading.Condition = field(default_factory=threading.Condition)
    accepted: bool | None = None
    acknowledged: int = 0
    ended: bool = False


class Port:
    """The device's way out. Parameters: identity; relay, which leads to the broker; weather, what else can fail."""

    def __init__(self, identity: Identity, relay: Relay, weather: Weather) -> None:
        self._identity = identity
        self._relay = relay
        self._weather = weather
        self._client: mqtt.Client | None = None
        self._events = _Events()
        self._sent = 0

    def broken(self) -> bool:
        """Say whether the connection ended without being asked to."""
        return self._client is not None and (self._events.ended or not self._weather.wifi)

    def open_tls(self) -> Outcome:
        """Open TCP and TLS with the device's certificate; MQTT's CONNECT goes out with it."""
        self.close()
        if self._relay.swallows:
            return Outcome.SILENCE  # half a handshake; trying it would only wait in real time
        events = self._events = _Events()
        self._sent = 0
        client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2, client_id=self._identity.device_id, reconnect_on_failure=False
        )
        client.tls_set_context(tls_context(self._identity))
        _listen(client, events)
        try:
            client.connect(self._relay.host, self._relay.port, keepalive=KEEP_ALIVE_S)
        except OSError:
            return Outcome.FAILED
        client.loop_start()
        self._client = client
        return Outcome.DONE

    def connect_mqtt(self) -> Outcome:
        """Wait for the broker's answer to CONNECT."""
        self._wait(lambda events: events.accepted is not None)
        if self._events.accepted is None and not self._events.ended:
            return Outcome.SILENCE
        return Outcome.DONE if self._events.accepted and not self._events.ended else Outcome.FAILED

    def publish(self, payload: bytes) -> Outcome:
        """Publish with QoS 1 and wait for the acknowledgement."""
        if self._client is None:
            return Outcome.FAILED
        self._client.publish(contract.topic(self._identity.device_id), payload, qos=1)
        self._sent += 1
        self._wait(lambda events: events.acknowledged >= self._sent)
        if self._events.acknowledged >= self._sent:
            return Outcome.DONE
        return Outcome.FAILED if self._events.ended else Outcome.SILENCE

    def close(self) -> None:
        """Drop the connection, without a goodbye that a broken network would not carry."""
        if self._client is not None:
            self._client.disconnect()
            self._client.loop_stop()
            self._client = None

    def _wait(self, done: Any) -> None:
        seconds = SILENCE_S if self._relay.swallows else ANSWER_S
        with self._events.changed:
            self._events.changed.wait_for(lambda: done(self._events) or self._events.ended, seconds)


def _listen(client: mqtt.Client, events: _Events) -> None:
    """Note what the client's thread reports."""

    def connected(_client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        with events.changed:
            events.accepted = not reason.is_failure
            events.changed.notify_all()

    def published(*_: Any) -> None:
        with events.changed:
            events.acknowledged += 1
            events.changed.notify_all()

    def ended(*_: Any) -> None:
        with events.changed:
            events.ended = True
            events.changed.notify_all()

    client.on_connect, client.on_publish, client.on_disconnect = connected, published, ended
