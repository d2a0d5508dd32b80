"""Functions of rule SQL: the message, its sender, its time.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-functions.html
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from lab.local.rules import joda
from lab.local.rules.function import Function
from lab.local.rules.message import Message
from lab.local.rules.values import UNDEFINED, to_number, to_text


def _topic(message: Message, level: Any = None) -> Any:
    """Return the topic, or one of its levels, counted from one."""
    if level is None:
        return message.topic
    place = to_number(level)
    levels = message.topic.split("/")
    return levels[place - 1] if isinstance(place, int) and 1 <= place <= len(levels) else UNDEFINED


def _parse_time(_message: Message, pattern: Any, milliseconds: Any, zone: Any = "UTC") -> Any:
    """Write a time in milliseconds by a Joda pattern."""
    wanted, instant, name = to_text(pattern), to_number(milliseconds), to_text(zone)
    if UNDEFINED in (wanted, instant, name):
        return UNDEFINED
    try:
        moment = datetime.fromtimestamp(float(instant) / 1000, ZoneInfo(name))
        return joda.write(wanted, moment)
    except (ValueError, OverflowError, OSError):
        return UNDEFINED


def _time_to_epoch(_message: Message, value: Any, pattern: Any) -> Any:
    """Read a time by a Joda pattern and return milliseconds; without zone it is UTC."""
    text, wanted = to_text(value), to_text(pattern)
    if UNDEFINED in (text, wanted):
        return UNDEFINED
    try:
        moment = joda.read(wanted, text)
    except (ValueError, OverflowError):
        return UNDEFINED
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp() * 1000)


FUNCTIONS: Final[dict[str, Function]] = {
    "topic": Function(0, 1, _topic),
    "timestamp": Function(0, 0, lambda message: message.milliseconds),
    "clientid": Function(0, 0, lambda message: message.client_id or "n/a"),
    "principal": Function(0, 0, lambda message: message.principal or UNDEFINED),
    "sourceip": Function(0, 0, lambda message: message.source_ip),
    "traceid": Function(0, 0, lambda message: message.trace_id),
    "accountid": Function(0, 0, lambda message: message.account),
    "newuuid": Function(0, 0, lambda _message: str(uuid.uuid4())),
    "sql_version": Function(0, 0, lambda _message: "2016-03-23"),
    "parse_time": Function(2, 3, _parse_time),
    "time_to_epoch": Function(2, 2, _time_to_epoch),
}
