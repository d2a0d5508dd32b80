"""An S3 target: find the tables below a path, describe them and their partitions.

Source: https://docs.aws.amazon.com/glue/latest/dg/incremental-crawls.html (recrawl policy)
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from lab.local.crawler import formats, grouping
from lab.local.crawler.catalogue import MARK, table_name
from lab.local.crawler.classify import classify
from lab.local.crawler.crawl import Crawl
from lab.local.crawler.listing import Entry, listed, split
from lab.local.crawler.shape import Shape

NEW_FOLDERS: Final = "CRAWL_NEW_FOLDERS_ONLY"


def crawl(task: Crawl, target: Mapping[str, Any]) -> None:
    """Crawl one target.

    Raises: Stopped when the crawl was asked to stop; botocore's ClientError for what the role may not do.
    """
    bucket, root = split(target["Path"])
    client = task.client("s3")
    entries = listed(client, bucket, root, target.get("Exclusions", []))
    task.check()
    if task.crawler.get("RecrawlPolicy", {}).get("RecrawlBehavior") == NEW_FOLDERS:
        _crawl_new_folders(task, target, bucket, root, entries)
        return
    shapes = _shapes(task, client, bucket, entries, target.get("SampleSize"))
    places = set()
    for table in _tables(task, root, shapes):
        kept = task.catalogue.put(table_input(task.crawler, bucket, table, entries))
        places.add(kept["StorageDescriptor"]["Location"])
        if table.keys:
            task.catalogue.put_partitions(kept, _descriptors(bucket, table, kept))
    if task.crawler.get("SchemaChangePolicy", {}).get("DeleteBehavior", "DEPRECATE_IN_DATABASE") != "LOG":
        for known in task.catalogue.own():
            place = known["StorageDescriptor"].get("Location", "")
            if place.startswith(f"s3://{bucket}/{root}") and place not in places:
                task.catalogue.gone(known)


def _crawl_new_folders(task: Crawl, target: Mapping[str, Any], bucket: str, root: str, entries: list[Entry]) -> None:
    """Look into folders that no crawl has seen: they become partitions of the crawler's tables, or new tables."""
    seen = set(task.folders.get(target["Path"], []))
    new = [entry for entry in entries if entry.folder not in seen]
    shapes = _shapes(task, task.client("s3"), bucket, new, target.get("SampleSize"))
    own = {table["StorageDescriptor"].get("Location", ""): table for table in task.catalogue.own()} if seen else {}
    rest = dict(shapes)
    for place, known in sorted(own.items(), key=lambda item: -len(item[0])):
        folder = place.removeprefix(f"s3://{bucket}/")
        below = {key: shape for key, shape in rest.items() if place.endswith("/") and key.startswith(folder)}
        if below and known.get("PartitionKeys"):
            table = grouping.table(folder, below)
            task.catalogue.add_partitions(known, _descriptors(bucket, table, known))
            _tell_left_out(task, table)
        rest = {key: shape for key, shape in rest.items() if key not in below}
    for table in _tables(task, root, rest):
        kept = task.catalogue.put(table_input(task.crawler, bucket, table, new))
        if table.keys:
            task.catalogue.add_partitions(kept, _descriptors(bucket, table, kept))
    task.folders[target["Path"]] = sorted(seen | {entry.folder for entry in new})


def _shapes(task: Crawl, client: Any, bucket: str, entries: list[Entry], sample: int | None) -> dict[str, Shape]:
    """Return the shape of each object that is looked into: all, or so many of each folder, the newest first."""
    taken: dict[str, int] = {}
    found: dict[str, Shape] = {}
    for entry in sorted(entries, key=lambda entry: -entry.modified):
        task.check()
        if sample and taken.get(entry.folder, 0) >= sample:
            continue
        taken[entry.folder] = taken.get(entry.folder, 0) + 1
        found[entry.key] = task.shapes.of(bucket, entry, partial(_classified, client, bucket, entry))
    return {key: found[key] for key in sorted(found)}


def _classified(client: Any, bucket: str, entry: Entry) -> Shape:
    def read(first: int, last: int) -> bytes:
        asked = f"bytes={first}" if first < 0 else f"bytes={first}-{last}"
        content: bytes = client.get_object(Bucket=bucket, Key=entry.key, Range=asked)["Body"].read()
        return content

    return classify(read)


def _tables(task: Crawl, root: str, shapes: dict[str, Shape]) -> list[grouping.Table]:
    if not shapes:
        return []
    policy = task.crawler.get("_configuration", {}).get("Grouping", {})
    if "TableLevelConfiguration" in policy:
        found = grouping.level_tables(root, int(policy["TableLevelConfiguration"]), shapes)
    elif policy.get("TableGroupingPolicy") == "CombineCompatibleSchemas":
        found = [grouping.combined(root, shapes)]
    else:
        found = grouping.tables(root, shapes)
    for table in found:
        _tell_left_out(task, table)
    return found


def _tell_left_out(task: Crawl, table: grouping.Table) -> None:
    for folder in table.left_out:
        task.log(f"WARN : {folder} lies at another depth than the partitions of {table.place or 'the bucket'}")


def table_input(crawler: Mapping[str, Any], bucket: str, table: grouping.Table, entries: list[Entry]) -> dict[str, Any]:
    """Return a table as the catalogue takes it."""
    below = [entry for entry in entries if entry.key.startswith(table.place)]
    facts = {
        "CrawlerSchemaDeserializerVersion": "1.0",
        "CrawlerSchemaSerializerVersion": "1.0",
        MARK: crawler["Name"],
        "classification": table.shape.classification,
        "compressionType": table.shape.compression,
        "objectCount": str(len(below)),
        "sizeKey": str(sum(entry.size for entry in below)),
        "typeOfData": "file",
        **table.shape.details,
    }
    last = (table.place.rstrip("/") or bucket).rpartition("/")[2]
    return {
        "Name": table_name(crawler.get("TablePrefix", ""), last),
        "Owner": "owner",
        "Retention": 0,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": facts,
        "PartitionKeys": [{"Name": name, "Type": "string"} for name in table.keys],
        "StorageDescriptor": formats.descriptor(table.shape, f"s3://{bucket}/{table.place}", facts),
    }


def _descriptors(bucket: str, table: grouping.Table, kept: Mapping[str, Any]) -> dict[tuple[str, ...], dict[str, Any]]:
    facts = dict(kept["StorageDescriptor"].get("Parameters", {}))
    return {
        values: formats.descriptor(shape, f"s3://{bucket}/{folder}", facts)
        for values, (folder, shape) in table.partitions.items()
    }
