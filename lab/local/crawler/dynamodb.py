"""A DynamoDB target: read the table, or a part of it, and describe its attributes.

Source: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-crawling.html (DynamoDBTarget)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from lab.local.crawler import types
from lab.local.crawler.catalogue import MARK, table_name
from lab.local.crawler.crawl import Crawl
from lab.local.crawler.types import Type

SAMPLE: Final = 1000
TYPES: Final = {"S": "string", "BOOL": "boolean", "B": "binary"}
SETS: Final = {"SS": "string", "NS": "double", "BS": "binary"}


def crawl(task: Crawl, target: Mapping[str, Any]) -> None:
    """Describe one table in the crawler's database; all items are read unless ``scanAll`` is false."""
    crawler = task.crawler
    source = task.client("dynamodb")
    name = target["Path"].rpartition("/")[2]
    described = source.describe_table(TableName=name)["Table"]
    items = _items(task, source, name) if target.get("scanAll", True) else _sample(source, name)
    facts = {
        "CrawlerSchemaDeserializerVersion": "1.0",
        "CrawlerSchemaSerializerVersion": "1.0",
        MARK: crawler["Name"],
        "classification": "dynamodb",
        "hashKey": _key(described, "HASH"),
        "recordCount": str(described.get("ItemCount", 0)),
        "sizeKey": str(described.get("TableSizeBytes", 0)),
        "typeOfData": "table",
    }
    sort_key = _key(described, "RANGE")
    if sort_key:
        facts["rangeKey"] = sort_key
    task.catalogue.put(
        {
            "Name": table_name(crawler.get("TablePrefix", ""), name),
            "TableType": "EXTERNAL_TABLE",
            "Parameters": facts,
            "PartitionKeys": [],
            "StorageDescriptor": {
                "Columns": columns(described, items),
                "Location": described["TableArn"],
                "Compressed": False,
                "SerdeInfo": {},
                "Parameters": facts,
            },
        }
    )


def columns(described: Mapping[str, Any], items: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return the columns: key attributes and those found in the items, by name."""
    keys = described["AttributeDefinitions"]
    found: dict[str, Type] = {}
    for item in items:
        for name, value in item.items():
            found[name.lower()] = types.widen(found.get(name.lower()), _type(value))
    for key in keys:
        name = key["AttributeName"].lower()
        found[name] = found.get(name) or ("double" if key["AttributeType"] == "N" else "string")
    return [{"Name": name, "Type": types.text(kind)} for name, kind in sorted(found.items())]


def _items(task: Crawl, source: Any, name: str) -> Iterable[Mapping[str, Any]]:
    for page in source.get_paginator("scan").paginate(TableName=name):
        task.check()
        yield from page["Items"]


def _sample(source: Any, name: str) -> list[Mapping[str, Any]]:
    items: list[Mapping[str, Any]] = source.scan(TableName=name, Limit=SAMPLE)["Items"]
    return items


def _key(described: Mapping[str, Any], kind: str) -> str:
    return next((key["AttributeName"] for key in described["KeySchema"] if key["KeyType"] == kind), "")


def _type(value: Mapping[str, Any]) -> Type:
    """Return the type of an attribute value. A number is whole or not; DynamoDB itself knows one kind."""
    ((kind, content),) = value.items()
    if kind == "M":
        return {name: _type(member) for name, member in sorted(content.items())}
    if kind == "L":
        element: Type = None
        for member in content:
            element = types.widen(element, _type(member))
        return [element]
    if kind in SETS:
        return [SETS[kind]]
    if kind == "N":
        return "bigint" if content.lstrip("-").isdigit() else "double"
    return TYPES.get(kind)
