"""Keep-alive, and packets that are none: the session itself, with intervals short enough for a test."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from lab.local.mqtt import session

ACCOUNT, REGION = "000000000000", "ap-northeast-1"


def connect(keep_alive: int) -> bytes:
    return b"\x10\x0d\x00\x04MQTT\x04\x02" + keep_alive.to_bytes(2) + b"\x00\x01k"


def closed_after(first: bytes, seconds: float) -> list[dict[str, Any]]:
    """What a session sends when it is given bytes and then hears nothing more, until it asks to be closed."""

    async def run() -> list[dict[str, Any]]:
        sent: list[dict[str, Any]] = []
        closed = asyncio.Event()

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)
            if message["type"] == "websocket.close":
                closed.set()

        made = session.GatewaySession(send, ACCOUNT, REGION)
        made._buffer.extend(first)
        packet = made._take_packet()
        if packet is not None:
            await made._dispatch_packet(*packet)
        await asyncio.wait_for(closed.wait(), seconds)
        await made.cleanup()
        return sent

    return asyncio.run(run())


def test_a_device_that_is_silent_for_one_and_a_half_intervals_is_disconnected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "KEEP_ALIVE_SHORTEST", 0.1)
    monkeypatch.setattr(session, "CONNECT_WITHIN", 0.1)  # the first look at the silence
    assert closed_after(connect(1), 60)[-1]["type"] == "websocket.close"


def test_a_connection_without_connect_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "CONNECT_WITHIN", 0.1)
    assert closed_after(b"", 60) == [{"type": "websocket.close"}]


@pytest.mark.parametrize(
    ("asked", "allowed"), [(5, 45.0), (30, 45.0), (60, 90.0), (1200, 1800.0), (9000, 1800.0), (0, 1800.0)]
)
def test_intervals_are_held_between_half_a_minute_and_twenty(asked: int, allowed: float) -> None:
    async def run() -> float:
        async def send(_message: dict[str, Any]) -> None:
            return None

        made = session.GatewaySession(send, ACCOUNT, REGION)
        made._buffer.extend(connect(asked))
        packet = made._take_packet()
        assert packet is not None
        assert await made._dispatch_packet(*packet)
        await made.cleanup()
        return made._allowed_silence

    assert asyncio.run(run()) == allowed
