"""Result objects: CSV as Athena writes it, text for DDL, and reading them back page by page.

Every value that is not NULL stands in double quotes, a NULL is nothing at all. Beside each lies ``.metadata``, which on
AWS is binary and "not human readable": neither awswrangler nor PyAthena reads it; here it is a mark of a few bytes.
Source: https://docs.aws.amazon.com/athena/latest/ug/querying-finding-output-files.html
"""

# ruff: noqa: S608 - SQL is what this module makes, of quoted names and literals
from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO, Final

from lab.local.athena import types as t
from lab.local.athena.errors import not_supported
from lab.local.athena.objects import Objects, split
from lab.local.athena.query import OutputColumn
from lab.local.athena.task import Cancellation

if TYPE_CHECKING:
    import duckdb

METADATA: Final = b"\x00athena-result-metadata\x00"
ROWS_AT_ONCE: Final = 20_000
IN_MEMORY_BYTES: Final = 16 * 1024 * 1024
LARGEST_RESULT: Final = 4 << 30


def write_csv(
    objects: Objects,
    uri: str,
    columns: Sequence[OutputColumn],
    *,
    connection: duckdb.DuckDBPyConnection,
    text_sql: str,
    cancellation: Cancellation,
) -> None:
    """Run the query and write its cells. Parameters: text_sql yields text columns ``c0``, ``c1`` …

    Raises: QueryError when the result does not end, as far as this computer's disk is concerned.
    """
    cells = [_cell(f"c{i}", column) for i, column in enumerate(columns)]
    lines = connection.execute(f"SELECT concat({', chr(44), '.join(cells)}) FROM ({text_sql})")
    with tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES) as stream:
        stream.write(header(columns))
        while rows := lines.fetchmany(ROWS_AT_ONCE):
            cancellation.check()
            stream.write("\n".join(line for (line,) in rows).encode() + b"\n")
            check_size(stream.tell())
        size = stream.tell()
        stream.seek(0)
        objects.put_file(uri, stream, size, "text/csv")  # type: ignore[arg-type]
    objects.put(f"{uri}.metadata", METADATA)


def _cell(text: str, column: OutputColumn) -> str:
    """SQL of a cell of the file. Parameters: text, the column that holds its text; a number's holds no quotes."""
    doubled = text if t.is_numeric(column.type) else f"""replace({text}, '"', '""')"""
    return f"""coalesce('"' || {doubled} || '"', '')"""


def check_size(size: int) -> None:
    """Stop a query that fills the disk. Raises: QueryError."""
    if size > LARGEST_RESULT:
        raise not_supported(f"A result of more than {LARGEST_RESULT >> 30} GiB")


def header(columns: Sequence[OutputColumn]) -> bytes:
    """The first line: the columns' names."""
    names = (column.name.replace('"', '""') for column in columns)
    return (",".join(f'"{name}"' for name in names) + "\n").encode()


def write_text(objects: Objects, uri: str, rows: Sequence[Sequence[str]]) -> None:
    """Write the result of a DDL or UTILITY statement: tabs between the cells, no header."""
    body = "".join("\t".join(row) + "\n" for row in rows)
    objects.put(uri, body.encode(), "text/plain")
    objects.put(f"{uri}.metadata", METADATA)


def read_page(objects: Objects, uri: str, start: int, most: int) -> tuple[list[list[str | None]], int | None]:
    """Up to so many rows of a result object.

    Parameters: start, a position in bytes that an earlier page ended at; most, rows.
    Returns: rows of cells and the position of the next page, None at the end. Raises: FileNotFoundError.
    """
    file = objects.file(*split(uri))
    read = _csv_rows if uri.endswith(".csv") else _text_rows
    rows: list[list[str | None]] = []
    with file.open("rb") as stream:
        stream.seek(start)
        position = start
        for row, end in read(stream, start):
            rows.append(row)
            position = end
            if len(rows) == most:
                break
    return rows, position if len(rows) == most and position < file.stat().st_size else None


def _text_rows(stream: BinaryIO, position: int) -> Iterator[tuple[list[str | None], int]]:
    for line in stream:
        position += len(line)
        yield [line.decode().rstrip("\n")], position


def _csv_rows(stream: BinaryIO, position: int) -> Iterator[tuple[list[str | None], int]]:
    """Rows and the position after each. A line goes on in the next one while a quote is open."""
    pending = b""
    for line in stream:
        pending += line
        if pending.count(b'"') % 2:
            continue
        position += len(pending)
        yield list(_cells(pending.decode().removesuffix("\n"))), position
        pending = b""


def _cells(line: str) -> Iterator[str | None]:
    at, end = 0, len(line)
    while True:
        if at < end and line[at] == '"':
            close = _closing(line, at + 1)
            yield line[at + 1 : close].replace('""', '"')
            at = close + 1
        else:
            yield None
        if at >= end:
            return
        at += 1  # the comma


def _closing(line: str, at: int) -> int:
    """Where the quoted cell that begins at ``at`` ends."""
    while True:
        quote = line.index('"', at)
        if line[quote + 1 : quote + 2] != '"':
            return quote
        at = quote + 2
