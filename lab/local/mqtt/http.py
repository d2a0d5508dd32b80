"""Messages that are published over HTTP: the message broker's limits hold for them, too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from lab.local.edge import Response, error_response
from lab.local.errors import AwsError
from lab.local.mqtt import limits
from lab.local.mqtt.session import LARGEST_PAYLOAD

Publish = Callable[..., Awaitable[Response]]


def limited(original: Publish) -> Publish:
    """Wrap Publish. Source: https://docs.aws.amazon.com/general/latest/gr/iot-core.html#message-broker-limits"""

    @wraps(original)
    async def publish(
        topic: str, body: bytes, qp: dict[str, Any], headers: dict[str, str], access_key: str
    ) -> Response:
        problem = limits.topic_problem(topic)
        if problem:
            return error_response(AwsError("InvalidRequestException", f"This is {problem}."))
        if len(body or b"") > LARGEST_PAYLOAD:
            message = "The payload is larger than 128 KB."
            return error_response(AwsError("RequestEntityTooLargeException", message, 413))
        return await original(topic, body, qp, headers, access_key)

    return publish
