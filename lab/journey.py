"""One message followed hop by hop: what lies on the topic, what the rule asks, what lies in the table, and when."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lab import contract, items
from lab.device.chain import Box, draw
from lab.notebook import figures

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from lab.device.connection import Connection


@dataclass(frozen=True)
class Journey:
    """topic, payload: as the device published; item: as DynamoDB keeps it, each value with its type.

    acknowledged, stored: seconds from publishing to the broker's word, and to the item.
    """

    topic: str
    payload: str
    acknowledged: float
    stored: float
    item: Mapping[str, Mapping[str, Any]]


def follow(line: Connection, payload: bytes, table: str, clock: Callable[[], float] = time.perf_counter) -> Journey:
    """Publish a message on its device's topic and wait for its item; an item of an earlier run is removed first.

    Raises: LabError when it does not arrive.
    """
    message = json.loads(payload)
    device_id, timestamp = message["device_id"], message["timestamp"]
    items.remove(table, device_id, timestamp, timestamp)
    topic = contract.topic(device_id)
    began = clock()
    line.publish(topic, payload)
    acknowledged = clock() - began
    items.wait_for(table, device_id, timestamp)
    stored = clock() - began
    return Journey(topic, payload.decode(), acknowledged, stored, items.typed(table, device_id, timestamp))


def picture(journey: Journey, sql: str) -> Figure:
    """Draw the way of a message: device, broker, rule, table."""
    device_id = journey.topic.split("/")[1]
    members = json.loads(journey.payload)
    payload = [f"{name}: {json.dumps(value)}" for name, value in members.items()]
    select, _, where = sql.partition(" WHERE ")
    item = [f"{name}: {kind} {value}" for name, held in sorted(journey.item.items()) for kind, value in held.items()]
    milliseconds = f"{journey.acknowledged * 1000:.0f} ms", f"{journey.stored * 1000:.0f} ms"
    return draw(
        [
            Box("device", payload, "QoS 1", figures.TEMPERATURE),
            Box("broker", [journey.topic, f"taken after {milliseconds[0]}"], "rule", figures.HUMIDITY),
            Box("rule", [select, f"WHERE {where}", f"topic(2) is {device_id}: selected"], "put", figures.SERIES[2]),
            Box("table", [*item, f"found after {milliseconds[1]}"], colour=figures.GOOD),
        ]
    )
