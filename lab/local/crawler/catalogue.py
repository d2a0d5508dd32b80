"""What a crawl writes: tables and partitions, made or changed as the schema change policy says."""

from __future__ import annotations

import re
from typing import Any, Final

from lab.local.context import Context

PRINCIPAL: Final = "glue.amazonaws.com"
BATCH: Final = 100


def table_name(prefix: str, last: str) -> str:
    """Return a table's name as crawlers make them: lower case, anything but letters, digits and ``_`` an underscore."""
    return re.sub(r"[^a-z0-9_]", "_", (prefix + last).lower())


def role_arn(context: Context, role: str) -> str:
    """Return a role's ARN; crawlers may name it with its path alone."""
    return role if role.startswith("arn:") else f"arn:aws:iam::{context.account}:role/{role}"


def put_table(
    client: Any, database: str, wanted: dict[str, Any], policy: dict[str, Any], counts: dict[str, int]
) -> None:
    """Create a table, or update the one that is there when its columns changed and the policy lets it."""
    try:
        found = client.get_table(DatabaseName=database, Name=wanted["Name"])["Table"]
    except client.exceptions.EntityNotFoundException:
        client.create_table(DatabaseName=database, TableInput=wanted)
        counts["created"] += 1
        return
    known = found["StorageDescriptor"]["Columns"]
    names = {column["Name"] for column in known}
    merged = known + [column for column in wanted["StorageDescriptor"]["Columns"] if column["Name"] not in names]
    if policy.get("UpdateBehavior", "UPDATE_IN_DATABASE") != "UPDATE_IN_DATABASE" or merged == known:
        return
    wanted = {**wanted, "StorageDescriptor": {**wanted["StorageDescriptor"], "Columns": merged}}
    client.update_table(DatabaseName=database, TableInput=wanted)
    counts["updated"] += 1


def put_partitions(client: Any, database: str, table: str, partitions: dict[tuple[str, ...], dict[str, Any]]) -> None:
    """Register the partitions that the catalogue does not know. partitions: values → storage descriptor."""
    pages = client.get_paginator("get_partitions").paginate(DatabaseName=database, TableName=table)
    known = {tuple(partition["Values"]) for page in pages for partition in page["Partitions"]}
    new = [
        {"Values": list(values), "StorageDescriptor": descriptor, "Parameters": {}}
        for values, descriptor in sorted(partitions.items())
        if values not in known
    ]
    for first in range(0, len(new), BATCH):
        answer = client.batch_create_partition(
            DatabaseName=database, TableName=table, PartitionInputList=new[first : first + BATCH]
        )
        if answer.get("Errors"):
            raise RuntimeError(f"partitions were not registered: {answer['Errors'][0]}")
