"""Time zones in SQL: from UTC to the time on the wall and back, for named zones and for offsets such as ``+05:30``."""

from __future__ import annotations

import re

from lab.local.athena.expr import Expr, text

_OFFSET = re.compile(r"'([+-])(\d\d):(\d\d)'")
UTC = text("UTC")


def parts(value: Expr) -> tuple[str, str]:
    """The SQL of the UTC time and of the zone of a timestamp with time zone."""
    return value.zoned or (f"struct_extract({value.sql}, 't')", f"struct_extract({value.sql}, 'z')")


def pack(instant: str, zone: str) -> str:
    """The struct of a UTC time and a zone; NULL if the time is NULL."""
    return f"CASE WHEN {instant} IS NOT NULL THEN {{'t': {instant}, 'z': {zone}}} END"


def to_local(instant: str, zone: str) -> str:
    """The time on the wall in ``zone``."""
    return f"({instant} + {offset})" if (offset := _fixed(zone)) else _named(instant, zone, "+", _local(instant, zone))


def to_utc(local: str, zone: str) -> str:
    """The UTC time of a time on the wall in ``zone``."""
    return f"({local} - {offset})" if (offset := _fixed(zone)) else _named(local, zone, "-", _utc(local, zone))


def offset_minutes(instant: str, zone: str) -> str:
    """How many minutes the zone is ahead of UTC at that time, as BIGINT."""
    return f"date_diff('minute', {instant}, {to_local(instant, zone)})"


def _fixed(zone: str) -> str | None:
    if zone == UTC:
        return "to_minutes(0)"
    found = _OFFSET.fullmatch(zone)
    if not found:
        return None
    sign, hours, minutes = found.groups()
    return f"to_minutes({sign}{int(hours) * 60 + int(minutes)})"


def _local(instant: str, zone: str) -> str:
    return f"timezone({zone}, timezone('UTC', {instant}))"


def _utc(local: str, zone: str) -> str:
    return f"timezone('UTC', timezone({zone}, {local}))"


def _named(time: str, zone: str, sign: str, named: str) -> str:
    if zone.startswith("'"):
        return named
    hours, rest = (f"CAST(substr({zone}, {at}, 2) AS INTEGER)" for at in (2, 5))
    minutes = f"CAST(substr({zone}, 1, 1) || ({hours} * 60 + {rest}) AS INTEGER)"
    return f"CASE WHEN left({zone}, 1) IN ('+', '-') THEN {time} {sign} to_minutes({minutes}) ELSE {named} END"
