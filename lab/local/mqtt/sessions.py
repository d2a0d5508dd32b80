"""Persistent sessions outlive the process: a device that comes back finds its subscriptions and what it missed.

MiniStack keeps them in memory alone. AWS keeps a persistent session for an hour, whatever happens to its hosts.
Source: https://docs.aws.amazon.com/iot/latest/developerguide/mqtt.html#mqtt-persistent-sessions
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, Final

from ministack.services import iot

MEMBER: Final = "persistent_sessions"
State = dict[str, Any]
Key = tuple[str, str, str]
Message = tuple[str, bytes, int, bytes, float]
"""Topic, payload, quality of service, MQTT 5 properties, Unix seconds when the broker received it."""


def kept(original: Callable[[], State]) -> Callable[[], State]:
    """Wrap what a snapshot holds of the broker: the sessions are added."""

    @wraps(original)
    def _broker_get_state() -> State:
        return {**original(), MEMBER: [_written(key, *session) for key, session in _sessions()]}

    return _broker_get_state


def restored(original: Callable[[State | None], None]) -> Callable[[State | None], None]:
    """Wrap the reading of such a snapshot."""

    @wraps(original)
    def _broker_restore_state(data: State | None) -> None:
        original(data)
        for entry in (data or {}).get(MEMBER, []):
            _read(entry)

    return _broker_restore_state


def _sessions() -> Iterator[tuple[Key, tuple[Any, float, list[str], list[Message]]]]:
    """Yield each session's key, its state, when it began to wait, its filters and the messages it has to receive."""
    now = time.time()
    for key, state in iot._persistent_sessions.items():
        connection = iot._connected_clients.get(key)
        if connection is None:
            waiting = [*_sent(state.in_flight, now), *state.queued_messages]
            yield key, (state, state.created_at, state.subscriptions, waiting)
        elif connection._persist_session:
            yield key, (state, now, list(connection._sub_filters.values()), _sent(connection._in_flight, now))


def _sent(in_flight: dict[int, Any], now: float) -> list[Message]:
    """Return messages that were sent and not acknowledged: they are sent again."""
    return [(message.topic, message.payload, 1, message.properties, now) for message in in_flight.values()]


def _written(key: Key, state: Any, since: float, filters: list[str], messages: list[Message]) -> State:
    return {
        "key": list(key),
        "since": since,
        "expiry": state.expiry_interval,
        "identifier": state.session_identifier,
        "filters": list(filters),
        "messages": [
            [topic, base64.b64encode(payload).decode(), qos, base64.b64encode(properties).decode(), received]
            for topic, payload, qos, properties, received in messages
        ],
    }


def _read(entry: State) -> None:
    account, region, client_id = entry["key"]
    state = iot._PersistentSessionState(entry["filters"], entry["since"], entry["expiry"], entry["identifier"])
    state.queued_messages = [
        (topic, base64.b64decode(payload), qos, base64.b64decode(properties), received)
        for topic, payload, qos, properties, received in entry["messages"]
    ]
    iot._persistent_sessions[account, region, client_id] = state
