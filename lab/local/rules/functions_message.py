"""Functions of rule SQL: the message, its sender, its time.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-functions.html
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from lab.local.rules import joda
from lab.local.rules.function import Function
from lab.local.rules.message import Headers, Message
from lab.local.rules.values import UNDEFINED, to_number, to_text, to_whole

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _topic(message: Message, level: Any = None) -> Any:
    """Return the topic, or one of its levels, counted from one."""
    if level is None:
        return message.topic
    place = to_whole(level)
    levels = message.topic.split("/")
    return levels[place - 1] if place is not UNDEFINED and 1 <= place <= len(levels) else UNDEFINED


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
    return (moment - EPOCH) // timedelta(milliseconds=1)


def _mqtt_property(message: Message, name: Any) -> Any:
    """Return a header of MQTT 5, or Undefined when there is none of that name; the format has a default."""
    found = _HEADERS[name](message.headers) if isinstance(name, str) and name in _HEADERS else None
    return UNDEFINED if found is None else found


def _correlation(headers: Headers) -> str | None:
    data = headers.correlation_data
    return None if data is None else base64.b64encode(data).decode("ascii")


_HEADERS: Final[dict[str, Callable[[Headers], str | None]]] = {
    "format_indicator": lambda headers: "UTF8_DATA" if headers.utf8 else "UNSPECIFIED_BYTES",
    "content_type": lambda headers: headers.content_type,
    "response_topic": lambda headers: headers.response_topic,
    "correlation_data": _correlation,
}


def _user_properties(message: Message, key: Any = None) -> Any:
    """Return all values of one user property, or each property as an object; Undefined when there is none."""
    user = message.headers.user
    found = [{name: value} for name, value in user] if key is None else [value for name, value in user if name == key]
    return found or UNDEFINED


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
    "get_mqtt_property": Function(1, 1, _mqtt_property),
    "get_user_properties": Function(0, 1, _user_properties),
    "parse_time": Function(2, 3, _parse_time),
    "time_to_epoch": Function(2, 2, _time_to_epoch),
}
