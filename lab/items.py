"""Readings as they lie in the Level 1 table: count them, read a device's, wait for one."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any, Final

from boto3.dynamodb.types import TypeDeserializer

from lab import target
from lab.errors import LabError

POLL_SECONDS: Final = 0.02
_DESERIALIZER: Final = TypeDeserializer()


def count(table: str) -> int:
    """Return how many items a table holds, by a consistent scan (DescribeTable's figure is hours old)."""
    pages = target.client("dynamodb").get_paginator("scan")
    return sum(page["Count"] for page in pages.paginate(TableName=table, Select="COUNT", ConsistentRead=True))


def count_of(table: str, device_id: str, first: float, last: float) -> int:
    """Return how many readings of a device lie between two timestamps (Unix seconds, both included)."""
    return sum(page["Count"] for page in _pages(table, device_id, first, last, Select="COUNT"))


def of_device(table: str, device_id: str, first: float, last: float) -> list[dict[str, Any]]:
    """Return a device's readings between two timestamps, in the order of time, numbers as int or float."""
    return [plain(item) for page in _pages(table, device_id, first, last) for item in page["Items"]]


def remove(table: str, device_id: str, first: float, last: float) -> int:
    """Remove a device's readings between two timestamps (Unix seconds, both included); return how many there were."""
    client, removed = target.client("dynamodb"), 0
    for page in _pages(table, device_id, first, last):
        for item in page["Items"]:
            client.delete_item(TableName=table, Key={name: item[name] for name in ("device_id", "timestamp")})
            removed += 1
    return removed


def wait_for(table: str, device_id: str, timestamp: float, seconds: float = 10.0) -> dict[str, Any]:
    """Return one reading as soon as it is in the table.

    Raises: LabError when it is not there after ``seconds``.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = of_device(table, device_id, timestamp, timestamp)
        if found:
            return found[0]
        if time.monotonic() > deadline:
            raise LabError(
                f"The reading of {device_id} at {timestamp} is not in {table} after {seconds:.0f} s.",
                "Read the rule's error log: notebook 13 shows how.",
            )
        time.sleep(POLL_SECONDS)


def typed(table: str, device_id: str, timestamp: float) -> dict[str, Any]:
    """Return one reading as DynamoDB keeps it, each value with its type; empty when there is none."""
    key = {"device_id": {"S": device_id}, "timestamp": {"N": str(timestamp)}}
    answer = target.client("dynamodb").get_item(TableName=table, Key=key, ConsistentRead=True)
    return dict(answer.get("Item", {}))


def plain(item: dict[str, Any]) -> dict[str, Any]:
    """Return an item of the DynamoDB API as plain Python values: whole numbers as int, others as float."""
    values = {name: _DESERIALIZER.deserialize(value) for name, value in item.items()}
    return {name: _number(value) if isinstance(value, Decimal) else value for name, value in values.items()}


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _pages(table: str, device_id: str, first: float, last: float, **options: Any) -> Any:
    return (
        target.client("dynamodb")
        .get_paginator("query")
        .paginate(
            TableName=table,
            ConsistentRead=True,
            KeyConditionExpression="device_id = :device AND #time BETWEEN :first AND :last",
            ExpressionAttributeNames={"#time": "timestamp"},
            ExpressionAttributeValues={
                ":device": {"S": device_id},
                ":first": {"N": str(first)},
                ":last": {"N": str(last)},
            },
            **options,
        )
    )
