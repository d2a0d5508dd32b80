"""Functions of rule SQL: texts and regular expressions.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-functions.html
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from lab.local.rules.errors import SqlError
from lab.local.rules.function import Function, pure
from lab.local.rules.values import UNDEFINED, to_text, to_whole

MOST_BLANKS: Final = 1000
LAST_ASCII: Final = 127
LONGEST_SEARCHED: Final = 1024
"""Characters that a pattern is tried on. Python's matching can take exponential time, AWS's limit is not published."""


_REPEATED_CHOICE: Final = re.compile(r"[*+}|][^()]*\)+\s*(?:[*+]|\{\d*,)|\\[1-9]|\(\?P=")
"""A repeated group that holds a repetition or a choice, or a reference back: what backtracks without end."""


def texts(count: int, apply: Callable[..., Any]) -> Function:
    """Return a function of ``count`` texts; what does not convert makes it Undefined."""

    def on_texts(*values: Any) -> Any:
        converted = [to_text(value) for value in values]
        return UNDEFINED if UNDEFINED in converted else apply(*converted)

    return pure(count, on_texts)


def _concat(_message: Any, *values: Any) -> Any:
    """Join arrays when one argument is an array, else texts."""
    if any(isinstance(value, list) for value in values):
        joined: list[Any] = []
        for value in values:
            if value is UNDEFINED:
                continue
            joined += value if isinstance(value, list) else [value]
        return joined
    converted = [to_text(value) for value in values if value is not UNDEFINED]
    return UNDEFINED if not converted or UNDEFINED in converted else "".join(converted)


def _substring(_message: Any, value: Any, start: Any, end: Any = None) -> Any:
    """Take characters from ``start`` up to ``end``, counted from zero and clipped to the text."""
    text, first = to_text(value), to_whole(start)
    last = len(text) if end is None and text is not UNDEFINED else to_whole(end)
    if UNDEFINED in (text, first, last):
        return UNDEFINED
    return text[max(first, 0) : max(last, 0)]


def _pad(join: Callable[[str, str], str]) -> Callable[[Any, Any], Any]:
    def pad(value: Any, count: Any) -> Any:
        text, blanks = to_text(value), to_whole(count)
        if text is UNDEFINED or blanks is UNDEFINED:
            return UNDEFINED
        return join(text, " " * min(max(blanks, 0), MOST_BLANKS))

    return pad


def _chr(value: Any) -> Any:
    code = to_whole(value)
    return UNDEFINED if code is UNDEFINED or not 0 <= code <= LAST_ASCII else chr(code)


@lru_cache(maxsize=256)
def _pattern(text: str) -> re.Pattern[str] | None:
    """Compile a pattern; None when it is none, or when matching it could take exponential time."""
    if len(text) > LONGEST_SEARCHED or _REPEATED_CHOICE.search(text):
        return None
    try:
        with warnings.catch_warnings(action="ignore", category=FutureWarning):
            return re.compile(text)
    except (re.error, RecursionError, OverflowError):
        return None


def check_pattern(text: str) -> None:
    """Raises: SqlError for a pattern that is written in the SQL and would never match."""
    if _pattern(text) is None:
        raise SqlError(
            f"The regular expression {text!r} is not served: it is malformed, longer than {LONGEST_SEARCHED} "
            "characters, or repeats a group that repeats or chooses itself"
        )


def _search(apply: Callable[..., Any]) -> Callable[..., Any]:
    """Hand over a compiled pattern, or Undefined for a bad pattern or a text too long to search in."""

    def search(text: str, pattern: str, *others: str) -> Any:
        compiled = _pattern(pattern)
        if compiled is None or len(text) > LONGEST_SEARCHED:
            return UNDEFINED
        return apply(compiled, text, *others)

    return search


def _first(pattern: re.Pattern[str], text: str) -> Any:
    match = pattern.search(text)
    return match.group() if match else UNDEFINED


def _replace_pattern(pattern: re.Pattern[str], text: str, by: str) -> Any:
    """Replace matches; ``$1`` in the replacement stands for a group."""
    try:
        return pattern.sub(re.sub(r"\$(\d)", r"\\g<\1>", by.replace("\\", "\\\\")), text)
    except (re.error, IndexError):
        return UNDEFINED


FUNCTIONS: Final[dict[str, Function]] = {
    "concat": Function(1, 100, _concat),
    "lower": texts(1, str.lower),
    "upper": texts(1, str.upper),
    "length": texts(1, len),
    "numbytes": texts(1, lambda text: len(text.encode("utf-8", errors="replace"))),
    "trim": texts(1, lambda text: text.strip(" ")),
    "ltrim": texts(1, lambda text: text.lstrip(" ")),
    "rtrim": texts(1, lambda text: text.rstrip(" ")),
    "lpad": pure(2, _pad(lambda text, blanks: blanks + text)),
    "rpad": pure(2, _pad(lambda text, blanks: text + blanks)),
    "startswith": texts(2, str.startswith),
    "endswith": texts(2, str.endswith),
    "indexof": texts(2, str.find),
    "replace": texts(3, lambda text, old, new: text.replace(old, new) if old else text),
    "substring": Function(2, 3, _substring),
    "chr": pure(1, _chr),
    "regexp_matches": texts(2, _search(lambda pattern, text: pattern.search(text) is not None)),
    "regexp_substr": texts(2, _search(_first)),
    "regexp_replace": texts(3, _search(_replace_pattern)),
}
