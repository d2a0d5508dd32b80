"""Reading CREATE EXTERNAL TABLE.

Source: https://docs.aws.amazon.com/athena/latest/ug/create-table.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from lab.local.athena import formats
from lab.local.athena.ddl import ast
from lab.local.athena.ddl.names import table_name
from lab.local.athena.errors import QueryError, SyntaxProblem, not_supported
from lab.local.athena.tokens import Tokens
from lab.local.athena.type_text import from_hive

_STORED: Final = {
    "PARQUET": (formats.PARQUET, formats.PARQUET_IN, formats.PARQUET_OUT),
    "PARQUETFILE": (formats.PARQUET, formats.PARQUET_IN, formats.PARQUET_OUT),
    "TEXTFILE": (formats.LAZY, formats.TEXT_IN, formats.TEXT_OUT),
    "JSONFILE": (formats.HIVE_JSON, formats.TEXT_IN, formats.TEXT_OUT),
}
_DELIMITED: Final = (
    (("FIELDS", "TERMINATED", "BY"), "field.delim"),
    (("ESCAPED", "BY"), "escape.delim"),
    (("COLLECTION", "ITEMS", "TERMINATED", "BY"), "collection.delim"),
    (("MAP", "KEYS", "TERMINATED", "BY"), "mapkey.delim"),
    (("LINES", "TERMINATED", "BY"), "line.delim"),
    (("NULL", "DEFINED", "AS"), "serialization.null.format"),
)


@dataclass
class _Storage:
    serde: str | None = None
    properties: dict[str, str] = field(default_factory=dict)
    input: str = formats.TEXT_IN
    output: str = formats.TEXT_OUT


def create_table(tokens: Tokens, *, external: bool) -> ast.CreateTable:
    """Read what follows CREATE [EXTERNAL] TABLE. Raises: SyntaxProblem, QueryError."""
    lenient = tokens.maybe("IF", "NOT", "EXISTS")
    name = table_name(tokens)
    table_columns = columns(tokens) if tokens.peek().upper == "(" else ()
    comment = tokens.string() if tokens.maybe("COMMENT") else None
    storage = _Storage()
    partitions: tuple[ast.ColumnDef, ...] = ()
    location, given = "", {}
    while tokens.peek().kind != "end":
        if tokens.maybe("PARTITIONED", "BY"):
            partitions = columns(tokens)
        elif tokens.maybe("ROW", "FORMAT"):
            _row_format(tokens, storage)
        elif tokens.maybe("STORED", "AS"):
            _stored_as(tokens, storage)
        elif tokens.maybe("WITH", "SERDEPROPERTIES"):
            storage.properties |= properties(tokens)
        elif tokens.maybe("LOCATION"):
            location = tokens.string()
        elif tokens.maybe("TBLPROPERTIES"):
            given = properties(tokens)
        elif tokens.maybe("COMMENT"):
            comment = tokens.string()
        elif tokens.maybe("CLUSTERED", "BY"):
            raise not_supported("CLUSTERED BY")
        else:
            tokens.fail("'PARTITIONED', 'ROW', 'STORED', 'WITH', 'LOCATION', 'TBLPROPERTIES'")
    _check_kind(given, external=external)
    if not location:
        raise SyntaxProblem("no LOCATION is specified for the external table", tokens.position(tokens.peek()))
    return ast.CreateTable(
        name=name,
        lenient=lenient,
        columns=table_columns,
        partitions=partitions,
        comment=comment,
        serde=storage.serde or formats.LAZY,
        serde_properties=storage.properties,
        input_format=storage.input,
        output_format=storage.output,
        location=location,
        properties=given,
    )


def _check_kind(given: Mapping[str, str], *, external: bool) -> None:
    if given.get("table_type", "").upper() == "ICEBERG":
        raise not_supported("CREATE TABLE of an Iceberg table (table_type = ICEBERG)")
    if not external:
        raise QueryError("INVALID_TABLE_PROPERTY", "External keyword required in query for table type")


def _row_format(tokens: Tokens, storage: _Storage) -> None:
    if tokens.maybe("SERDE"):
        storage.serde = tokens.string()
        if storage.serde == formats.PARQUET:
            storage.input, storage.output = formats.PARQUET_IN, formats.PARQUET_OUT
        return
    tokens.expect("DELIMITED")
    storage.serde = formats.LAZY
    found = True
    while found:
        found = False
        for words, key in _DELIMITED:
            if tokens.maybe(*words):
                storage.properties[key] = tokens.string()
                found = True
    if "field.delim" in storage.properties:
        storage.properties["serialization.format"] = storage.properties["field.delim"]
    if storage.properties.get("line.delim", "\n") not in ("\n", "\\n"):
        raise not_supported("LINES TERMINATED BY anything but a newline")


def _stored_as(tokens: Tokens, storage: _Storage) -> None:
    if tokens.maybe("INPUTFORMAT"):
        storage.input = tokens.string()
        tokens.expect("OUTPUTFORMAT")
        storage.output = tokens.string()
        return
    kind = tokens.take()
    if kind.upper not in _STORED:
        raise not_supported(f"STORED AS {kind.text}")
    serde, storage.input, storage.output = _STORED[kind.upper]
    storage.serde = storage.serde or serde


def columns(tokens: Tokens) -> tuple[ast.ColumnDef, ...]:
    """Columns in brackets. Raises: SyntaxProblem."""
    tokens.expect("(")
    found = [column(tokens)]
    while tokens.maybe(","):
        found.append(column(tokens))
    tokens.expect(")")
    return tuple(found)


def column(tokens: Tokens) -> ast.ColumnDef:
    """``name type [COMMENT 'text']``. Raises: SyntaxProblem when the type is none of Hive's."""
    name = tokens.name()
    start = tokens.peek()
    depth = 0
    while True:
        upper = tokens.peek().upper
        if tokens.peek().kind == "end" or (depth == 0 and (upper in (",", ")", "COMMENT"))):
            break
        depth += {"<": 1, "(": 1, ">": -1, ")": -1}.get(upper, 0)
        tokens.take()
    text = "".join(tokens.text[start.start : tokens.peek().start].lower().split())
    try:
        from_hive(text)
    except (ValueError, TypeError):
        raise SyntaxProblem(f"mismatched input '{start.text}'. Expecting: <type>", tokens.position(start)) from None
    return ast.ColumnDef(name, text, tokens.string() if tokens.maybe("COMMENT") else None)


def properties(tokens: Tokens) -> dict[str, str]:
    """``('key'='value', …)``. Raises: SyntaxProblem."""
    tokens.expect("(")
    found: dict[str, str] = {}
    while not tokens.maybe(")"):
        key = tokens.string()
        tokens.expect("=")
        found[key] = tokens.string()
        if tokens.peek().upper != ")":
            tokens.expect(",")
    return found
