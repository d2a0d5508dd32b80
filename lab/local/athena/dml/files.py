"""Files of rows: Parquet, lines of JSON, lines of delimited text."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, cast

from lab.local.athena.dml.encoding import Encoding
from lab.local.athena.errors import QueryError

if TYPE_CHECKING:
    import pyarrow as pa


class Writer(Protocol):
    """Writes one file."""

    def write(self, rows: pa.Table) -> None:
        """Add rows."""

    def close(self) -> None:
        """Finish the file."""


def writer(path: Path, encoding: Encoding, schema: pa.Schema) -> Writer:
    """A writer of a new file."""
    if encoding.kind == "parquet":
        return _Parquet(path, encoding, schema)
    stream = path.open("wb") if encoding.compression == "none" else cast("BinaryIO", gzip.GzipFile(path, "wb"))
    return _Json(stream) if encoding.kind == "json" else _Text(stream, encoding)


class _Parquet:
    def __init__(self, path: Path, encoding: Encoding, schema: pa.Schema) -> None:
        import pyarrow.parquet as pq

        self._file = pq.ParquetWriter(path, schema, compression=encoding.compression)

    def write(self, rows: pa.Table) -> None:
        self._file.write_table(rows)

    def close(self) -> None:
        self._file.close()


class _Json:
    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, rows: pa.Table) -> None:
        for row in rows.to_pylist(maps_as_pydicts="strict"):
            self._stream.write(as_json(row).encode() + b"\n")

    def close(self) -> None:
        self._stream.close()


class _Text:
    def __init__(self, stream: BinaryIO, encoding: Encoding) -> None:
        self._stream = stream
        self._encoding = encoding

    def write(self, rows: pa.Table) -> None:
        for row in zip(*(column.to_pylist() for column in rows.columns), strict=True):
            self._stream.write(self._encoding.delimiter.join(map(self._field, row)).encode() + b"\n")

    def _field(self, value: str | None) -> str:
        if value is None:
            return self._encoding.null
        special = (self._encoding.delimiter, "\n", "\r")
        escape = self._encoding.escape
        if escape is not None:
            for character in (escape, *special):
                value = value.replace(character, escape + character)
        elif any(character in value for character in special):
            raise QueryError(
                "HIVE_WRITER_DATA_ERROR",
                "A value holds the field delimiter or a line end, and text without an escape character cannot hold it",
            )
        return value

    def close(self) -> None:
        self._stream.close()


def as_json(value: Any) -> str:
    """A value as JSON: numbers keep their digits, times have Hive's form."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{as_json(str(key))}: {as_json(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_json, value)) + "]"
    if isinstance(value, Decimal):
        return format(value, "f")
    return json.dumps(_as_text(value), ensure_ascii=False)


def _as_text(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="milliseconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    return value
