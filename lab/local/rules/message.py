"""One published message as rules see it."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lab.local.rules.values import UNDEFINED, loads


@dataclass(frozen=True)
class Headers:
    """What MQTT 5 sends beside a payload. utf8: whether the payload is said to be text; user: keys may repeat.

    Source: https://docs.oasis-open.org/mqtt/mqtt/v5.0/os/mqtt-v5.0-os.html#_Toc3901109
    """

    utf8: bool = False
    content_type: str | None = None
    response_topic: str | None = None
    correlation_data: bytes | None = None
    user: tuple[tuple[str, str], ...] = ()


@dataclass
class Message:
    """A message. account: who owns the rule; client_id, principal: of the publisher, None for a publish without."""

    topic: str
    payload: bytes
    account: str
    region: str
    client_id: str | None = None
    principal: str | None = None
    source_ip: str = "127.0.0.1"
    headers: Headers = Headers()
    trace_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    milliseconds: int = field(default_factory=lambda: time.time_ns() // 1_000_000)

    @cached_property
    def document(self) -> Any:
        """The payload as JSON; Undefined when it is not JSON."""
        try:
            return loads(self.payload.decode("utf-8"))
        except (ValueError, RecursionError):
            return UNDEFINED
