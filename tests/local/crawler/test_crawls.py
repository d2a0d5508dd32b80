"""Crawls under way: their states, their end, and the times at which they start."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest

from lab.local.context import Context, Credentials
from lab.local.crawler import Crawlers
from lab.local.crawler.starts import Starts
from lab.local.edge import Call
from lab.local.errors import AwsError
from tests.local.crawler.room import REGION, SECONDS, Room


def test_when_a_crawl_may_not_read_it_fails_with_the_refusal_and_is_listed(room: Room) -> None:
    room.put("a/x.json", b'{"a": 1}')
    crawler = room.create("a/")
    room.crawl(crawler)
    room.grant("glue:*", "logs:*")
    found = room.crawl(crawler, "FAILED")
    room.grant("s3:*", "glue:*", "logs:*", "dynamodb:*")
    assert "AccessDenied" in found["LastCrawl"]["ErrorMessage"]
    crawls = room.glue.list_crawls(CrawlerName=crawler)["Crawls"]
    assert [crawl["State"] for crawl in crawls] == ["FAILED", "COMPLETED"]
    assert json.loads(crawls[1]["Summary"])["TABLE"]["ADD"]["Count"] == 1
    only = [{"FieldName": "STATE", "FilterOperator": "EQ", "FieldValue": "FAILED"}]
    assert len(room.glue.list_crawls(CrawlerName=crawler, Filters=only)["Crawls"]) == 1
    page = room.glue.list_crawls(CrawlerName=crawler, MaxResults=1)
    rest = room.glue.list_crawls(CrawlerName=crawler, MaxResults=1, NextToken=page["NextToken"])
    assert [crawl["State"] for crawl in rest["Crawls"]] == ["COMPLETED"]


class Slow:
    """An S3 whose listing waits until it is let go."""

    def __init__(self) -> None:
        self.asked, self.go = threading.Event(), threading.Event()

    def get_paginator(self, _name: str) -> Any:
        return self

    def paginate(self, **_request: Any) -> list[dict[str, Any]]:
        self.asked.set()
        assert self.go.wait(SECONDS)
        return [{"Contents": []}]


def slow_crawlers(folder: Path, slow: Slow, bus: list[Mapping[str, Any]] | None = None) -> Crawlers:
    def client(_role: str, _principal: str, service: str) -> Any:
        if service == "s3":
            return slow
        made = MagicMock()
        made.exceptions.ClientError = made.exceptions.ResourceAlreadyExistsException = KeyError
        made.get_paginator.return_value.paginate.return_value = []
        return made

    context = Context(
        endpoint="http://127.0.0.1:1",
        region=REGION,
        account="000000000000",
        state=folder,
        objects=folder,
        service_client=lambda _service: None,
        assume=lambda _role, _principal: Credentials("a", "b"),
        role_client=client,
        now=time.time,
    )

    def tell(kind: str, detail: Mapping[str, Any]) -> None:
        assert kind == "Glue Crawler State Change"
        if bus is not None:
            bus.append(detail)

    return Crawlers(context, tell)


def ask(crawlers: Crawlers, operation: str, **payload: Any) -> dict[str, Any]:
    return crawlers.operations[operation](Call("glue", operation, payload, "000000000000", REGION, {}))


def test_when_a_crawl_is_under_way_it_can_be_stopped_and_nothing_else(tmp_path: Path) -> None:
    slow = Slow()
    crawlers = slow_crawlers(tmp_path, slow)
    target = {"S3Targets": [{"Path": "s3://b/"}]}
    ask(crawlers, "CreateCrawler", Name="c", Role="r", DatabaseName="d", Targets=target)
    ask(crawlers, "StartCrawler", Name="c")
    assert slow.asked.wait(SECONDS)
    for operation in ("StartCrawler", "UpdateCrawler", "DeleteCrawler"):
        with pytest.raises(AwsError, match="CrawlerRunningException: Crawler with name c has already started"):
            ask(crawlers, operation, Name="c")
    assert ask(crawlers, "GetCrawler", Name="c")["Crawler"]["State"] == "RUNNING"
    assert ask(crawlers, "ListCrawls", CrawlerName="c")["Crawls"][0]["State"] == "RUNNING"
    ask(crawlers, "StopCrawler", Name="c")
    assert ask(crawlers, "GetCrawler", Name="c")["Crawler"]["State"] == "STOPPING"
    with pytest.raises(AwsError, match="CrawlerStoppingException"):
        ask(crawlers, "StopCrawler", Name="c")

    again = slow_crawlers(tmp_path, slow)  # what a start after a crash at this moment finds
    last = ask(again, "GetCrawler", Name="c")["Crawler"]
    assert (last["State"], last["LastCrawl"]["Status"]) == ("READY", "FAILED")
    assert last["LastCrawl"]["ErrorMessage"] == "The service restarted while the crawler was running."

    slow.go.set()
    for thread in crawlers._threads:
        thread.join(SECONDS)
    last = ask(crawlers, "GetCrawler", Name="c")["Crawler"]
    assert (last["State"], last["LastCrawl"]["Status"]) == ("READY", "CANCELLED")


def test_when_a_scheduled_time_comes_the_crawler_is_started_once_and_never_for_times_that_passed() -> None:
    now = [1_772_193_600.0]  # 2026-02-27T12:00:00Z
    expressions = {"hourly": "cron(0 * * * ? *)", "nightly": "cron(30 12 * * ? *)"}
    started: list[tuple[str, float]] = []
    starts = Starts(lambda: expressions, lambda name: started.append((name, now[0])), lambda: now[0])
    began = now[0]
    for _ in range(2 * 120):
        assert starts.turn() <= 30
        now[0] += 30
    assert [(name, when - began) for name, when in started] == [("hourly", 0), ("nightly", 1800), ("hourly", 3600)]
    started.clear()
    now[0] += 5 * 3600  # the computer slept
    starts.turn()
    assert [name for name, _ in started] == ["hourly"]
    del expressions["hourly"]
    started.clear()
    now[0] += 3600
    starts.turn()
    assert started == []


def test_when_a_schedule_fires_the_crawler_runs(tmp_path: Path) -> None:
    slow = Slow()
    slow.go.set()
    bus: list[Mapping[str, Any]] = []
    crawlers = slow_crawlers(tmp_path, slow, bus)
    every = "cron(0 0 1 1 ? 2199)"
    target = {"S3Targets": [{"Path": "s3://b/"}]}
    ask(crawlers, "CreateCrawler", Name="c", Role="r", DatabaseName="d", Targets=target, Schedule=every)
    crawlers._starts._next = {"c": (every, time.time())}  # as if the time had come: tests do not wait for a full minute
    crawlers.start()
    assert slow.asked.wait(SECONDS)
    crawlers.stop(SECONDS)
    assert ask(crawlers, "GetCrawler", Name="c")["Crawler"]["LastCrawl"]["Status"] == "SUCCEEDED"
    assert [(event["crawlerName"], event["state"]) for event in bus] == [("c", "Started"), ("c", "Succeeded")]
    assert bus[1]["tablesCreated"] == "0"
