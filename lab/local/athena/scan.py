"""The relation behind a mention of a Glue table: which files are read, how, and with which types."""

# ruff: noqa: S608 - SQL is what this module makes, of quoted names and literals
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lab.local.athena import json_rows, text_rows
from lab.local.athena import types as t
from lab.local.athena.catalog import Column
from lab.local.athena.database import literal
from lab.local.athena.glue_catalog import HIDDEN, GlueTable
from lab.local.athena.objects import S3Object
from lab.local.athena.partitions import NULL, Partition
from lab.local.athena.query import Udf
from lab.local.athena.types import quoted

if TYPE_CHECKING:
    from lab.local.athena.formats import Format

LINE_BYTES: Final = 64 * 1024 * 1024
"""The longest line, and the buffer: DuckDB's own would be sixteen times as large for each file that is read."""
_ABSENT: Final = "\x01absent\x01"
"""What DuckDB takes for NULL in a line of text: nothing that a file holds."""


@dataclass
class Piece:
    """Partitions of one format and their objects; ``owners`` says to which partition each object belongs."""

    format: Format
    objects: list[S3Object] = field(default_factory=list)
    owners: list[Partition] = field(default_factory=list)


@dataclass(frozen=True)
class Relation:
    """SQL of a relation with the wanted columns, and what it needs of the database."""

    sql: str
    files: tuple[Path, ...]
    udfs: tuple[Udf, ...]


def pieces(partitions: Sequence[Partition], objects: Iterable[tuple[Partition, S3Object]]) -> list[Piece]:
    """Group objects by the format in which they are to be read.

    An object of two partitions, which have the same location, is in two pieces: in one, its file tells its partition.
    """
    found: dict[tuple[str, int], Piece] = {(repr(one.format), 0): Piece(one.format) for one in partitions}
    times: Counter[str] = Counter()
    for partition, s3_object in objects:
        key = repr(partition.format), times[s3_object.uri]
        times[s3_object.uri] += 1
        piece = found.setdefault(key, Piece(partition.format))
        piece.objects.append(s3_object)
        piece.owners.append(partition)
    return list(found.values())


def relation(table: GlueTable, wanted: Sequence[str], found: Sequence[Piece], keys: Iterable[str]) -> Relation:
    """The relation of a table.

    Parameters: wanted, the columns that it must have, in lower case; keys, the members that occur in JSON data.
    """
    names = set(wanted)
    data = [column for column in table.data_columns if column.name in names]
    extra = [column for column in (*table.partition_columns, *HIDDEN) if column.name in names]
    parts = [_piece(table, piece, data, extra, keys) for piece in found if piece.objects]
    if not parts:
        empty = [f"CAST(NULL AS {column.type.storage}) AS {quoted(column.name)}" for column in (*data, *extra)]
        return Relation(f"SELECT {', '.join(empty) or '1'} WHERE false", (), ())
    return Relation(
        " UNION ALL ".join(sql for sql, _ in parts),
        tuple(s3_object.file for piece in found for s3_object in piece.objects),
        tuple(udf for _, udfs in parts for udf in udfs),
    )


def _piece(
    table: GlueTable, piece: Piece, data: list[Column], extra: list[Column], keys: Iterable[str]
) -> tuple[str, list[Udf]]:
    rows, udfs = _rows(table, piece, data, keys)
    columns = [f"f.{quoted(column.name)}" for column in data]
    partitions = [column for column in extra if column not in HIDDEN]
    if extra and len({owner.values for owner in piece.owners}) == 1 and len(partitions) == len(extra):
        values = dict(zip((column.name for column in table.partition_columns), piece.owners[0].values, strict=True))
        columns += [f"{_typed(values[column.name], column)} AS {quoted(column.name)}" for column in partitions]
        return f"SELECT {', '.join(columns)} FROM ({rows}) AS f", udfs
    if not extra:
        return f"SELECT {', '.join(columns) or '1'} FROM ({rows}) AS f", udfs
    columns += [f"{_by_file(table, piece, column)} AS {quoted(column.name)}" for column in extra]
    return f"SELECT {', '.join(columns)} FROM ({rows}) AS f", udfs


def _rows(table: GlueTable, piece: Piece, data: list[Column], keys: Iterable[str]) -> tuple[str, list[Udf]]:
    """SQL with the data columns and ``$file``, and the functions that it calls."""
    files = ", ".join(literal(str(s3_object.file)) for s3_object in piece.objects)
    kind = piece.format.kind
    if kind == "parquet":
        return _parquet(files, data), []
    lines = line_reader(files, piece.format.skip)
    if kind == "json":
        documents = f'SELECT {json_rows.document(piece.format)} AS doc, "$file" FROM ({lines})'
        return _select(json_rows.columns(piece.format, data, keys), data, documents), [json_rows.FIRST]
    split = text_rows.lazy if kind == "text" else text_rows.open_csv
    cells, udfs = split(piece.format, table.data_columns, data)
    return _select(cells, data, lines), udfs


def _select(cells: Sequence[str], data: Sequence[Column], source: str) -> str:
    named = [f"{_fitted(cell, column.type)} AS {quoted(column.name)}" for cell, column in zip(cells, data, strict=True)]
    return f"SELECT {', '.join([*named, chr(34) + '$file' + chr(34)])} FROM ({source})"


def _fitted(sql: str, kind: t.Type) -> str:
    """A text cut to its type's length; ``char`` filled up with spaces."""
    if isinstance(kind, t.Varchar) and kind.length is not None:
        return f"left({sql}, {kind.length})"
    return f"rpad({sql}, {kind.length}, ' ')" if isinstance(kind, t.Char) else sql


def _parquet(files: str, data: list[Column]) -> str:
    if not data:
        return f'SELECT filename AS "$file" FROM read_parquet([{files}], filename = true, hive_partitioning = false)'
    # By name, as Athena reads Parquet: a file without a column gives NULL, one with more columns loses nothing.
    kinds = ((literal(column.name), literal(column.type.storage)) for column in data)
    entries = ", ".join(f"{name}: {{name: {name}, type: {kind}, default_value: NULL}}" for name, kind in kinds)
    names = [quoted(column.name) for column in data]
    return _select(
        names,
        data,
        f'SELECT {", ".join(names)}, filename AS "$file" FROM read_parquet([{files}], filename = true, '
        f"hive_partitioning = false, schema = MAP {{{entries}}})",
    )


def line_reader(files: str, skip: int) -> str:
    """SQL that yields each line of text files as ``line`` with its ``$file``; files may be compressed with gzip."""
    return (
        f"SELECT line, filename AS \"$file\" FROM read_csv([{files}], columns = {{'line': 'VARCHAR'}}, delim = '', "
        f"quote = '', escape = '', header = false, auto_detect = false, strict_mode = false, skip = {skip}, "
        f"nullstr = {literal(_ABSENT)}, max_line_size = {LINE_BYTES}, buffer_size = {LINE_BYTES}, filename = true)"
    )


def _by_file(table: GlueTable, piece: Piece, column: Column) -> str:
    """SQL of a column that every row of a file has in common.

    A map is looked up once for many rows, because they share their file's name; a join would hash it for each row.
    """
    files = ", ".join(literal(str(s3_object.file)) for s3_object in piece.objects)
    values = ", ".join(
        _of_file(table, partition, s3_object, column)
        for partition, s3_object in zip(piece.owners, piece.objects, strict=True)
    )
    return f'MAP([{files}], CAST([{values}] AS {column.type.storage}[]))[f."$file"]'


def _of_file(table: GlueTable, partition: Partition, s3_object: S3Object, column: Column) -> str:
    if column.name == "$path":
        return literal(s3_object.uri)
    if column.name == "$file_size":
        return str(s3_object.size)
    if column.name == "$file_modified_time":
        return f"{{'t': make_timestamp({round(s3_object.modified * 1000) * 1000}), 'z': 'UTC'}}"
    names = [known.name for known in table.partition_columns]
    text = partition.values[names.index(column.name)]
    return "NULL" if text == NULL else literal(text)


def _typed(text: str, column: Column) -> str:
    value = "NULL" if text == NULL else literal(text)
    return f"CAST({value} AS {column.type.storage})"
