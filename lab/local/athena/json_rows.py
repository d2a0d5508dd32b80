"""Lines of JSON as typed columns: the Hive and the OpenX JSON SerDe.

Of a line with several documents only the first is read, as by Athena: records need a line each.
Sources: https://docs.aws.amazon.com/athena/latest/ug/openx-json-serde.html and
https://docs.aws.amazon.com/athena/latest/ug/hive-json-serde.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import count
from typing import Final

from lab.local.athena import types as t
from lab.local.athena.catalog import Column
from lab.local.athena.database import literal
from lab.local.athena.expr import failing
from lab.local.athena.formats import Format
from lab.local.athena.query import Udf
from lab.local.athena.text_rows import WHOLE

_DECODER: Final = json.JSONDecoder()


def _first_document(line: str) -> str | None:
    text = line.lstrip()
    try:
        _, end = _DECODER.raw_decode(text)
    except ValueError:
        return None
    return text[:end]


FIRST: Final = Udf("first_document", _first_document, ("VARCHAR",), "VARCHAR")


def document(format_: Format) -> str:
    """SQL of the JSON object of a column ``line``; a malformed one fails, or is NULL with ``ignore.malformed.json``."""
    first = f"CASE WHEN json_valid(line) THEN line ELSE {FIRST.name}(line) END"
    if format_.serde.get("ignore.malformed.json", "").lower() == "true":
        return f"CAST(({first}) AS JSON)"
    bad = failing(
        "HIVE_CURSOR_ERROR", "'Row is not a valid JSON Object - JSONException: ' || left(line, 200)", "VARCHAR"
    )
    return f"CAST(coalesce({first}, {bad}) AS JSON)"


def columns(format_: Format, wanted: Sequence[Column], keys: Iterable[str]) -> list[str]:
    """SQL of each wanted column over a column ``doc``.

    Parameters: keys, the members that occur in the data; names are compared without regard to case, unless the SerDe's
    ``case.insensitive`` is false, and ``mapping.<column>`` names the member of a column.
    """
    known = sorted(keys)
    folds = format_.serde.get("case.insensitive", "true").lower() != "false"
    names = count()
    found = []
    for column in wanted:
        name = format_.serde.get(f"mapping.{column.name}", column.name)
        same = [key for key in known if key == name or (folds and key.lower() == name.lower())]
        members = [f"json_extract(doc, {literal(_path(key))})" for key in same]
        if format_.serde.get("dots.in.keys", "").lower() == "true":
            members += [f"json_extract(doc, {literal(_path(key))})" for key in known if key.replace(".", "_") == name]
        value = f"coalesce({', '.join(members)})" if members else "CAST(NULL AS JSON)"
        found.append(_value(value, column.type, column.name, names))
    return found


def _path(key: str) -> str:
    return f'$."{key}"' if '"' not in key else f"/{key.replace('~', '~0').replace('/', '~1')}"


def _value(sql: str, kind: t.Type, name: str, names: count[int]) -> str:
    """The Trino value of a JSON value; what is not of the type fails."""
    text = f"json_extract_string({sql}, '$')"
    if t.is_text(kind):
        return text
    if isinstance(kind, t.Array):
        item = f"j{next(names)}"
        inner = _value(item, kind.element, name, names)
        return f"list_transform(CAST({_null(sql)} AS JSON[]), lambda {item}: {inner})"
    if isinstance(kind, t.Map):
        item = f"j{next(names)}"
        key, value = _scalar(f"{item}.key", kind.key, name), _value(f"{item}.value", kind.value, name, names)
        entries = f"map_entries(CAST({_null(sql)} AS MAP(VARCHAR, JSON)))"
        return f"map_from_entries(list_transform({entries}, lambda {item}: {{'key': {key}, 'value': {value}}}))"
    if isinstance(kind, t.Row):
        members = ", ".join(
            f"{literal(key)}: {_value(f'json_extract({sql}, {literal(_path(key))})', part, name, names)}"
            for key, (_, part) in zip(kind.keys, kind.fields, strict=True)
        )
        return f"CASE WHEN {_null(sql)} IS NOT NULL THEN {{{members}}} END"
    return _scalar(text, kind, name)


def _null(sql: str) -> str:
    return f"CASE WHEN json_type({sql}) <> 'NULL' THEN {sql} END"


def _scalar(text: str, kind: t.Type, name: str) -> str:
    storage = kind.storage
    if t.is_text(kind):
        return text
    if t.is_integer(kind):
        ok = f"regexp_full_match({text}, '{WHOLE}') AND TRY_CAST({text} AS {storage}) IS NOT NULL"
    elif kind == t.BOOLEAN:
        ok = f"lower({text}) IN ('true', 'false')"
    else:
        ok = f"TRY_CAST({text} AS {storage}) IS NOT NULL"
    message = f"'Cannot convert ' || {text} || ' of column {_quoteless(name)} to {kind.name}'"
    bad = failing("HIVE_BAD_DATA", message, storage)
    return f"CASE WHEN {text} IS NULL THEN NULL WHEN {ok} THEN CAST({text} AS {storage}) ELSE {bad} END"


def _quoteless(name: str) -> str:
    return name.replace("'", "")
