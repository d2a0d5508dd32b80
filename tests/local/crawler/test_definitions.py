"""Crawlers before they crawl: made, listed, changed, tagged, scheduled, refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local.crawler.room import REGION, Room, refused


def test_when_a_schedule_is_changed_stopped_or_started_its_state_says_so(room: Room) -> None:
    crawler = room.create("a/", Schedule="cron(0 2 * * ? *)")
    shown = room.glue.get_crawler(Name=crawler)["Crawler"]["Schedule"]
    assert shown == {"ScheduleExpression": "cron(0 2 * * ? *)", "State": "SCHEDULED"}
    refused("SchedulerRunningException", room.glue.start_crawler_schedule, CrawlerName=crawler)
    room.glue.stop_crawler_schedule(CrawlerName=crawler)
    assert room.glue.get_crawler(Name=crawler)["Crawler"]["Schedule"]["State"] == "NOT_SCHEDULED"
    refused("SchedulerNotRunningException", room.glue.stop_crawler_schedule, CrawlerName=crawler)
    room.glue.start_crawler_schedule(CrawlerName=crawler)
    room.glue.update_crawler_schedule(CrawlerName=crawler, Schedule="cron(0 3 * * ? *)")
    assert room.glue.get_crawler(Name=crawler)["Crawler"]["Schedule"]["ScheduleExpression"] == "cron(0 3 * * ? *)"
    room.glue.update_crawler_schedule(CrawlerName=crawler, Schedule="")
    assert "Schedule" not in room.glue.get_crawler(Name=crawler)["Crawler"]
    refused("NoScheduleException", room.glue.start_crawler_schedule, CrawlerName=crawler)
    refused("InvalidInputException", room.glue.update_crawler_schedule, CrawlerName=crawler, Schedule="rate(1 hour)")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"Role": "nobody"}, "Service is unable to assume provided role. Please verify role's TrustPolicy"),
        ({"Targets": {}}, "at least one target"),
        ({"Targets": {"JdbcTargets": [{"Path": "x"}]}}, "JdbcTargets: not served"),
        ({"Targets": {"S3Targets": [{"Path": "s3://b", "EventQueueArn": "q"}]}}, "EventQueueArn"),
        ({"Classifiers": ["mine"]}, "Custom classifiers are not served"),
        ({"Schedule": "cron(99 99 * * ? *)"}, "Invalid schedule expression cron(99 99 * * ? *)"),
        ({"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVENT_MODE"}}, "CRAWL_EVENT_MODE is not served"),
        ({"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}}, 'The SchemaChangePolicy for "Crawl new'),
        ({"Configuration": "{"}, "Configuration is not JSON"),
        ({"Configuration": '{"Version": 1.0, "Grouping": {"TableLevelConfiguration": 0}}'}, "whole number from 1"),
        (
            {"Configuration": '{"Version": 1.0, "CreatePartitionIndex": true}'},
            "CreatePartitionIndex True is not served",
        ),
        ({"LineageConfiguration": {"CrawlerLineageSettings": "ENABLE"}}, "Lineage is not served"),
        ({"CrawlerSecurityConfiguration": "s"}, "CrawlerSecurityConfiguration is not served"),
    ],
)
def test_when_a_crawler_asks_for_what_is_not_served_it_is_refused_and_not_made(
    room: Room, more: dict[str, Any], told: str
) -> None:
    wanted = {"Role": room.role, "Targets": {"S3Targets": [{"Path": f"s3://{room.name}/"}]}, **more}
    message = refused(
        "InvalidInputException", room.glue.create_crawler, Name=f"{room.name}-bad", DatabaseName=room.name, **wanted
    )
    assert told in message
    refused("EntityNotFoundException", room.glue.get_crawler, Name=f"{room.name}-bad")


def test_when_a_crawler_is_known_it_can_be_listed_changed_and_deleted(room: Room) -> None:
    names = sorted(room.create("a/") for _ in range(3))
    found = room.glue.batch_get_crawlers(CrawlerNames=[*names, "none"])
    assert ([item["Name"] for item in found["Crawlers"]], found["CrawlersNotFound"]) == (names, ["none"])
    listed: list[str] = []
    token: dict[str, str] = {}
    while True:
        page = room.glue.list_crawlers(MaxResults=2, **token)
        listed += page["CrawlerNames"]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert [name for name in listed if name in names] == names
    room.glue.update_crawler(Name=names[0], Description="changed")
    shown = room.glue.get_crawler(Name=names[0])["Crawler"]
    assert (shown["Description"], shown["Version"], shown["State"]) == ("changed", 2, "READY")
    assert shown["SchemaChangePolicy"]["DeleteBehavior"] == "DEPRECATE_IN_DATABASE"
    refused(
        "AlreadyExistsException",
        room.glue.create_crawler,
        Name=names[0],
        Role=room.role,
        DatabaseName=room.name,
        Targets={"S3Targets": [{"Path": "s3://b/"}]},
    )
    refused("CrawlerNotRunningException", room.glue.stop_crawler, Name=names[0])
    room.glue.delete_crawler(Name=names[0])
    refused("EntityNotFoundException", room.glue.start_crawler, Name=names[0])


def test_when_a_crawler_is_tagged_it_is_found_by_its_tags_until_it_is_deleted(room: Room) -> None:
    crawler = room.create("a/", Tags={"room": room.name, "kind": "test"})
    arn = f"arn:aws:glue:{REGION}:000000000000:crawler/{crawler}"
    assert room.glue.get_tags(ResourceArn=arn)["Tags"] == {"room": room.name, "kind": "test"}
    assert room.glue.list_crawlers(Tags={"room": room.name})["CrawlerNames"] == [crawler]
    assert room.glue.list_crawlers(Tags={"room": room.name, "kind": "other"})["CrawlerNames"] == []
    room.glue.delete_crawler(Name=crawler)
    assert room.glue.get_tags(ResourceArn=arn)["Tags"] == {}
