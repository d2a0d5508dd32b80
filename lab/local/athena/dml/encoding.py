"""Into what files rows are written: format, compression, and for text what stands between the fields.

Source: https://docs.aws.amazon.com/athena/latest/ug/compression-formats.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lab.local.athena import formats
from lab.local.athena.errors import QueryError, not_supported
from lab.local.athena.glue_catalog import GlueTable

DEFAULT_COMPRESSION: Final = "GZIP"
_FORMATS: Final = {"PARQUET": "parquet", "JSON": "json", "TEXTFILE": "text"}
_COMPRESSIONS: Final = {
    "parquet": {"GZIP": "gzip", "SNAPPY": "snappy", "ZSTD": "zstd", "NONE": "none", "UNCOMPRESSED": "none"},
    "json": {"GZIP": "gzip", "NONE": "none"},
    "text": {"GZIP": "gzip", "NONE": "none"},
}
_SERDES: Final = {
    "parquet": (formats.PARQUET, formats.PARQUET_IN, formats.PARQUET_OUT),
    "json": (formats.HIVE_JSON, formats.TEXT_IN, formats.TEXT_OUT),
    "text": (formats.LAZY, formats.TEXT_IN, formats.TEXT_OUT),
}


@dataclass(frozen=True)
class Encoding:
    """``kind`` is parquet, json or text; ``compression`` gzip, snappy, zstd or none; the rest is for text only.

    Parameters: escape, put before a delimiter inside a value; without one such a value cannot be written.
    """

    kind: str
    compression: str
    delimiter: str = "\x01"
    null: str = "\\N"
    escape: str | None = None

    @property
    def suffix(self) -> str:
        """What the names of the files end with, so that readers know that text is compressed."""
        return ".gz" if self.kind != "parquet" and self.compression == "gzip" else ""

    @property
    def storage(self) -> tuple[str, str, str]:
        """SerDe, input format and output format of a table of such files."""
        return _SERDES[self.kind]


def encoding(format_name: str, compression: str | None, delimiter: str | None) -> Encoding:
    """The encoding that properties ask for. Raises: QueryError for one that this engine does not write."""
    kind = _FORMATS.get(format_name.upper())
    if kind is None:
        if format_name.upper() not in ("ORC", "AVRO", "ION"):
            raise QueryError(
                "INVALID_TABLE_PROPERTY", f"line 1:1: Unable to set table property 'format' to '{format_name}'"
            )
        raise not_supported(f"Writing {format_name.upper()}")
    return Encoding(kind, _compression(kind, compression or DEFAULT_COMPRESSION), delimiter or "\x01")


def of_table(table: GlueTable) -> Encoding:
    """How rows are added to a table. Raises: QueryError for a table that this engine does not write."""
    kind = table.format.kind
    name = f"{table.database}.{table.name}"
    if kind not in _COMPRESSIONS:
        raise not_supported(f"INSERT into the table {name} of OpenCSVSerde")
    if table.format.skip:
        raise not_supported(f"INSERT into the table {name}, whose files begin with a header")
    if table.document["StorageDescriptor"].get("BucketColumns"):
        raise not_supported(f"INSERT into the bucketed table {name}")
    properties = table.parameters
    named = properties.get("write.compression") or properties.get("parquet.compression") or DEFAULT_COMPRESSION
    return Encoding(
        kind,
        _compression(kind, named),
        table.format.delimiter,
        table.format.serde.get("serialization.null.format", "\\N"),
        (table.format.serde.get("escape.delim") or "")[:1] or None,
    )


def _compression(kind: str, name: str) -> str:
    found = _COMPRESSIONS[kind].get(name.upper())
    if found is None:
        raise not_supported(f"Writing {kind} with the compression {name.upper()}")
    return found
