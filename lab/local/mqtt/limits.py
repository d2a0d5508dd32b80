"""The message broker's limits on topics, filters and client ids.

Source: https://docs.aws.amazon.com/general/latest/gr/iot-core.html#message-broker-limits
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import Final

from ministack.services import iot

LONGEST_CLIENT_ID: Final = 128
LONGEST_TOPIC: Final = 256
MOST_SLASHES: Final = 7
MOST_FILTERS: Final = 8
_BASIC_INGEST: Final = re.compile(r"^\$aws/rules/[^/]*/?", re.IGNORECASE)
"""Levels that do not count."""


def topic_problem(topic: str) -> str:
    """Return what is wrong with a topic or a filter; nothing when it is within the limits."""
    counted = _BASIC_INGEST.sub("", topic)
    if len(counted.encode()) > LONGEST_TOPIC:
        return f"a topic of more than {LONGEST_TOPIC} bytes"
    return f"a topic of more than {MOST_SLASHES} slashes" if counted.count("/") > MOST_SLASHES else ""


def subscription_problem(body: bytes, version: int) -> str:
    """Return what is wrong with a SUBSCRIBE; nothing when it is within the limits.

    Parameters: body, after the fixed header; version, the level of the protocol.
    Raises: ValueError, IndexError or struct.error for a malformed packet.
    """
    asked = list(_asked(body, version))
    if len(asked) > MOST_FILTERS:
        return f"more than {MOST_FILTERS} filters in one SUBSCRIBE"
    for topic_filter, options in asked:
        if options & 0x03 == 2 and version != iot.MQTT_5:
            return "a SUBSCRIBE of quality of service 2, which AWS IoT does not support"
        problem = topic_problem(topic_filter)
        if problem:
            return problem
    return ""


def _asked(body: bytes, version: int) -> Iterator[tuple[str, int]]:
    """Yield each filter and its options."""
    at = 2
    if version == iot.MQTT_5:
        at = iot._decode_properties(body, at)[1]
    while at < len(body):
        topic_filter, at = iot._read_string(body, at)
        yield topic_filter, body[at]
        at += 1


def client_id_problem(body: bytes) -> str:
    """Return what is wrong with the client id of a CONNECT; nothing when a session may have it."""
    name_length = struct.unpack_from("!H", body)[0]
    version, flags = struct.unpack_from("!BB", body, 2 + name_length)
    at = 2 + name_length + 4
    if version == iot.MQTT_5:
        at = iot._decode_properties(body, at)[1]
    client_id, _ = iot._read_string(body, at)
    if len(client_id.encode()) > LONGEST_CLIENT_ID:
        return f"a client id of more than {LONGEST_CLIENT_ID} bytes"
    return "no client id for a persistent session" if not client_id and version != iot.MQTT_5 and not flags & 2 else ""
