"""What AWS's device gateway asks of an MQTT connection beyond MiniStack's session.

CONNECT first and once, quality of service 0 or 1, messages of at most 128 KB, keep-alive.
Source: https://docs.aws.amazon.com/general/latest/gr/iot-core.html#message-broker-limits
"""

from __future__ import annotations

import asyncio
import logging
import struct
from collections.abc import Callable
from typing import Any, ClassVar, Final

from ministack.services import iot

from lab.local.mqtt import limits
from lab.local.mqtt.policy import allows

logger = logging.getLogger("lab.mqtt")

CONNECT, PUBLISH, SUBSCRIBE = 1, 3, 8
CHANGES: Final = frozenset({CONNECT, PUBLISH, 4, SUBSCRIBE, 10, 14})
"""Packets that may change what a snapshot holds: also PUBACK, UNSUBSCRIBE and DISCONNECT."""
LARGEST_PAYLOAD: Final = 128 * 1024
LARGEST_PACKET: Final = LARGEST_PAYLOAD + 1024
"""Bytes of a packet after its fixed header: a payload, its topic and its properties."""
KEEP_ALIVE_DEFAULT: Final = 1200
KEEP_ALIVE_SHORTEST: Final = 30
"""AWS takes shorter intervals for 30 seconds and longer ones, or none, for 1200 seconds."""
CONNECT_WITHIN: Final = 30.0
BAD_CLIENT_ID, BAD_CLIENT_ID_5 = 0x02, 0x85


class GatewaySession(iot._WSSession):
    """One device's connection. changed: told when what a snapshot holds of the gateway may have changed."""

    changed: ClassVar[Callable[[], None]] = lambda: None

    def __init__(self, send_coro: Any, account_id: str, region: str, principal: str | None = None) -> None:
        super().__init__(send_coro, account_id, region, principal)
        self._connected = False
        self._allowed_silence = CONNECT_WITHIN
        self._loop = asyncio.get_running_loop()
        self._heard = self._loop.time()
        self._watch = self._loop.call_later(CONNECT_WITHIN, self._check_silence)
        self._closing: asyncio.Task[None] | None = None

    def _take_packet(self) -> tuple[int, int, bytes] | None:
        """Return the next packet's type, flags and body; None while it is not complete.

        A length that is none, or that is too large to wait for, is returned as type 0, which is refused.
        """
        buffer = self._buffer
        length = shift = 0
        for place in range(1, min(5, len(buffer))):
            length |= (buffer[place] & 0x7F) << shift
            if buffer[place] < 0x80:
                break
            shift += 7
        else:
            if len(buffer) >= 5:
                return 0, 0, b""
            return None
        if length > LARGEST_PACKET:
            return 0, 0, b""
        end = place + 1 + length
        if len(buffer) < end:
            return None
        first, body = buffer[0], bytes(buffer[place + 1 : end])
        del buffer[:end]
        return first >> 4, first & 0x0F, body

    async def _dispatch_packet(self, pkt_type: int, flags: int, body: bytes) -> bool:
        """Answer one packet; False closes the connection."""
        self._heard = self._loop.time()
        if pkt_type in CHANGES:
            GatewaySession.changed()
        problem = self._problem(pkt_type, flags, body)
        if problem:
            return self._refuse(problem)
        if pkt_type == CONNECT:
            return await self._connect(flags, body)
        return bool(await super()._dispatch_packet(pkt_type, flags, body))

    def _problem(self, pkt_type: int, flags: int, body: bytes) -> str:
        """Return why a packet ends the connection; nothing when it may be looked at."""
        if not 1 <= pkt_type <= 14:
            return "a packet that is malformed or larger than 128 KB"
        if (pkt_type == CONNECT) == self._connected:
            return "a CONNECT that is not the first packet, or a first packet that is no CONNECT"
        if pkt_type == SUBSCRIBE:
            return limits.subscription_problem(body, self.protocol_version)
        return _publish_problem(flags, body) if pkt_type == PUBLISH else ""

    async def _connect(self, flags: int, body: bytes) -> bool:
        """Let the connection in when its policies do; from then on it must be heard of."""
        name_length = struct.unpack_from("!H", body)[0]
        level, connect_flags, keep_alive = struct.unpack_from("!BBH", body, 2 + name_length)
        if body[2 : 2 + name_length] != b"MQTT" or flags or connect_flags & 0x10:
            return self._refuse("a CONNECT of another protocol, or a will of quality of service 2")
        problem = limits.client_id_problem(body) if level in (4, 5) else ""
        if problem:
            code = BAD_CLIENT_ID_5 if level == iot.MQTT_5 else BAD_CLIENT_ID
            await self.send_bytes(iot._make_connack(return_code=code, protocol_version=level))
            return self._refuse(problem)
        accepted = bool(await super()._dispatch_packet(CONNECT, flags, body)) and level in (4, 5)
        self._connected = accepted
        seconds = keep_alive or KEEP_ALIVE_DEFAULT
        self._allowed_silence = 1.5 * min(max(seconds, KEEP_ALIVE_SHORTEST), KEEP_ALIVE_DEFAULT)
        return accepted

    def _refuse(self, what: str) -> bool:
        logger.warning("MQTT client %r is disconnected: it sent %s", self._client_id, what)
        return False

    def _check_silence(self) -> None:
        """Close the connection when nothing came for one and a half keep-alive intervals."""
        left = self._heard + self._allowed_silence - self._loop.time()
        if left > 0:
            self._watch = self._loop.call_later(left, self._check_silence)
            return
        self.end("MQTT_KEEP_ALIVE_TIMEOUT")

    def end(self, reason: str) -> None:
        """Close the connection from this side. Parameters: reason, as AWS's lifecycle events name it."""
        self._forced_disconnect_reason = reason
        self._closing = self._loop.create_task(self._send({"type": "websocket.close"}))

    async def cleanup(self) -> None:
        """End the session; a will is published unless the client said goodbye."""
        self._watch.cancel()
        await super().cleanup()

    def _policy_allows(self, action: str, resource: str) -> bool:
        """Tell whether the certificate's policies allow an action."""
        if self.certificate_id is None or self.provisioning_template is not None:
            return bool(super()._policy_allows(action, resource))
        arn = f"arn:aws:iot:{self.region}:{self.account_id}:cert/{self.certificate_id}"
        return allows(arn, self._policy_context, action, resource)


def _publish_problem(flags: int, body: bytes) -> str:
    """Return what is wrong with a PUBLISH; nothing when it is within the limits."""
    if flags & 0x06 not in (0, 2):
        return "quality of service 2, which AWS IoT does not support"
    if len(body) - _payload_at(body, flags) > LARGEST_PAYLOAD:
        return "a payload larger than 128 KB"
    return limits.topic_problem(iot._read_string(body, 0)[0])


def _payload_at(body: bytes, flags: int) -> int:
    """Return where the payload of a PUBLISH begins; MQTT 5 properties before it are a few bytes and counted in."""
    return 2 + int(struct.unpack_from("!H", body)[0]) + (2 if flags & 0x06 else 0)
