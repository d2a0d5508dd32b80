"""How the bytes of a table are to be read, as its storage descriptor says.

Source: https://docs.aws.amazon.com/athena/latest/ug/supported-serdes.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lab.local.athena.errors import QueryError, not_supported

PARQUET: Final = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
LAZY: Final = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
OPEN_CSV: Final = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
HIVE_JSON: Final = "org.apache.hive.hcatalog.data.JsonSerDe"
OPENX_JSON: Final = "org.openx.data.jsonserde.JsonSerDe"

_KINDS: Final = {
    PARQUET: "parquet",
    LAZY: "text",
    OPEN_CSV: "csv",
    HIVE_JSON: "json",
    "org.apache.hadoop.hive.serde2.JsonSerDe": "json",
    OPENX_JSON: "json",
}

PARQUET_IN: Final = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
PARQUET_OUT: Final = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"
TEXT_IN: Final = "org.apache.hadoop.mapred.TextInputFormat"
TEXT_OUT: Final = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"


@dataclass(frozen=True)
class Format:
    """How to read: ``kind`` is parquet, text (LazySimpleSerDe), csv (OpenCSVSerde) or json.

    Parameters: serde, the SerDe's own parameters; skip, the number of header lines.
    """

    kind: str
    serde: Mapping[str, str] = field(default_factory=dict)
    skip: int = 0

    @property
    def delimiter(self) -> str:
        """Between the fields of a line of text."""
        return _character(self.serde.get("field.delim") or self.serde.get("serialization.format") or "\x01")

    def separator(self, name: str, default: str) -> str:
        """A one-character parameter of the SerDe."""
        value = self.serde.get(name)
        return default if value is None else _character(value)


def of(descriptor: Mapping[str, Any], parameters: Mapping[str, str], name: str) -> Format:
    """The format of a table or partition.

    Raises: QueryError, HIVE_UNSUPPORTED_FORMAT without a SerDe (a table crawled from DynamoDB has none), NOT_SUPPORTED
    for one that this engine does not read.
    """
    info = descriptor.get("SerdeInfo") or {}
    library = info.get("SerializationLibrary")
    if not library or not descriptor.get("InputFormat"):
        raise QueryError(
            "HIVE_UNSUPPORTED_FORMAT",
            f"Unable to create input format {descriptor.get('InputFormat') or ''} for table {name}".replace("  ", " "),
        )
    if library not in _KINDS:
        raise not_supported(f"The SerDe {library} of table {name}")
    skip = parameters.get("skip.header.line.count") or (info.get("Parameters") or {}).get("skip.header.line.count")
    if parameters.get("skip.footer.line.count", "0") != "0":
        raise not_supported(f"skip.footer.line.count of table {name}")
    return Format(_KINDS[library], info.get("Parameters") or {}, int(skip or 0))


def _character(text: str) -> str:
    """A separator, which Hive lets one write as its code: ``1`` or ``\\001`` is the character 1."""
    if text.isdigit():
        return chr(int(text))
    if text.startswith("\\"):
        escapes = {"\\t": "\t", "\\n": "\n", "\\\\": "\\", "\\r": "\r"}
        if text in escapes:
            return escapes[text]
        if text[1:].isdigit():
            return chr(int(text[1:], 8))
        if text[1:2] == "u":
            return chr(int(text[2:], 16))
    return text
