"""Date patterns of Joda-Time, which parse_time writes, and of Java 11, which time_to_epoch reads.

Sources: https://www.joda.org/joda-time/apidocs/org/joda/time/format/DateTimeFormat.html and
https://docs.oracle.com/en/java/javase/11/docs/api/java.base/java/time/format/DateTimeFormatter.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

_PART: Final = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']")

_NUMERIC: Final = {
    "y": "year",
    "Y": "year",
    "M": "month",
    "d": "day",
    "H": "hour",
    "m": "minute",
    "s": "second",
}
_READ: Final = {"y": "%Y", "Y": "%Y", "d": "%d", "H": "%H", "m": "%M", "s": "%S", "a": "%p", "h": "%I"}
_NAMED: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+:/-]*$")
_DISTANT: Final = re.compile(r"(?:Z|[+-]\d{2}(?::?\d{2})?)$")
_ZONES: Final = {"V": _NAMED, "z": _NAMED, "X": _DISTANT, "x": _DISTANT, "Z": _DISTANT}
_OFFSET: Final = re.compile(r"(?:UTC|GMT|UT|Z)?(?:([+-])(\d{1,2})(?::?(\d{2}))?)?")
_FIELDS: Final = frozenset({*_READ.values(), "%m", "%b", "%B", "%y", "%f", "%a", "%A"})


@lru_cache(maxsize=256)
def parts(pattern: str) -> tuple[tuple[str, str], ...]:
    """Return a pattern as (letter, run) for fields and ("", text) for what stands for itself.

    Raises: ValueError for a quote that is not closed.
    """
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(pattern):
        match = _PART.match(pattern, at)
        if match is None:
            raise ValueError("a quote is not closed")
        if match[1] is not None:
            found.append(("", match[1].replace("''", "'") or "'"))
        elif match[2]:
            found.append((match[2], match[0]))
        else:
            found.append(("", match[0]))
        at = match.end()
    return tuple(found)


def write(pattern: str, moment: datetime) -> str:
    """Return a moment as the pattern shows it. Raises: ValueError for a letter that is no field."""
    return "".join(run if not letter else _field(letter, len(run), moment) for letter, run in parts(pattern))


def _field(letter: str, width: int, moment: datetime) -> str:
    """Return one field."""
    if letter in _NUMERIC and not (letter == "M" and width >= 3):
        value = getattr(moment, _NUMERIC[letter])
        return f"{value % 100:02d}" if letter in "yY" and width == 2 else f"{value:0{width}d}"
    zone = f"{moment:%z}"
    fields = {
        "M": f"{moment:%b}" if width == 3 else f"{moment:%B}",
        "S": f"{moment.microsecond:06d}"[:width].ljust(width, "0"),
        "h": f"{moment.hour % 12 or 12:0{width}d}",
        "K": f"{moment.hour % 12:0{width}d}",
        "k": f"{moment.hour or 24:0{width}d}",
        "E": f"{moment:%a}" if width < 4 else f"{moment:%A}",
        "e": str(moment.isoweekday()),
        "a": f"{moment:%p}",
        "D": f"{moment.timetuple().tm_yday:0{width}d}",
        "G": "AD",
        "w": f"{moment.isocalendar().week:0{width}d}",
        "x": f"{moment.isocalendar().year:0{width}d}",
        "C": f"{moment.year // 100:0{width}d}",
        "z": f"{moment:%Z}",
        "Z": zone if width == 1 else f"{zone[:3]}:{zone[3:5]}" if width == 2 else str(moment.tzinfo),
    }
    if letter not in fields:
        raise ValueError(f"{letter} is no field of a date pattern")
    return fields[letter]


def read(pattern: str, text: str) -> datetime:
    """Return the moment that a text spells. A zone may stand at its end.

    Raises: ValueError when it does not follow the pattern, or the pattern names a field twice, which is not served.
    """
    fields = parts(pattern)
    if fields and fields[-1][0] in _ZONES:
        found = _ZONES[fields[-1][0]].search(text)
        if found is None:
            raise ValueError("no zone stands at the end")
        return _read(fields[:-1], text[: found.start()]).replace(tzinfo=_zone(found[0]))
    return _read(fields, text)


def _zone(name: str) -> tzinfo:
    """Return a zone by its id, such as America/Los_Angeles, or by its distance from UTC."""
    offset = _OFFSET.fullmatch(name)
    if offset is None:
        return ZoneInfo(name)
    distance = timedelta(hours=int(offset[2] or 0), minutes=int(offset[3] or 0))
    return timezone(-distance if offset[1] == "-" else distance)


def _read(parted: Sequence[tuple[str, str]], text: str) -> datetime:
    directives: list[str] = []
    for letter, run in parted:
        if not letter:
            directives.append(run.replace("%", "%%"))
        elif letter == "M":
            directives.append({1: "%m", 2: "%m", 3: "%b"}.get(len(run), "%B"))
        elif letter in ("y", "Y") and len(run) == 2:
            directives.append("%y")
        elif letter == "S" and len(run) <= 6:
            directives.append("%f")
        elif letter == "E":
            directives.append("%a" if len(run) < 4 else "%A")
        elif letter in _READ:
            directives.append(_READ[letter])
        else:
            raise ValueError(f"{letter} cannot be read")
    fields = [directive for directive in directives if directive in _FIELDS]
    if len(fields) != len(set(fields)):
        raise ValueError("a field stands twice in the pattern")
    return datetime.strptime(text, "".join(directives))
