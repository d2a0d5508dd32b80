"""ISO 8601 texts, durations, and the patterns of Joda-Time.

Sources: https://trino.io/docs/current/functions/datetime.html and
https://www.joda.org/joda-time/apidocs/org/joda/time/format/DateTimeFormat.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from lab.local.athena.cast_text import to_utc
from lab.local.athena.english import DAYS, MONTHS

_RUN = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|([^A-Za-z'])", re.S)
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ns|us|ms|s|m|h|d)\s*")
_MILLIS = {"ns": 1e-6, "us": 1e-3, "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def _invalid(value: str) -> ValueError:
    return ValueError(f'TRINO:INVALID_FUNCTION_ARGUMENT:Invalid format: "{value}":END')


def from_iso8601_date(value: str) -> date:
    """A calendar, week or ordinal date."""
    try:
        if ordinal := re.fullmatch(r"(\d{4})-(\d{3})", value):
            found = date(int(ordinal[1]), 1, 1) + timedelta(int(ordinal[2]) - 1)
            if found.year != int(ordinal[1]):
                raise ValueError(value)
            return found
        if week := re.fullmatch(r"(\d{4})-?W(\d{2})(?:-?(\d))?", value):
            return date.fromisocalendar(int(week[1]), int(week[2]), int(week[3] or 1))
        if day := re.fullmatch(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", value):
            return date(int(day[1]), int(day[2] or 1), int(day[3] or 1))
        raise ValueError(value)
    except ValueError:
        raise _invalid(value) from None


def from_iso8601_timestamp(value: str) -> dict[str, Any]:
    """A date and a time of day with an offset; UTC if there is none."""
    match = re.fullmatch(
        r"([^T]+)(?:T(?:(\d{2})(?::?(\d{2})(?::?(\d{2})(?:[.,](\d+))?)?)?)?)?(Z|[+-]\d{2}(?::?\d{2})?)?", value
    )
    if not match:
        raise _invalid(value)
    day = from_iso8601_date(match[1])
    millis = int((match[5] or "0").ljust(3, "0")[:3])
    try:
        local = datetime(
            day.year, day.month, day.day, int(match[2] or 0), int(match[3] or 0), int(match[4] or 0), millis * 1000
        )
    except ValueError:
        raise _invalid(value) from None
    return _instant(local, match[6] or "Z")


def _instant(local: datetime, offset: str) -> dict[str, Any]:
    if offset == "Z":
        return {"t": local, "z": "UTC"}
    digits = offset[1:].replace(":", "").ljust(4, "0")
    name = f"{offset[0]}{digits[:2]}:{digits[2:]}"
    return {"t": to_utc(local, name), "z": "UTC" if digits == "0000" else name}


def parse_duration(value: str) -> int:
    """Milliseconds of a number with a unit."""
    match = _DURATION.fullmatch(value)
    if not match:
        raise ValueError(f"TRINO:INVALID_FUNCTION_ARGUMENT:duration is not a valid data duration string: {value}:END")
    return round(float(match[1]) * _MILLIS[match[2]])


def _runs(pattern: str) -> Iterator[tuple[str, int] | str]:
    """Fields (letter, count) and plain text of a pattern."""
    at = 0
    for found in _RUN.finditer(pattern):
        if found.start() != at:
            raise ValueError(f"TRINO:INVALID_FUNCTION_ARGUMENT:Illegal pattern: {pattern}:END")
        at = found.end()
        if found[2]:
            yield found[2], len(found[0])
        else:
            yield found[3] if found[3] else found[1].replace("''", "'") or "'"
    if at != len(pattern):
        raise ValueError(f"TRINO:INVALID_FUNCTION_ARGUMENT:Illegal pattern: {pattern}:END")


_STRFTIME = {
    **{"yyyy": "%Y", "YYYY": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "hh": "%I", "mm": "%M", "ss": "%S", "SSS": "%g"},
    **{"MMM": "%b", "MMMM": "%B", "EEE": "%a", "EEEE": "%A", "DDD": "%j", "a": "%p"},
}


def strftime(pattern: str) -> str | None:
    """The pattern as DuckDB's ``strftime`` has it, None when it holds a quote or a letter that it has not.

    Source: https://duckdb.org/docs/stable/sql/functions/dateformat
    """
    parts = [found[0] for found in re.finditer(r"([A-Za-z])\1*|[^A-Za-z']", pattern, re.DOTALL)]
    if not pattern or "".join(parts) != pattern or any(part.isalpha() and part not in _STRFTIME for part in parts):
        return None
    return "".join(_STRFTIME.get(part, "%%" if part == "%" else part) for part in parts)


def format_datetime(moment: datetime, minutes: int, zone: str, pattern: str) -> str:
    """A local time by a pattern. Parameters: minutes, the offset from UTC; zone, its name."""
    parts = (run if isinstance(run, str) else _show(moment, minutes, zone, *run) for run in _runs(pattern))
    return "".join(parts)


def _show(at: datetime, minutes: int, zone: str, letter: str, count: int) -> str:
    iso = at.isocalendar()
    twelve = at.hour % 12
    numbers = {
        "y": at.year, "Y": at.year, "x": iso.year, "w": iso.week, "e": iso.weekday, "D": at.timetuple().tm_yday,
        "d": at.day, "H": at.hour, "k": at.hour or 24, "K": twelve, "h": twelve or 12, "m": at.minute, "s": at.second,
    }  # fmt: skip
    if letter in "yYx" and count == 2:
        return f"{numbers[letter] % 100:02}"
    if letter in numbers:
        return str(numbers[letter]).rjust(count, "0")
    if letter == "M":
        name = MONTHS[at.month - 1]
        return str(at.month).rjust(count, "0") if count < 3 else name if count > 3 else name[:3]
    if letter == "E":
        name = DAYS[at.weekday()]
        return name if count > 3 else name[:3]
    if letter == "S":
        return f"{at.microsecond:06}".ljust(count, "0")[:count]
    return _text(at, minutes, zone, letter, count)


def _text(at: datetime, minutes: int, zone: str, letter: str, count: int) -> str:
    if letter == "a":
        return "AM" if at.hour < 12 else "PM"
    if letter == "G":
        return "AD"
    if letter == "Z":
        offset = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
        return zone if count > 2 else offset if count == 2 else offset.replace(":", "")
    if letter == "z" and count < 4 and zone == "UTC":
        return "UTC"
    raise ValueError(f"TRINO:NOT_SUPPORTED:pattern letter '{letter * count}' is not supported by this engine:END")


def parse_datetime(value: str, pattern: str) -> dict[str, Any]:
    """The instant that a text shows by a pattern; UTC if it shows no zone."""
    expression, letters = "", []
    for run in _runs(pattern):
        if isinstance(run, str):
            expression += re.escape(run)
        else:
            letters.append(run[0])
            expression += _reading(*run)
    found = re.fullmatch(expression, value)
    if not found:
        raise _invalid(value)
    fields = dict(zip(letters, found.groups(), strict=True))
    try:
        return _read(fields)
    except (ValueError, KeyError, OSError):
        raise _invalid(value) from None


def _reading(letter: str, count: int) -> str:
    if letter in "yYDdHkKhmsxwe" or (letter == "M" and count < 3):
        return r"(\d+)" if letter in "yYx" else rf"(\d{{1,{max(count, 3 if letter == 'D' else 2)}}})"
    if letter == "S":
        return r"(\d+)"
    if letter in ("M", "E", "a"):
        return r"([A-Za-z]+)"
    if letter == "Z":
        return r"([A-Za-z][\w/+-]*)" if count > 2 else r"(Z|[+-]\d{2}:?\d{2})"
    raise ValueError(f"TRINO:NOT_SUPPORTED:pattern letter '{letter * count}' is not supported by this engine:END")


def _read(fields: dict[str, str]) -> dict[str, Any]:
    month = fields.get("M", "1")
    number = int(month) if month.isdigit() else [name[:3].lower() for name in MONTHS].index(month[:3].lower()) + 1
    hour = int(fields.get("H", fields.get("k", "0"))) % 24
    if "h" in fields or "K" in fields:
        hour = int(fields.get("h", fields.get("K", "0"))) % 12 + (12 if fields.get("a", "AM").upper() == "PM" else 0)
    micros = int(fields.get("S", "0").ljust(3, "0")[:3]) * 1000
    year = int(fields.get("y", fields.get("Y", "1970")))
    local = datetime(
        year, number, int(fields.get("d", 1)), hour, int(fields.get("m", 0)), int(fields.get("s", 0)), micros
    )
    if "x" in fields or "w" in fields or "e" in fields:
        day = date.fromisocalendar(int(fields.get("x", year)), int(fields.get("w", 1)), int(fields.get("e", 1)))
        local = local.replace(year=day.year, month=day.month, day=day.day)
    if "D" in fields:
        local = local.replace(month=1, day=1) + timedelta(int(fields["D"]) - 1)
    name = fields.get("Z", "Z")
    if name[0].isalpha() and name != "Z":
        moment = local.replace(tzinfo=ZoneInfo(name)).astimezone(UTC).replace(tzinfo=None)
        return {"t": moment, "z": name}
    return _instant(local, name)
