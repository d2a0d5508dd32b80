from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from lab import cost
from lab.errors import LabError

STREAM: Mapping[str, Any] = {"Resources": {"S": {"Type": "AWS::Kinesis::Stream", "Properties": {"ShardCount": 2}}}}


def test_a_price_file_is_dated_and_every_price_has_a_source() -> None:
    document = cost.prices()
    newest = max(cost.PRICES.glob("prices-*.json"))
    assert newest.stem.removeprefix("prices-") == document["date"][:7]
    assert date.fromisoformat(document["date"])
    for name, price in document["prices"].items():
        assert price["usd"] > 0, name
        assert price["unit"]
        assert price["source"].startswith("https://aws.amazon.com/")


def test_two_shards_cost_two_shard_hours_an_hour() -> None:
    found = cost.estimate(STREAM, cost.Usage(devices=0))
    price = cost.prices()["prices"]["kinesis-shard-hour"]["usd"]
    assert found.month == pytest.approx(2 * 730 * price)
    assert found.hour == pytest.approx(2 * price)
    assert found.idle_month == found.month


def test_readings_cost_by_their_number_and_nothing_when_none_come() -> None:
    template = {"Resources": {"D": {"Type": "AWS::KinesisFirehose::DeliveryStream"}}}
    found = cost.estimate(template, cost.Usage(devices=10, readings_a_minute=60))
    # 10 devices, one reading a second, 730 hours, 5 KB each: 131.4 GB.
    assert found.month == pytest.approx(131.4 * 0.036)
    assert found.idle_month == 0


@pytest.mark.parametrize(
    ("expression", "runs"),
    [
        ("rate(15 minutes)", 2920),
        ("rate(1 hour)", 730),
        ("rate(1 day)", 730 / 24),
        ("cron(0 2 * * ? *)", 730 / 24),
        ("cron(0 * * * ? *)", 730),
        ("cron(0/15 * * * ? *)", 2920),
        ("cron(0,30 6 * * ? *)", 730 / 12),
    ],
)
def test_a_schedule_fires_as_often_as_it_says(expression: str, runs: float) -> None:
    assert cost.runs_a_month(expression) == pytest.approx(runs)


def test_a_schedule_of_another_form_is_refused() -> None:
    with pytest.raises(LabError, match="neither a rate nor a cron"):
        cost.runs_a_month("at(2026-01-01T00:00:00)")


def test_a_disabled_schedule_costs_nothing() -> None:
    target = {"Arn": "arn:aws:scheduler:::aws-sdk:glue:startJobRun"}
    schedule = {"ScheduleExpression": "rate(15 minutes)", "State": "DISABLED", "Target": target}
    template = {"Resources": {"S": {"Type": "AWS::Scheduler::Schedule", "Properties": schedule}}}
    assert cost.estimate(template).month == 0


def test_the_etl_every_fifteen_minutes_is_the_largest_cost_and_stays_without_use() -> None:
    target = {"Arn": "arn:aws:scheduler:::aws-sdk:glue:startJobRun"}
    schedule = {"ScheduleExpression": "rate(15 minutes)", "State": "ENABLED", "Target": target}
    template = {"Resources": {"S": {"Type": "AWS::Scheduler::Schedule", "Properties": schedule}}}
    found = cost.estimate(template, cost.Usage(etl_minutes=2))
    # 2,920 runs of two minutes on two DPU: 194.67 DPU hours.
    assert found.month == pytest.approx(2920 * 2 * 2 / 60 * 0.44)
    assert found.idle_month == found.month


def test_a_sentence_gives_month_hour_date_and_warns_of_another_region() -> None:
    found = cost.estimate(STREAM)
    told = cost.sentence(found, "eu-west-1")
    assert re.search(r"about \d+\.\d\d USD a month, \d\.\d{3} an hour", told)
    assert found.date in told
    assert "eu-west-1 differs" in told
    assert "differs" not in cost.sentence(found, found.region)


def test_a_small_python_job_costs_a_sixteenth_of_a_unit_a_minute_a_run() -> None:
    job = {"Name": "scoring", "Command": {"Name": "pythonshell"}, "MaxCapacity": 0.0625}
    target = {"Arn": "arn:aws:scheduler:::aws-sdk:glue:startJobRun", "Input": '{"JobName": "scoring"}'}
    schedule = {"ScheduleExpression": "rate(1 hour)", "State": "ENABLED", "Target": target}
    template = {
        "Resources": {
            "J": {"Type": "AWS::Glue::Job", "Properties": job},
            "S": {"Type": "AWS::Scheduler::Schedule", "Properties": schedule},
        }
    }
    assert cost.estimate(template).month == pytest.approx(730 * 0.0625 / 60 * 0.44)


def test_a_rule_that_tells_of_flagged_readings_leaves_messages_and_connections_to_level_1() -> None:
    rule = {"TopicRulePayload": {"Actions": [{"Sns": {}}]}}
    template = {"Resources": {"R": {"Type": "AWS::IoT::TopicRule", "Properties": rule}}}
    found = cost.estimate(template, cost.Usage(devices=1, readings_a_minute=60, flagged=0.01))
    # 2.628 million readings meet the rule; a hundredth of them is an action and a message.
    assert found.month == pytest.approx(2.628 * 0.18 + 0.02628 * 0.18 + 0.02628 * 0.5)


def test_a_query_through_the_connector_costs_its_function_and_a_scan() -> None:
    template = {"Resources": {"C": {"Type": "AWS::Serverless::Application"}}}
    found = cost.estimate(template, cost.Usage(queries_a_day=10, readings_a_minute=0, connector_seconds=2))
    # 300 queries, two seconds of three gigabytes each.
    assert found.month == pytest.approx(300 * 2 * 3 * 1.66667e-05)
    assert found.idle_month == 0
    read = cost.estimate(template, cost.Usage(queries_a_day=10, connector_seconds=0))
    # A month of 262,800 readings, 40 to a unit of 4 KB, half a unit when the read need not be the newest.
    assert read.month == pytest.approx(300 * 262_800 / 40 / 2 / 1e6 * 0.1425)


@pytest.mark.parametrize(
    ("schedule", "metrics"), [("rate(15 minutes)", 7.0), ("rate(1 hour)", 7.0), ("rate(1 day)", 7 / 24)]
)
def test_a_job_that_counts_costs_its_metrics_in_the_hours_in_which_it_runs(schedule: str, metrics: float) -> None:
    job = {"Name": "j", "MaxCapacity": 0.0625, "Command": {"Name": "pythonshell"}, "DefaultArguments": {}}
    start = {
        "State": "ENABLED",
        "ScheduleExpression": schedule,
        "Target": {"Arn": "arn:aws:scheduler:::aws-sdk:glue:startJobRun", "Input": '{"JobName": "j"}'},
    }

    def month(arguments: Mapping[str, str]) -> float:
        properties = {**job, "DefaultArguments": arguments}
        resources = {
            "J": {"Type": "AWS::Glue::Job", "Properties": properties},
            "S": {"Type": "AWS::Scheduler::Schedule", "Properties": start},
        }
        return cost.estimate({"Resources": resources}).month

    assert month({"--METRICS_S3": "s3://b/m/"}) - month({}) == pytest.approx(metrics * 0.3)


def test_what_is_bought_by_the_account_is_named_and_not_reckoned() -> None:
    template = {"Resources": {"D": {"Type": "AWS::QuickSight::DataSource"}}}
    found = cost.estimate(template)
    assert (found.month, found.without) == (0, ("QuickSight's subscription",))
    assert cost.sentence(found, found.region).endswith("; QuickSight's subscription is not in it)")
