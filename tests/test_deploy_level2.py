"""The life of Level 2 on the embedded AWS, by the real CDK; the tests are its stages in their order."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lab import athena, deploy, destroy, etl, leftovers, raw, scoring, stacks, target
from lab.alarms import Listener
from lab.errors import LabError
from tests.conftest import EmbeddedAws, embedded_aws
from tests.infra.in_process import quick_synthesis  # noqa: F401 - a fixture

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("quick_synthesis")]
OFF = {"scoringScheduleState": "DISABLED"}
READINGS = "curated/device_telemetry/year=2023/month=11/day=15/a.parquet"
START = datetime(2023, 11, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    """An embedded AWS of these tests alone: they ask what is left in the whole account."""
    with embedded_aws(tmp_path_factory.mktemp("lab")) as own:
        yield own


@pytest.fixture(scope="module")
def lake(account: EmbeddedAws) -> dict[str, str]:
    """What Level 2 needs of the datastreamer, under its names: bucket and database; deployed at once."""
    names = stacks.names("staging", target.account(), target.region())
    resources = {
        "Analytics": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": names.analytics_bucket}},
        "Database": {
            "Type": "AWS::Glue::Database",
            "Properties": {"CatalogId": target.account(), "DatabaseInput": {"Name": names.analytics_database}},
        },
        "WorkGroup": {
            "Type": "AWS::Athena::WorkGroup",
            "Properties": {
                "Name": names.analytics_workgroup,
                "WorkGroupConfiguration": {
                    "ResultConfiguration": {"OutputLocation": f"s3://{names.analytics_bucket}/results/"}
                },
                "RecursiveDeleteOption": True,
            },
        },
    }
    cloudformation = account.client("cloudformation")
    cloudformation.create_stack(StackName=names.datastreamer_stack, TemplateBody=json.dumps({"Resources": resources}))
    waiter = cloudformation.get_waiter("stack_create_complete")
    waiter.wait(StackName=names.datastreamer_stack, WaiterConfig={"Delay": 1})
    return {"Bucket": names.analytics_bucket, "WorkGroup": names.analytics_workgroup}


def curated(account: EmbeddedAws, bucket: str) -> None:
    """Put a day of readings, one a minute, the 1,001st far too hot, where the ETL would."""
    times = [int(START.timestamp() + 60 * i) * 1_000_000 for i in range(1200)]
    temperatures = [20 + (i % 7) * 0.1 for i in range(1200)]
    temperatures[1000] = 60.0
    columns = {
        "device_id": pa.array(["node-1"] * 1200),
        "event_time": pa.array(times, pa.timestamp("us", tz="UTC")),
        "temperature": pa.array(temperatures),
    }
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    account.client("s3").put_object(Bucket=bucket, Key=READINGS, Body=sink.getvalue())


def test_level_2_is_refused_without_the_lake_that_it_reads(account: EmbeddedAws) -> None:
    with pytest.raises(LabError, match="datastreamer-staging, which is not deployed") as refused:
        deploy.plan("level2")
    assert refused.value.remedy == "Run `lab deploy datastreamer --stage staging` first."


def test_level_2_is_deployed_and_a_second_time_there_is_nothing_to_do(lake: dict[str, str]) -> None:
    first = deploy.deploy("level2", settings=OFF)
    assert (first.changed, first.outputs["AnalyticsBucketName"]) == (True, lake["Bucket"])
    assert not deploy.deploy("level2").changed


def test_an_update_that_fails_is_rolled_back_and_one_that_is_right_is_made(account: EmbeddedAws) -> None:
    before = stacks.outputs("level2")
    with pytest.raises(LabError, match="AWS::Scheduler::Schedule"):
        deploy.deploy("level2", settings={"digestSchedule": "cron(99 99 * * ? *)", "logRetentionDays": "7"})
    assert state() == "UPDATE_ROLLBACK_COMPLETE"
    assert (stacks.outputs("level2"), retention_days(account)) == (before, 30)
    assert deploy.deploy("level2", settings={"digestSchedule": "cron(0 9 * * ? *)", "logRetentionDays": "7"}).changed
    assert (state(), retention_days(account)) == ("UPDATE_COMPLETE", 7)
    schedule = account.client("scheduler").get_schedule(Name=before["DigestScheduleName"])
    assert (schedule["ScheduleExpression"], schedule["State"]) == ("cron(0 9 * * ? *)", "DISABLED")


def test_a_flagged_reading_reaches_the_topic_at_once_and_others_do_not(account: EmbeddedAws) -> None:
    flagged = {"device_id": "d-1", "anomaly": 1, "temperature": 60.0}
    foreign = {**flagged, "device_id": "d-2"}
    with Listener(stacks.outputs("level2")["AlarmTopicArn"]) as listener:
        for document in ({"device_id": "d-1", "anomaly": 0}, {"device_id": "d-1"}, foreign, flagged):
            account.client("iot-data").publish(topic="device/d-1/data", qos=1, payload=json.dumps(document))
        assert listener.receive().document() == flagged


def test_the_schedule_starts_the_scoring_whose_rows_athena_reads(account: EmbeddedAws, lake: dict[str, str]) -> None:
    outputs = stacks.outputs("level2")
    curated(account, lake["Bucket"])
    for scored in (1200, 0):
        run = scoring.score_now("staging")
        assert (run.state, run.message) == ("SUCCEEDED", "")
        assert scoring.runs("staging")[-1]["scored"] == scored
    counted = {name: counts(account, outputs["ScoringJobName"], name) for name in ("Scored", "Anomalies", "Late")}
    assert counted == {"Scored": 1200, "Anomalies": 1, "Late": 0}
    sql = f"SELECT device_id, cast(event_time AS varchar), kind, year, month, day FROM {outputs['TableName']}"
    found = athena.query(sql, lake["WorkGroup"], outputs["DatabaseName"])
    assert found.rows == [("node-1", "2023-11-15 16:40:00.000", "above_range", "2023", "11", "15")]


def test_the_digest_tells_of_a_day_once(account: EmbeddedAws) -> None:
    outputs = stacks.outputs("level2")
    job = outputs["DigestJobName"]
    with Listener(outputs["AlarmTopicArn"]) as listener:
        for _ in range(2):
            run_id = etl.start(job, {"--DAY": "2023-11-15"})
            assert etl.wait_for(job, run_id).state == "SUCCEEDED"
        digest = listener.receive()
        assert digest.subject == "2023-11-15: 1 anomaly on 1 device"
        assert "16:40:00 UTC  node-1" in digest.text
        with pytest.raises(LabError, match="sent nothing"):
            listener.receive(seconds=1)


def test_level_2_goes_before_the_lake_with_all_that_it_made(account: EmbeddedAws, lake: dict[str, str]) -> None:
    with pytest.raises(LabError, match="level2-staging reads datastreamer-staging"):
        destroy.destroy("datastreamer")
    assert destroy.destroy("level2")
    assert not destroy.destroy("level2")
    keys = raw.keys(lake["Bucket"], "")
    assert READINGS in keys
    assert [key for key in keys if "anomal" in key] == []
    assert [entry for entry in leftovers.find() if entry.name.startswith("level2")] == []


def state() -> str:
    described = stacks.describe("level2")
    assert described is not None
    return str(described["StackStatus"])


def retention_days(account: EmbeddedAws) -> int:
    """Return how long the rule's error log keeps events."""
    name = stacks.outputs("level2")["FlagErrorLogGroupName"]
    (group,) = account.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return int(group["retentionInDays"])


def counts(account: EmbeddedAws, job: str, name: str) -> float:
    """Return what a job's runs counted together, as CloudWatch has it."""
    now = datetime.now(UTC)
    found = account.client("cloudwatch").get_metric_statistics(
        Namespace="AnomalyScoring",
        MetricName=name,
        Dimensions=[{"Name": "JobName", "Value": job}],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=5),
        Period=3600,
        Statistics=["Sum"],
    )
    return float(sum(point["Sum"] for point in found["Datapoints"]))
