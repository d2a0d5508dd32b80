"""An S3 target: find the tables below a path, read their columns, register their partitions."""

from __future__ import annotations

import gzip
import io
import json
import re
from typing import Any, Final

from lab.local.context import Context
from lab.local.crawler.catalogue import PRINCIPAL, put_partitions, put_table, role_arn, table_name

PARQUET: Final = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {
        "SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
        "Parameters": {"serialization.format": "1"},
    },
}
JSON_LINES: Final = {
    "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe", "Parameters": {}},
}
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
_PARTITION: Final = re.compile(r"^([^=/]+)=([^/]*)$")


def crawl(context: Context, crawler: dict[str, Any], target: dict[str, Any], counts: dict[str, int]) -> None:
    """Describe the table below one path in the crawler's database."""
    role = role_arn(context, crawler["Role"])
    source = context.role_client(role, PRINCIPAL, "s3")
    bucket, _, folder = target["Path"].removeprefix("s3://").partition("/")
    folder = folder.rstrip("/") + "/" if folder.strip("/") else ""
    objects = _objects(source, bucket, folder)
    if not objects:
        return
    newest = max(objects, key=lambda item: item["LastModified"])
    columns, kind = _schema(source, bucket, newest["Key"])
    formats = PARQUET if kind == "parquet" else JSON_LINES
    location = f"s3://{bucket}/{folder}"
    descriptor = {"Columns": columns, "Location": location, "Compressed": False, "NumberOfBuckets": -1, **formats}
    keys, partitions = _partitions(objects, folder, location, descriptor)
    parameters = {"classification": kind, "typeOfData": "file", "UPDATED_BY_CRAWLER": crawler["Name"]}
    wanted: dict[str, Any] = {
        "Name": table_name(crawler.get("TablePrefix", ""), (folder or bucket).rstrip("/").rpartition("/")[2]),
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {**parameters, "EXTERNAL": "TRUE"},
        "PartitionKeys": [{"Name": name, "Type": "string"} for name in keys],
        "StorageDescriptor": {**descriptor, "Parameters": parameters},
    }
    glue = context.role_client(role, PRINCIPAL, "glue")
    put_table(glue, crawler["DatabaseName"], wanted, crawler.get("SchemaChangePolicy", {}), counts)
    if keys:
        put_partitions(glue, crawler["DatabaseName"], wanted["Name"], partitions)


def _objects(client: Any, bucket: str, folder: str) -> list[dict[str, Any]]:
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder)
    found = [item for page in pages for item in page.get("Contents", [])]
    return [item for item in found if item["Size"] and not item["Key"].rpartition("/")[2].startswith(("_", "."))]


def _partitions(
    objects: list[dict[str, Any]], folder: str, location: str, descriptor: dict[str, Any]
) -> tuple[list[str], dict[tuple[str, ...], dict[str, Any]]]:
    """Return the partition keys, and the descriptor of each partition by its values."""
    keys: list[str] = []
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for item in objects:
        parts = item["Key"].removeprefix(folder).split("/")[:-1]
        pairs = [match.groups() for part in parts if (match := _PARTITION.match(part))]
        if len(pairs) != len(parts) or not pairs:
            return [], {}
        keys = [name for name, _ in pairs]
        place = f"{location}{'/'.join(parts)}/"
        found[tuple(value for _, value in pairs)] = {**descriptor, "Location": place}
    return keys, found


def _schema(client: Any, bucket: str, key: str) -> tuple[list[dict[str, str]], str]:
    """Return an object's columns and its classification."""
    body: bytes = client.get_object(Bucket=bucket, Key=key)["Body"].read()
    if body[:4] == b"PAR1":
        return _parquet(body), "parquet"
    if body[:2] == b"\x1f\x8b":
        body = gzip.decompress(body)
    first = json.loads(body.splitlines()[0])
    kinds = {bool: "boolean", int: "int", float: "double", str: "string"}
    return [{"Name": name.lower(), "Type": kinds.get(type(value), "string")} for name, value in first.items()], "json"


def _parquet(body: bytes) -> list[dict[str, str]]:
    import pyarrow.parquet

    schema = pyarrow.parquet.read_schema(io.BytesIO(body))
    return [{"Name": field.name.lower(), "Type": _hive(field.type)} for field in schema]


def _hive(kind: Any) -> str:
    text = str(kind)
    if text.startswith("timestamp"):
        return "timestamp"
    if text.startswith("decimal"):
        return "decimal" + text[text.index("(") :].replace(" ", "")
    return HIVE.get(text, "string")
