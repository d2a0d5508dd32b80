"""How a table of each classification is read: formats and serialisers, as crawlers write them into the catalogue.

Source: https://docs.aws.amazon.com/athena/latest/ug/supported-serdes.html
"""

from __future__ import annotations

from typing import Any, Final

from lab.local.crawler import types
from lab.local.crawler.shape import Shape

TEXT: Final = {
    "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
}
PARQUET: Final = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
}
PARQUET_SERDE: Final = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
JSON_SERDE: Final = "org.openx.data.jsonserde.JsonSerDe"
CSV_SERDE: Final = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"


def columns(shape: Shape) -> list[dict[str, str]]:
    """Return the columns as the catalogue holds them."""
    return [{"Name": name, "Type": types.text(kind)} for name, kind in shape.columns.items()]


def descriptor(shape: Shape, location: str, parameters: dict[str, str]) -> dict[str, Any]:
    """Return the storage descriptor of a table or a partition. Parameters: location, an s3 URL."""
    formats, serde = _formats(shape)
    return {
        "Columns": columns(shape),
        "Location": location,
        "Compressed": shape.compression != "none",
        "NumberOfBuckets": -1,
        **formats,
        "SerdeInfo": serde,
        "BucketColumns": [],
        "SortColumns": [],
        "StoredAsSubDirectories": False,
        "Parameters": parameters,
    }


def _formats(shape: Shape) -> tuple[dict[str, str], dict[str, Any]]:
    if shape.classification == "parquet":
        return PARQUET, {"SerializationLibrary": PARQUET_SERDE, "Parameters": {"serialization.format": "1"}}
    if shape.classification == "json":
        return TEXT, {"SerializationLibrary": JSON_SERDE, "Parameters": {"paths": ",".join(shape.paths)}}
    if shape.classification == "csv":
        return TEXT, {"SerializationLibrary": CSV_SERDE, "Parameters": {"field.delim": shape.details["delimiter"]}}
    return {}, {}
