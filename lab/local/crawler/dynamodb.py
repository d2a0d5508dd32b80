"""A DynamoDB target: sample the table, describe its attributes."""

from __future__ import annotations

from typing import Any, Final

from lab.local.context import Context
from lab.local.crawler.catalogue import PRINCIPAL, put_table, role_arn, table_name

SAMPLE: Final = 1000
TYPES: Final = {"S": "string", "BOOL": "boolean", "B": "binary", "SS": "array<string>", "L": "array<string>"}


def crawl(context: Context, crawler: dict[str, Any], target: dict[str, Any], counts: dict[str, int]) -> None:
    """Describe one table in the crawler's database."""
    role = role_arn(context, crawler["Role"])
    source = context.role_client(role, PRINCIPAL, "dynamodb")
    name = target["Path"].rpartition("/")[2]
    described = source.describe_table(TableName=name)["Table"]
    items = source.scan(TableName=name, Limit=SAMPLE)["Items"]
    wanted = {
        "Name": table_name(crawler.get("TablePrefix", ""), name),
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {
            "classification": "dynamodb",
            "typeOfData": "table",
            "hashKey": next(key["AttributeName"] for key in described["KeySchema"] if key["KeyType"] == "HASH"),
            "recordCount": str(described.get("ItemCount", 0)),
            "UPDATED_BY_CRAWLER": crawler["Name"],
        },
        "StorageDescriptor": {
            "Columns": columns(described, items),
            "Location": described["TableArn"],
            "Compressed": False,
            "SerdeInfo": {},
            "Parameters": {"classification": "dynamodb"},
        },
    }
    glue = context.role_client(role, PRINCIPAL, "glue")
    put_table(glue, crawler["DatabaseName"], wanted, crawler.get("SchemaChangePolicy", {}), counts)


def columns(described: dict[str, Any], items: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Return the columns: key attributes and those found in the sample, by name."""
    keys = described["AttributeDefinitions"]
    found = {item["AttributeName"]: "double" if item["AttributeType"] == "N" else "string" for item in keys}
    numbers: dict[str, list[str]] = {}
    for item in items:
        for name, value in item.items():
            ((kind, text),) = value.items()
            if kind == "N":
                numbers.setdefault(name, []).append(text)
            elif kind != "NULL":
                found[name] = _type(kind, text)
    for name, texts in numbers.items():
        found[name] = "bigint" if all(text.lstrip("-").isdigit() for text in texts) else "double"
    return [{"Name": name.lower(), "Type": kind} for name, kind in sorted(found.items())]


def _type(kind: str, value: Any) -> str:
    if kind == "M":
        members = ",".join(f"{name}:{_type(*next(iter(item.items())))}" for name, item in sorted(value.items()))
        return f"struct<{members}>"
    return "double" if kind in ("N", "NS") else TYPES.get(kind, "string")
