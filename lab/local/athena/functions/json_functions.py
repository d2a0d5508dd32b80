"""JSON functions. JSON is held as compact text. Source: https://trino.io/docs/current/functions/json.html"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from lab.local.athena.cast_json import dump
from lab.local.athena.functions.signature import Table, python, scalar

TABLE: Table = {}
_STEP = re.compile(
    r"\.([A-Za-z_][\w-]*|\*)|\.\"((?:[^\"\\]|\\.)*)\"|\[(-?\d+|\*)\]|\[([A-Za-z_]\w*)\]|\[\"((?:[^\"\\]|\\.)*)\"\]|\['([^']*)'\]|(\.\.)"
)


class _Missing:
    """What a path finds where there is nothing."""


_MISSING = _Missing()


def _load(text: str) -> Any:
    try:
        return json.loads(text, parse_float=Decimal)
    except ValueError:
        return _MISSING


def _steps(path: str) -> list[str | int]:
    if not path.startswith("$"):
        raise ValueError(f"TRINO:INVALID_FUNCTION_ARGUMENT:Invalid JSON path: '{path}':END")
    found: list[str | int] = []
    at = 1
    while at < len(path):
        match = _STEP.match(path, at)
        if not match:
            raise ValueError(f"TRINO:INVALID_FUNCTION_ARGUMENT:Invalid JSON path: '{path}':END")
        name, quoted, index, bare, bracketed, single, deep = match.groups()
        if deep or "*" in (name, index):
            raise ValueError(
                f"TRINO:NOT_SUPPORTED:JSON path with a wildcard '{path}' is not supported by this engine:END"
            )
        word = next((part for part in (name, quoted, bare, bracketed, single) if part is not None), None)
        found.append(int(index) if word is None else word)
        at = match.end()
    return found


def _find(text: str, path: str) -> Any:
    value = _load(text)
    for step in _steps(path):
        if isinstance(step, str) and isinstance(value, dict):
            value = value.get(step, _MISSING)
        elif isinstance(step, int) and isinstance(value, list) and 0 <= step < len(value):
            value = value[step]
        elif isinstance(step, int) and isinstance(value, dict):
            value = value.get(str(step), _MISSING)
        else:
            return _MISSING
    return value


def json_extract_scalar(text: str, path: str) -> str | None:
    """The text of a string, number or boolean at the path; else NULL."""
    return _scalar(_find(text, path))


def _scalar(value: Any) -> str | None:
    if value is None or isinstance(value, dict | list | _Missing):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def json_extract(text: str, path: str) -> str | None:
    """The JSON at the path; NULL where there is none."""
    value = _find(text, path)
    return None if isinstance(value, _Missing) else dump(value)


def json_parse(text: str) -> str:
    """Text as JSON. Raises ValueError with Trino's name when it is not."""
    value = _load(text)
    if isinstance(value, _Missing):
        raise ValueError(f"TRINO:INVALID_FUNCTION_ARGUMENT:Cannot convert value to JSON: '{text[:200]}':END")
    return dump(value)


def is_json(text: str) -> bool:
    """Whether a text is JSON."""
    return not isinstance(_load(text), _Missing)


def json_size(text: str, path: str) -> int | None:
    """Members of an object or elements of an array; 0 for a scalar."""
    value = _find(text, path)
    if isinstance(value, _Missing):
        return None
    return len(value) if isinstance(value, dict | list) else 0


def json_array_length(text: str) -> int | None:
    """Elements of an array; NULL if it is none."""
    value = _load(text)
    return len(value) if isinstance(value, list) else None


def json_array_get(text: str, index: int) -> str | None:
    """The element at an index from 0, or from the end if negative; a string without its quotes, as Trino has it."""
    value = _load(text)
    if not isinstance(value, list) or not -len(value) <= index < len(value):
        return None
    found = value[index]
    return found if found is None or isinstance(found, str) else dump(found)


def is_json_scalar(text: str) -> bool:
    """Whether it is a number, string, boolean or null."""
    return not isinstance(_load(json_parse(text)), dict | list)


def _contains(text: str, wanted: Any, kinds: tuple[type, ...]) -> bool | None:
    value = _load(text)
    if not isinstance(value, list):
        return None
    return any(
        isinstance(item, kinds) and isinstance(item, bool) == isinstance(wanted, bool) and item == wanted
        for item in value
    )


def json_array_contains_text(text: str, value: str) -> bool | None:
    """Whether an element is that string."""
    return _contains(text, value, (str,))


def json_array_contains_integer(text: str, value: int) -> bool | None:
    """Whether an element is that number, written without a fraction."""
    return _contains(text, value, (int,))


def json_array_contains_fraction(text: str, value: float) -> bool | None:
    """Whether an element is that number, written with a fraction or an exponent."""
    return _contains(text, Decimal(repr(value)), (Decimal,))


def json_array_contains_boolean(text: str, value: bool) -> bool | None:
    """Whether an element is that boolean."""
    return _contains(text, value, (bool,))


for _kind in ("json", "varchar"):
    python(
        TABLE,
        (f"json_extract({_kind}, varchar) -> json", json_extract),
        (f"json_size({_kind}, varchar) -> bigint", json_size),
        (f"json_array_length({_kind}) -> bigint", json_array_length),
        (f"json_array_get({_kind}, bigint) -> json", json_array_get),
        (f"is_json_scalar({_kind}) -> boolean", is_json_scalar),
        (f"json_array_contains({_kind}, varchar) -> boolean", json_array_contains_text),
        (f"json_array_contains({_kind}, boolean) -> boolean", json_array_contains_boolean),
        (f"json_array_contains({_kind}, bigint) -> boolean", json_array_contains_integer),
        (f"json_array_contains({_kind}, double) -> boolean", json_array_contains_fraction),
    )
python(TABLE, ("json_extract_scalar(json, varchar) -> varchar", json_extract_scalar))
python(TABLE, ("json_extract_scalar(X, varchar) -> X", json_extract_scalar))
python(TABLE, ("json_parse(varchar) -> json", json_parse))
scalar(TABLE, ("json_format(json) -> varchar", "{0}"))
