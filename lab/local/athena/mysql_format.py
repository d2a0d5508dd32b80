"""``date_format`` and ``date_parse``: patterns of MySQL. Source: https://trino.io/docs/current/functions/datetime.html#mysql-date-functions"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from lab.local.athena.english import DAYS, MONTHS

_REFUSED = "DUuVwX"


def _twelve(hour: int) -> int:
    return hour % 12 or 12


_SHOW: dict[str, Callable[[datetime], str]] = {
    "a": lambda at: DAYS[at.weekday()][:3],
    "b": lambda at: MONTHS[at.month - 1][:3],
    "c": lambda at: str(at.month),
    "d": lambda at: f"{at.day:02}",
    "e": lambda at: str(at.day),
    "f": lambda at: f"{at.microsecond:06}",
    "H": lambda at: f"{at.hour:02}",
    "h": lambda at: f"{_twelve(at.hour):02}",
    "I": lambda at: f"{_twelve(at.hour):02}",
    "i": lambda at: f"{at.minute:02}",
    "j": lambda at: f"{at.timetuple().tm_yday:03}",
    "k": lambda at: str(at.hour),
    "l": lambda at: str(_twelve(at.hour)),
    "M": lambda at: MONTHS[at.month - 1],
    "m": lambda at: f"{at.month:02}",
    "p": lambda at: "AM" if at.hour < 12 else "PM",
    "r": lambda at: f"{_twelve(at.hour):02}:{at.minute:02}:{at.second:02} {'AM' if at.hour < 12 else 'PM'}",
    "S": lambda at: f"{at.second:02}",
    "s": lambda at: f"{at.second:02}",
    "T": lambda at: f"{at.hour:02}:{at.minute:02}:{at.second:02}",
    "v": lambda at: f"{at.isocalendar().week:02}",
    "W": lambda at: DAYS[at.weekday()],
    "x": lambda at: f"{at.isocalendar().year:04}",
    "Y": lambda at: f"{at.year:04}",
    "y": lambda at: f"{at.year % 100:02}",
}


_STRFTIME = {
    **{letter: letter for letter in "abdHIjmpSYyf%"},
    **{"h": "I", "i": "M", "M": "B", "s": "S", "T": "H:%M:%S", "W": "A"},
}


def strftime(pattern: str) -> str | None:
    """The pattern as DuckDB's ``strftime`` has it, None when it has no such letter.

    Source: https://duckdb.org/docs/stable/sql/functions/dateformat
    """
    letters = re.findall("%(.?)", pattern, re.DOTALL)
    if not pattern or any(letter not in _STRFTIME for letter in letters):
        return None
    return re.sub("%(.)", lambda found: f"%{_STRFTIME[found[1]]}", pattern)


def date_format(moment: datetime, pattern: str) -> str:
    """The moment by a pattern. Raises ValueError with Trino's name for the fields that Trino refuses too."""
    return re.sub(r"%(.)", lambda field: _field(field[1], moment), pattern, flags=re.S)


def _field(letter: str, moment: datetime) -> str:
    _check(letter)
    show = _SHOW.get(letter)
    return show(moment) if show else letter


def _check(letter: str) -> None:
    if letter in _REFUSED:
        raise ValueError(f"TRINO:INVALID_FUNCTION_ARGUMENT:%{letter} not supported in date format string:END")


_READ = {
    "a": r"(?P<a>[A-Za-z]{3})",
    "b": r"(?P<b>[A-Za-z]{3})",
    "c": r"(?P<m>\d{1,2})",
    "d": r"(?P<d>\d{1,2})",
    "e": r"(?P<d>\d{1,2})",
    "f": r"(?P<f>\d{1,9})",
    "H": r"(?P<H>\d{1,2})",
    "k": r"(?P<H>\d{1,2})",
    "h": r"(?P<h>\d{1,2})",
    "I": r"(?P<h>\d{1,2})",
    "l": r"(?P<h>\d{1,2})",
    "i": r"(?P<i>\d{1,2})",
    "j": r"(?P<j>\d{1,3})",
    "M": r"(?P<b>[A-Za-z]+)",
    "m": r"(?P<m>\d{1,2})",
    "p": r"(?P<p>[AaPp][Mm])",
    "S": r"(?P<s>\d{1,2})",
    "s": r"(?P<s>\d{1,2})",
    "W": r"(?P<a>[A-Za-z]+)",
    "Y": r"(?P<Y>[+-]?\d{1,4})",
    "y": r"(?P<y>\d{1,2})",
}
_COMPOSED = {"T": "%H:%i:%s", "r": "%h:%i:%s %p"}


def date_parse(value: str, pattern: str) -> datetime:
    """The moment that a text shows by a pattern. Raises ValueError with Trino's name when it does not."""
    try:
        return _moment(_matched(value, pattern))
    except (ValueError, re.error) as error:
        if str(error).startswith("TRINO:"):
            raise
        raise ValueError(f'TRINO:INVALID_FUNCTION_ARGUMENT:Invalid format: "{value}":END') from None


def _matched(value: str, pattern: str) -> dict[str, str]:
    expression, at = "", 0
    for letter, whole in _COMPOSED.items():
        pattern = pattern.replace(f"%{letter}", whole)
    for field in re.finditer(r"%(.)", pattern, re.S):
        _check(field[1])
        expression += re.escape(pattern[at : field.start()]) + _READ.get(field[1], re.escape(field[1]))
        at = field.end()
    found = re.fullmatch(expression + re.escape(pattern[at:]), value)
    if not found:
        raise ValueError(value)
    return {name: text for name, text in found.groupdict().items() if text}


def _moment(found: dict[str, str]) -> datetime:
    year = int(found.get("Y", 1970))
    if "y" in found:
        year = int(found["y"])
        year += 2000 if year < 70 else 1900
    hour = int(found.get("H", 0))
    if "h" in found:
        hour = int(found["h"]) % 12 + (12 if found.get("p", "AM").upper() == "PM" else 0)
    micros = int(found.get("f", "0").ljust(6, "0")[:3]) * 1000
    month = (
        [name[:3].lower() for name in MONTHS].index(found["b"][:3].lower()) + 1
        if "b" in found
        else int(found.get("m", 1))
    )
    moment = datetime(year, month, int(found.get("d", 1)), hour, int(found.get("i", 0)), int(found.get("s", 0)), micros)
    return moment.replace(month=1, day=1) + timedelta(int(found["j"]) - 1) if "j" in found else moment
