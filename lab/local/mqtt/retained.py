"""Retained messages for subscriptions with wildcards, which AWS sends as for others.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/mqtt.html#mqtt-retain
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from ministack.services import iot

Deliver = Callable[[str, bytes, int], Awaitable[None]]


def with_wildcards(original: Callable[..., Awaitable[str]]) -> Callable[..., Awaitable[str]]:
    """Wrap the subscription: what is retained below a filter with wildcards is sent too."""

    @wraps(original)
    async def broker_subscribe(  # noqa: PLR0917  (MiniStack's own signature)
        account_id: str,
        region: str,
        topic_filter: str,
        callback: Deliver,
        granted_qos: int = 0,
        client_id: str | None = None,
        retain_as_published: bool = False,
        retain_handling: int = 0,
    ) -> str:
        known = _subscribed(account_id, region, topic_filter, client_id)
        subscription = await original(
            account_id,
            region,
            topic_filter,
            callback,
            granted_qos,
            client_id=client_id,
            retain_as_published=retain_as_published,
            retain_handling=retain_handling,
        )
        wanted = retain_handling == 0 or (retain_handling == 1 and not known)
        if wanted and ("+" in topic_filter or "#" in topic_filter):
            await _send(account_id, region, topic_filter, callback, granted_qos)
        return subscription

    return broker_subscribe


def _subscribed(account: str, region: str, topic_filter: str, client_id: str | None) -> bool:
    """Tell whether the client holds the filter already."""
    holders = iot._subscriptions.get(iot._scoped_topic(account, region, topic_filter), ())
    return client_id is not None and any(holder.client_id == client_id for holder in holders)


async def _send(account: str, region: str, topic_filter: str, deliver: Deliver, granted_qos: int) -> None:
    """Send what is retained, oldest first, marked as retained."""
    found: list[tuple[str, Any]] = iot.broker_list_retained(account, region)
    for topic, retained in reversed(found):
        if topic.startswith("$") or not iot._subscription_matches(topic_filter, topic):
            continue
        token = iot._delivery_retain.set(True)
        properties = iot._delivery_properties.set(iot._aged_properties(retained.properties, retained.ts) or b"")
        try:
            await deliver(topic, retained.payload, min(granted_qos, retained.qos))
        finally:
            iot._delivery_properties.reset(properties)
            iot._delivery_retain.reset(token)
