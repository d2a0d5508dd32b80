"""The job's rules in plain Python, written a second time: no code of the job, no Spark."""

from __future__ import annotations

import json
import math
import string
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

TOKYO = timezone(timedelta(hours=9))
DEVICE_CHARACTERS = set(string.ascii_letters + string.digits + ":_-")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def fate(message: Any, latest: datetime) -> str:  # noqa: PLR0911  one line a rule
    """Return "reading", "out_of_range" or the reason for which a record is rejected."""
    if not isinstance(message, dict):
        return "not_an_object"
    name = message.get("device_id")
    if not isinstance(name, str) or not 1 <= len(name) <= 128 or set(name) - DEVICE_CHARACTERS:
        return "device_id_invalid"
    if not is_number(message.get("timestamp")):
        return "timestamp_invalid"
    if not is_number(message.get("temperature")):
        return "temperature_invalid"
    if "humidity" in message and not is_number(message["humidity"]):
        return "humidity_invalid"
    if any(isinstance(message[key], float) and math.isinf(message[key]) for key in ("timestamp", "temperature")):
        return "not_finite"
    if "humidity" in message and (message["humidity"] < 0 or message["humidity"] > 100):
        return "humidity_invalid"
    if message["timestamp"] < datetime(2001, 1, 1, tzinfo=UTC).timestamp():
        return "time_too_old"
    if Decimal(message["timestamp"]) > Decimal(latest.timestamp()):
        return "time_in_future"
    if holds_infinity([value for key, value in message.items() if key not in CONTRACT]):
        return "not_finite"
    return "reading" if -50 < message["temperature"] < 100 else "out_of_range"


CONTRACT = ("device_id", "timestamp", "temperature", "humidity")


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def holds_infinity(value: Any) -> bool:
    if isinstance(value, dict):
        return any(holds_infinity(part) for part in value.values())
    if isinstance(value, list):
        return any(holds_infinity(part) for part in value)
    return isinstance(value, float) and math.isinf(value)


def row(message: dict[str, Any]) -> dict[str, Any]:
    """Return a reading as the table has it: time in UTC to the microsecond, the day in Tokyo as strings."""
    moment = EPOCH + timedelta(microseconds=round(Decimal(message["timestamp"]) * 1_000_000))
    further = {key: value for key, value in message.items() if key not in CONTRACT}
    return {
        "device_id": message["device_id"],
        "event_time": moment,
        "temperature": float(message["temperature"]),
        "humidity": None if message.get("humidity") is None else float(message["humidity"]),
        "extra": json.dumps(further, sort_keys=True) if further else None,
        "day": moment.astimezone(TOKYO).strftime("%Y-%m-%d"),
    }


def table(messages: list[Any], latest: datetime) -> dict[tuple[str, datetime], dict[str, Any]]:
    """Return the rows by key; of two readings with one key, the first stays."""
    rows: dict[tuple[str, datetime], dict[str, Any]] = {}
    for message in messages:
        if fate(message, latest) == "reading":
            made = row(message)
            rows.setdefault((made["device_id"], made["event_time"]), made)
    return rows
