"""Run a crawler and wait for it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Final

from lab import target
from lab.errors import LabError

POLL_SECONDS: Final = 0.2
LONGEST_SECONDS: Final = 900.0


@dataclass(frozen=True)
class Crawl:
    """One finished crawl: how many tables it made and changed."""

    status: str
    created: int
    updated: int


def run(crawler: str) -> Crawl:
    """Start a crawler and return when it is READY again; one that runs already is waited for first.

    Raises: LabError when the crawl fails, with the crawler's own message, or takes longer than 15 minutes.
    Source: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-crawling.html
    """
    client = target.client("glue")
    _ready(client, crawler)
    client.start_crawler(Name=crawler)
    last = _ready(client, crawler).get("LastCrawl", {})
    if last.get("Status") != "SUCCEEDED":
        message = last.get("ErrorMessage", "it left no message")
        raise LabError(f"The crawl of {crawler} ended {last.get('Status', 'without a status')}: {message}", "")
    metrics = client.get_crawler_metrics(CrawlerNameList=[crawler])["CrawlerMetricsList"][0]
    return Crawl(last["Status"], metrics.get("TablesCreated", 0), metrics.get("TablesUpdated", 0))


def columns(database: str, table: str) -> list[tuple[str, str]]:
    """Return the columns that the catalogue has for a table, partition columns last: (name, type)."""
    found = target.client("glue").get_table(DatabaseName=database, Name=table)["Table"]
    listed = [*found["StorageDescriptor"]["Columns"], *found.get("PartitionKeys", [])]
    return [(column["Name"], column["Type"]) for column in listed]


def tables(database: str) -> list[dict[str, Any]]:
    """Return the tables of a database, as the catalogue describes them."""
    pages = target.client("glue").get_paginator("get_tables").paginate(DatabaseName=database)
    return [table for page in pages for table in page["TableList"]]


def _ready(client: Any, crawler: str) -> dict[str, Any]:
    deadline = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < deadline:
        described: dict[str, Any] = client.get_crawler(Name=crawler)["Crawler"]
        if described["State"] == "READY":
            return described
        time.sleep(POLL_SECONDS)
    raise LabError(f"Crawler {crawler} is not READY after {LONGEST_SECONDS / 60:.0f} minutes.", "Look at its log.")
