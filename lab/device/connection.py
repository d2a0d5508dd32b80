"""A device's MQTT connection: mutual TLS, and the reason in words when the broker does not want it."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import paho.mqtt.client as mqtt

from lab.device.identity import Identity
from lab.errors import LabError
from lab.target import MqttEndpoint

IN_FLIGHT: Final = 200
SECONDS: Final = 60.0
KEEP_ALIVE_S: Final = 60


class RefusedError(LabError):
    """The broker was reached, and does not want this device, or not under this name."""


class Connection:
    """A connection that the broker accepted.

    client: the MQTT client; acknowledged: messages of QoS 1 that the broker took; ended: the broker closed it.
    """

    def __init__(self, identity: Identity, endpoint: MqttEndpoint) -> None:
        self.acknowledged = 0
        self.ended = False
        self._changed = threading.Condition()
        self._settled = threading.Event()
        self._reason: Any = None
        self.client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2, client_id=identity.device_id, reconnect_on_failure=False
        )
        self.client.tls_set_context(tls_context(identity))
        self.client.max_inflight_messages_set(IN_FLIGHT)
        self.client.on_connect = self._answered
        self.client.on_publish = self._taken
        self.client.on_disconnect = self._closed
        self._open(identity, endpoint)

    def _open(self, identity: Identity, endpoint: MqttEndpoint) -> None:
        refusal = f"The broker at {endpoint.host}:{endpoint.port} refused {identity.device_id}"
        try:
            self.client.connect(endpoint.host, endpoint.port, keepalive=KEEP_ALIVE_S)
        except OSError as error:
            raise LabError(f"{refusal}: {error}.", _cure(error)) from error
        self.client.loop_start()
        answered = self._settled.wait(SECONDS)
        if answered and self._reason is not None and not self._reason.is_failure:
            return
        self.close()
        if not answered:
            raise LabError(f"{refusal}: no answer within {SECONDS:.0f} s.", "Run `lab status`, then try again.")
        if self._reason is not None:
            raise RefusedError(f"{refusal}: {self._reason}.", f"Run `lab device provision {identity.device_id}`.")
        raise RefusedError(
            f"{refusal}: it closed the connection without an answer. The certificate is unknown or not active, or its "
            f"policy does not allow iot:Connect with this client id.",
            f"Run `lab device provision {identity.device_id}`.",
        )

    def _answered(self, _client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self._reason = reason
        self._settled.set()

    def _taken(self, *_: Any) -> None:
        with self._changed:
            self.acknowledged += 1
            self._changed.notify_all()

    def _closed(self, *_: Any) -> None:
        with self._changed:
            self.ended = True
            self._changed.notify_all()
        self._settled.set()

    def wait(self, count: int) -> int:
        """Wait until so many messages are acknowledged, the connection ends, or nothing comes for a minute.

        Returns: how many are acknowledged.
        """
        with self._changed:
            while self.acknowledged < count and not self.ended:
                before = self.acknowledged
                self._changed.wait(SECONDS)
                if self.acknowledged == before:
                    break
            return self.acknowledged

    def publish(self, topic: str, payload: bytes) -> bool:
        """Publish one message of QoS 1; return whether the broker took it, as soon as that is known."""
        wanted = self.acknowledged + 1
        self.client.publish(topic, payload, qos=1)
        return self.wait(wanted) >= wanted

    def close(self) -> None:
        """Say goodbye."""
        self.client.disconnect()
        self.client.loop_stop()


def tls_context(identity: Identity) -> ssl.SSLContext:
    """Return the TLS settings of a device: its certificate and key, and the authority that it trusts.

    Raises: LabError when the files do not form a pair.
    """
    context = ssl.create_default_context(cafile=str(identity.ca) if identity.ca else None)
    context.check_hostname = identity.ca is None  # the embedded AWS's certificate is pinned by its authority
    try:
        context.load_cert_chain(identity.certificate, identity.key)
    except (OSError, ssl.SSLError) as error:
        raise LabError(
            f"The certificate and the key in {identity.folder} cannot be used: {error}.",
            f"Remove the folder and run `lab device provision {identity.device_id}`.",
        ) from error
    return context


@contextmanager
def connected(identity: Identity, endpoint: MqttEndpoint) -> Iterator[Connection]:
    """Connect, and disconnect at the end.

    Raises: LabError with the reason when the broker cannot be reached or refuses.
    """
    connection = Connection(identity, endpoint)
    try:
        yield connection
    finally:
        connection.close()


def _cure(error: OSError) -> str:
    """Return what to do about a connection that could not be opened."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "The broker's certificate is of another authority: run `lab device provision` for this target again."
    if isinstance(error, ssl.SSLError):
        return "Provision the device again; a proxy that opens TLS must let port 8883 pass."
    return "Run `lab status`: the embedded AWS must run, or the network must let port 8883 pass."
