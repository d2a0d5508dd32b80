"""The built-in classifiers: what an object is, from its first bytes (Parquet: from its footer).

Source: https://docs.aws.amazon.com/glue/latest/dg/add-classifier.html
"""

from __future__ import annotations

import csv
import io
import json
import re
import struct
import zlib
from collections.abc import Callable
from typing import Any, Final

from lab.local.crawler import types
from lab.local.crawler.shape import UNKNOWN, Shape
from lab.local.crawler.types import Type

HEAD_BYTES: Final = 1 << 20
"""AWS reads the beginning of an object too; it does not tell how much."""

FOOTER_BYTES: Final = 1 << 16
MOST_ROWS: Final = 1000
DELIMITERS: Final = (",", "|", "\t", ";", "\x01")
LONGEST_HEADER: Final = 150
HIVE: Final = {
    "int64": "bigint",
    "int32": "int",
    "int16": "smallint",
    "int8": "tinyint",
    "bool": "boolean",
    "date32[day]": "date",
    "double": "double",
    "float": "float",
    "binary": "binary",
}
Read = Callable[[int, int], bytes]
"""From first and last position to the bytes between, both included; a negative first one counts from the end."""


def classify(read: Read) -> Shape:
    """Return the shape of an object."""
    head = read(0, HEAD_BYTES - 1)
    if head[:4] == b"PAR1":
        return Shape("parquet", parquet_columns(read), "none", {})
    compression = "none"
    complete = len(head) < HEAD_BYTES
    if head[:2] == b"\x1f\x8b":
        head, complete, compression = *_inflated(head), "gzip"
    text = head.decode("utf-8-sig", errors="replace")
    columns, paths = json_columns(text)
    if columns is not None:
        return Shape("json", columns, compression, {}, paths)
    found = csv_columns(text if complete else text[: text.rfind("\n") + 1])
    if found is not None:
        return Shape("csv", found[0], compression, found[1])
    return Shape(UNKNOWN, {}, compression, {})


def parquet_columns(read: Read) -> dict[str, Type]:
    """Return the columns that a Parquet footer names."""
    import pyarrow.parquet

    tail = read(-FOOTER_BYTES, -1)
    (length,) = struct.unpack("<I", tail[-8:-4])
    if length + 8 > len(tail):
        tail = read(-(length + 8), -1)
    schema = pyarrow.parquet.read_schema(io.BytesIO(b"PAR1" + tail[-(length + 8) :]))
    return {field.name.lower(): _hive(field.type) for field in schema}


def json_columns(text: str) -> tuple[dict[str, Type] | None, tuple[str, ...]]:
    """Return the columns of JSON values one after another, and their names as they are written; None for no JSON.

    A list at the top is one column ``array``.
    """
    decoder = json.JSONDecoder()
    columns: dict[str, Type] = {}
    names: dict[str, None] = {}
    position, seen = 0, 0
    while seen < MOST_ROWS * 10:
        position = _after_space(text, position)
        try:
            value, position = decoder.raw_decode(text, position)
        except ValueError:  # the end of what was read, or something else than JSON
            break
        if not isinstance(value, dict | list):
            return None, ()
        seen += 1
        found: dict[str, Any] = {"array": value} if isinstance(value, list) else value
        for name, member in found.items():
            names[name] = None
            columns[name.lower()] = types.widen(columns.get(name.lower()), types.of_value(member))
    return (columns, tuple(sorted(names))) if seen else (None, ())


def csv_columns(text: str) -> tuple[dict[str, Type], dict[str, str]] | None:
    """Return the columns of delimited text and its details (delimiter, header, quotes), or None for another text.

    At least two columns and two rows make a table; the first row is a header when all its cells are texts and some
    cell below is none.
    """
    for delimiter in DELIMITERS:
        try:
            reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
            rows = [row for row, _ in zip(reader, range(MOST_ROWS), strict=False) if row]
        except csv.Error:
            continue
        if len(rows) < 2 or len(rows[0]) < 2 or any(len(row) != len(rows[0]) for row in rows):
            continue
        kinds = [_column(cells) for cells in zip(*rows[1:], strict=True)]
        first = rows[0]
        named = all(_cell(cell) == "string" and len(cell) <= LONGEST_HEADER for cell in first)
        header = named and len(set(first)) == len(first) and any(kind != "string" for kind in kinds)
        if not header:
            kinds = [_column(cells) for cells in zip(*rows, strict=True)]
        names = [cell.strip().lower() for cell in first] if header else [f"col{number}" for number in range(len(first))]
        details = {
            "delimiter": delimiter,
            "areColumnsQuoted": "true" if f'"{delimiter}' in text or f'{delimiter}"' in text else "false",
            "columnsOrdered": "true",
        }
        return dict(zip(names, kinds, strict=True)), details | ({"skip.header.line.count": "1"} if header else {})
    return None


def _column(cells: tuple[str, ...]) -> Type:
    """Return the type of a column's cells; an empty cell says nothing."""
    kind: Type = None
    for cell in cells:
        if cell.strip():
            kind = types.widen(kind, _cell(cell))
    return kind or "string"


def _cell(cell: str) -> str:
    if re.fullmatch(r"\s*[+-]?\d{1,18}\s*", cell):
        return "bigint"
    if re.fullmatch(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", cell):
        return "double"
    return "string"


def _after_space(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _inflated(content: bytes) -> tuple[bytes, bool]:
    """Return what the beginning of a GZIP object holds, and whether that is all of it."""
    decoder = zlib.decompressobj(wbits=31)
    try:
        found = decoder.decompress(content, HEAD_BYTES)
    except zlib.error:
        return b"", True
    return found, decoder.eof


def _hive(kind: Any) -> Type:
    import pyarrow as pa

    if pa.types.is_struct(kind):
        return {field.name.lower(): _hive(field.type) for field in kind}
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return [_hive(kind.value_type)]
    if pa.types.is_map(kind):
        return f"map<{types.text(_hive(kind.key_type))},{types.text(_hive(kind.item_type))}>"
    if pa.types.is_timestamp(kind):
        return "timestamp"
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    return HIVE.get(str(kind), "string")
