"""Lines of delimited text as typed columns: LazySimpleSerDe and OpenCSVSerde.

LazySimpleSerDe gives NULL for a text that is not of the column's type; OpenCSVSerde fails, as Athena does.
Sources: https://docs.aws.amazon.com/athena/latest/ug/lazy-simple-serde.html and
https://docs.aws.amazon.com/athena/latest/ug/csv-serde.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Final

from lab.local.athena import types as t
from lab.local.athena.catalog import Column
from lab.local.athena.database import literal
from lab.local.athena.errors import not_supported
from lab.local.athena.expr import failing
from lab.local.athena.formats import Format
from lab.local.athena.query import Udf

WHOLE: Final = r"[+-]?\d+"
_NESTED_SEPARATORS: Final = ("\x02", "\x03", "\x04", "\x05", "\x06", "\x07", "\x08")
_EPOCH_DAY: Final = "DATE '1970-01-01'"


def lazy(format_: Format, columns: Sequence[Column], wanted: Sequence[Column]) -> tuple[list[str], list[Udf]]:
    """SQL of each wanted column over a column ``line``, in LazySimpleSerDe's way."""
    escape = format_.serde.get("escape.delim")
    udfs = []
    if escape:
        cut = Udf(
            f"split_escaped_{ord(format_.delimiter)}_{ord(escape[0])}",
            _escaped_splitter(format_.delimiter, escape[0]),
            ("VARCHAR",),
            "VARCHAR[]",
        )
        udfs.append(cut)
        fields = f"{cut.name}(line)"
    else:
        fields = f"string_split(line, {literal(format_.delimiter)})"
    separators = [
        format_.separator("collection.delim", "\x02"),
        format_.separator("mapkey.delim", "\x03"),
        *_NESTED_SEPARATORS[2:],
    ]
    null = literal(format_.serde.get("serialization.null.format", "\\N"))
    names = count()
    places = {column.name: place for place, column in enumerate(columns, 1)}
    cells = (f"nullif({fields}[{places[column.name]}], {null})" for column in wanted)
    return [_lazy(cell, column.type, separators, names) for cell, column in zip(cells, wanted, strict=True)], udfs


def _lazy(sql: str, kind: t.Type, separators: Sequence[str], names: count[int]) -> str:
    if t.is_text(kind):
        return sql
    if t.is_integer(kind):
        return f"CASE WHEN regexp_full_match({sql}, '{WHOLE}') THEN TRY_CAST({sql} AS {kind.storage}) END"
    if kind == t.BOOLEAN:
        return f"CASE lower({sql}) WHEN 'true' THEN true WHEN 'false' THEN false END"
    if kind == t.VARBINARY:
        return f"TRY(from_base64({sql}))"
    if isinstance(kind, t.Array | t.Map | t.Row):
        return _lazy_nested(sql, kind, separators, names)
    return f"TRY_CAST({sql} AS {kind.storage})"


def _lazy_nested(sql: str, kind: t.Type, separators: Sequence[str], names: count[int]) -> str:
    separator, deeper = literal(separators[0]), separators[1:]
    name = f"p{next(names)}"
    items = f"CASE WHEN {sql} = '' THEN [] ELSE string_split({sql}, {separator}) END"
    if isinstance(kind, t.Array):
        return f"list_transform({items}, lambda {name}: {_lazy(name, kind.element, deeper, names)})"
    if isinstance(kind, t.Map):
        pair = f"string_split({name}, {literal(deeper[0])})"
        key, value = (_lazy(f"{pair}[{i}]", part, deeper[1:], names) for i, part in ((1, kind.key), (2, kind.value)))
        entries = f"list_transform({items}, lambda {name}: {{'key': {key}, 'value': {value}}})"
        return f"CAST(map_from_entries({entries}) AS {kind.storage})"
    assert isinstance(kind, t.Row)  # noqa: S101 - the caller's three cases
    members = ", ".join(
        f"{literal(key)}: {_lazy(f'string_split({sql}, {separator})[{i}]', part, deeper, names)}"
        for i, (key, (_, part)) in enumerate(zip(kind.keys, kind.fields, strict=True), 1)
    )
    return f"CASE WHEN {sql} IS NOT NULL THEN {{{members}}} END"


def open_csv(format_: Format, columns: Sequence[Column], wanted: Sequence[Column]) -> tuple[list[str], list[Udf]]:
    """SQL of each wanted column over a column ``line``, in OpenCSVSerde's way, with quotes and escapes."""
    separator, quote, escape = (
        format_.separator(name, default)
        for name, default in (("separatorChar", ","), ("quoteChar", '"'), ("escapeChar", "\\"))
    )
    cut = Udf(
        f"split_csv_{ord(separator)}_{ord(quote)}_{ord(escape)}",
        _csv_splitter(separator, quote, escape),
        ("VARCHAR",),
        "VARCHAR[]",
    )
    plain = f"NOT contains(line, {literal(quote)}) AND NOT contains(line, {literal(escape)})"
    fields = f"CASE WHEN {plain} THEN string_split(line, {literal(separator)}) ELSE {cut.name}(line) END"
    places = {column.name: place for place, column in enumerate(columns, 1)}
    return [_csv(f"({fields})[{places[column.name]}]", column.type, places[column.name]) for column in wanted], [cut]


def _csv(sql: str, kind: t.Type, place: int) -> str:
    if t.is_text(kind):
        return sql
    bad = failing(
        "HIVE_BAD_DATA",
        f"'Error parsing field value ''' || {sql} || ''' for field {place - 1}: For input string: \"' || {sql} || '\"'",
        kind.storage,
    )
    whole = f"regexp_full_match({sql}, '{WHOLE}')"
    if t.is_integer(kind):
        ok, value = whole, f"CAST({sql} AS {kind.storage})"
    elif kind in (t.DOUBLE, t.REAL) or isinstance(kind, t.Decimal):
        ok, value = f"TRY_CAST({sql} AS {kind.storage}) IS NOT NULL", f"CAST({sql} AS {kind.storage})"
    elif kind == t.BOOLEAN:
        ok, value = f"lower({sql}) IN ('true', 'false')", f"lower({sql}) = 'true'"
    elif kind == t.DATE:
        ok, value = whole, f"({_EPOCH_DAY} + CAST({sql} AS INTEGER))"
    elif isinstance(kind, t.Timestamp):
        ok, value = whole, f"make_timestamp(CAST({sql} AS BIGINT) * 1000)"
    else:
        raise not_supported(f"A column of type {kind.name} with OpenCSVSerde")
    return f"CASE WHEN {sql} IS NULL THEN NULL WHEN {ok} THEN {value} ELSE {bad} END"


def _csv_splitter(separator: str, quote: str, escape: str) -> Callable[[str], list[str]]:
    def split(line: str) -> list[str]:
        fields, field, quoted, i = [], [], False, 0
        while i < len(line):
            character = line[i]
            follows = line[i + 1 : i + 2]
            if character == escape != quote and quoted and follows in (quote, escape) and follows:
                field.append(follows)
                i += 1
            elif character == quote and quoted and follows == quote:
                field.append(quote)
                i += 1
            elif character == quote:
                quoted = not quoted
            elif character == separator and not quoted:
                fields.append("".join(field))
                field = []
            else:
                field.append(character)
            i += 1
        fields.append("".join(field))
        return fields

    return split


def _escaped_splitter(separator: str, escape: str) -> Callable[[str], list[str]]:
    def split(line: str) -> list[str]:
        fields, field, i = [], [], 0
        while i < len(line):
            if line[i] == escape and i + 1 < len(line):
                field.append(line[i + 1])
                i += 1
            elif line[i] == separator:
                fields.append("".join(field))
                field = []
            else:
                field.append(line[i])
            i += 1
        fields.append("".join(field))
        return fields

    return split
