"""Times in the patterns of Java's DateTimeFormatter, so far as they have one meaning in every locale of English.

Source: https://docs.oracle.com/javase/8/docs/api/java/time/format/DateTimeFormatter.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Final

_PIECE: Final = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|([^A-Za-z'{}#\[\]])")

Field = Callable[[datetime], int]

_NUMBERS: Final[dict[str, Field]] = {
    "M": lambda moment: moment.month,
    "L": lambda moment: moment.month,
    "d": lambda moment: moment.day,
    "D": lambda moment: moment.timetuple().tm_yday,
    "H": lambda moment: moment.hour,
    "k": lambda moment: moment.hour or 24,
    "K": lambda moment: moment.hour % 12,
    "h": lambda moment: moment.hour % 12 or 12,
    "m": lambda moment: moment.minute,
    "s": lambda moment: moment.second,
    "Q": lambda moment: (moment.month + 2) // 3,
}
_WIDEST: Final = {"M": 4, "L": 2, "D": 3, "Q": 3, "E": 4, "a": 1, "S": 9, "y": 19, "u": 19, "X": 3, "x": 3, "Z": 3}
"""Most letters in a row; two for every other number."""


@lru_cache(maxsize=256)
def pieces(pattern: str) -> tuple[tuple[str, str], ...]:
    """Return a pattern as (letter, run) for fields and ("", text) for what stands for itself.

    Raises: ValueError for a quote that is not closed, a reserved character, or a letter that is no field here.
    """
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(pattern):
        match = _PIECE.match(pattern, at)
        if match is None:
            raise ValueError(f"the time pattern {pattern!r} has an open quote or a reserved character")
        if match[1] is not None:
            found.append(("", match[1].replace("''", "'") or "'"))
        elif match[2]:
            _check(match[2], len(match[0]))
            found.append((match[2], match[0]))
        else:
            found.append(("", match[0]))
        at = match.end()
    return tuple(found)


def _check(letter: str, width: int) -> None:
    if letter not in _NUMBERS and letter not in _WIDEST:
        raise ValueError(f"the time pattern letter {letter!r} is not served")
    if width > _WIDEST.get(letter, 2):
        raise ValueError(f"the time pattern has too many letters {letter!r}")


def write(pattern: str, moment: datetime) -> str:
    """Return a moment, which knows its zone, as the pattern shows it. Raises: ValueError as ``pieces`` does."""
    return "".join(run if not letter else _field(letter, len(run), moment) for letter, run in pieces(pattern))


def _field(letter: str, width: int, moment: datetime) -> str:
    """Return one field."""
    if letter in "XxZ":
        return _offset(letter, width, moment)
    if letter in "EaM" and (letter != "M" or width > 2):
        return _word(letter, width, moment)
    if letter in "yu":
        return f"{moment.year % 100:02d}" if width == 2 else f"{moment.year:0{width}d}"
    if letter == "S":
        return f"{moment.microsecond * 1000:09d}"[:width]
    value = _NUMBERS[letter](moment)
    return f"Q{value}" if letter == "Q" and width == 3 else f"{value:0{width}d}"


def _word(letter: str, width: int, moment: datetime) -> str:
    """Return the name of a day or a month, or the half of the day."""
    if letter == "a":
        return "AM" if moment.hour < 12 else "PM"
    full, short = ("%A", "%a") if letter == "E" else ("%B", "%b")
    return moment.strftime(full if width > 3 else short)


def _offset(letter: str, width: int, moment: datetime) -> str:
    """Return the distance from UTC: ``X`` writes none as Z, ``X`` and ``x`` alone leave out minutes that are zero."""
    text = f"{moment:%z}"[:5]
    if letter == "X" and text == "+0000":
        return "Z"
    if letter == "Z" or width == 2:
        return text
    if width == 3:
        return f"{text[:3]}:{text[3:]}"
    return text[:3] if text.endswith("00") else text
