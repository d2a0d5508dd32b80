from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from tests.infra.templates import allowed, of_type, only, statements, text

Template = dict[str, Any]
ROOT = Path(__file__).parents[2]
BUCKET = "arn:aws:s3:::datastreamer-staging-analytics-bucket-"


def jobs(template: Template) -> dict[str, dict[str, Any]]:
    return {job["Name"]: job for job in of_type(template, "AWS::Glue::Job")}


def role_of(template: Template, start: str) -> set[tuple[str, str]]:
    """Return what the role whose logical id begins so may do, the bucket's digits left out."""
    (role,) = [entry for key, entry in template["Resources"].items() if key.startswith(start)]
    found = [
        statement for policy in role["Properties"]["Policies"] for statement in policy["PolicyDocument"]["Statement"]
    ]
    return {
        (action, "analytics" + resource.removeprefix(BUCKET)[8:] if resource.startswith(BUCKET) else resource)
        for action, resource in allowed(found)
    }


def test_a_flagged_reading_of_its_own_topic_is_told_and_a_failure_is_logged(level2: Template) -> None:
    rule = only(level2, "AWS::IoT::TopicRule")
    payload = rule["TopicRulePayload"]
    assert rule["RuleName"] == "level2_staging_device_flags"
    assert payload["Sql"] == "SELECT * FROM 'device/+/data' WHERE device_id = topic(2) AND anomaly >= 1"
    (action,) = payload["Actions"]
    assert (action["Sns"]["MessageFormat"], text(action["Sns"]["TargetArn"])[:12]) == ("RAW", "<AlarmsTopic")
    log = payload["ErrorAction"]["CloudwatchLogs"]
    assert text(log["LogGroupName"]).startswith("<DeviceFlagsErrors")
    group = only(level2, "AWS::Logs::LogGroup")
    assert group["LogGroupName"] == "/aws/iot/rule/level2-staging-device-flags/errors"
    assert group["RetentionInDays"] == 30
    may = allowed(statements(level2, "iot.amazonaws.com"))
    assert {action for action, _ in may} == {
        "sns:Publish",
        "logs:CreateLogStream",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
    }


def test_both_jobs_are_small_python_jobs_with_a_limit_a_retry_and_one_run_at_a_time(level2: Template) -> None:
    found = jobs(level2)
    assert set(found) == {"level2-staging-anomaly-scoring", "level2-staging-anomaly-digest"}
    for job in found.values():
        assert (job["Command"]["Name"], job["Command"]["PythonVersion"]) == ("pythonshell", "3.9")
        assert (job["MaxCapacity"], job["Timeout"], job["MaxRetries"]) == (0.0625, 15, 1)
        assert job["ExecutionProperty"] == {"MaxConcurrentRuns": 1}
        assert job["DefaultArguments"]["library-set"] == "analytics"
        assert text(job["Command"]["ScriptLocation"]).endswith(".py")


def test_each_script_understands_every_argument_of_its_job(level2: Template) -> None:
    for name, file in (("scoring", "anomaly_scoring.py"), ("digest", "anomaly_digest.py")):
        script = (ROOT / "glue" / file).read_text()
        arguments = jobs(level2)[f"level2-staging-anomaly-{name}"]["DefaultArguments"]
        own = [argument for argument in arguments if argument.isupper()]
        assert len(own) >= 4
        for argument in own:
            assert f'"{argument}"' in script or f'"{argument.removeprefix("--")}"' in script


def test_the_schedules_start_the_jobs_with_retries_and_a_dead_letter_queue(level2: Template) -> None:
    found = {entry["Name"]: entry for entry in of_type(level2, "AWS::Scheduler::Schedule")}
    assert {name: entry["ScheduleExpression"] for name, entry in found.items()} == {
        "level2-staging-anomaly-scoring": "rate(1 hour)",
        "level2-staging-anomaly-digest": "cron(0 8 * * ? *)",
    }
    for name, entry in found.items():
        assert json.loads(entry["Target"]["Input"]) == {"JobName": name}
        assert entry["ScheduleExpressionTimezone"] == "Asia/Tokyo"
        assert entry["State"] == "ENABLED"
        assert entry["Target"]["RetryPolicy"] == {"MaximumEventAgeInSeconds": 600, "MaximumRetryAttempts": 5}
        assert text(entry["Target"]["DeadLetterConfig"]["Arn"]).startswith("<StartsUndelivered")
    assert {action for action, _ in role_of(level2, "StartsRole")} == {"glue:StartJobRun", "sqs:SendMessage"}
    started = {resource for action, resource in role_of(level2, "StartsRole") if action == "glue:StartJobRun"}
    assert {resource.rpartition("/")[2] for resource in started} == set(found)


def test_a_lesson_can_switch_the_schedules_off_and_choose_their_times(synth: Callable[..., Template]) -> None:
    template = synth(
        "level2", scoringScheduleState="DISABLED", scoringSchedule="rate(1 day)", digestSchedule="cron(0 9 * * ? *)"
    )
    found = of_type(template, "AWS::Scheduler::Schedule")
    assert {entry["State"] for entry in found} == {"DISABLED"}
    assert {entry["ScheduleExpression"] for entry in found} == {"rate(1 day)", "cron(0 9 * * ? *)"}


def test_the_scoring_reads_readings_and_models_and_changes_only_what_it_makes(level2: Template) -> None:
    may = role_of(level2, "ScoringRole")
    changing = {pair for pair in may if pair[0] in ("s3:PutObject", "s3:DeleteObject")}
    assert changing == {
        ("s3:PutObject", "analytics/curated/device_anomalies/*"),
        ("s3:PutObject", "analytics/checkpoints/anomaly_scoring/*"),
        ("s3:PutObject", "analytics/metrics/anomaly_scoring/*"),
        ("s3:DeleteObject", "analytics/curated/device_anomalies/*"),
    }
    assert {resource for action, resource in may if action == "s3:GetObject" and "analytics" in resource} == {
        "analytics/curated/device_telemetry/*",
        "analytics/models/anomaly_detector/*",
        "analytics/curated/device_anomalies/*",
        "analytics/checkpoints/anomaly_scoring/*",
    }
    assert {action for action, resource in may if resource == "*"} == {"cloudwatch:PutMetricData"}
    catalog = {action for action, _ in may if action.startswith("glue:")}
    assert catalog == {"glue:GetTable", "glue:BatchCreatePartition"}
    assert not any(action.startswith("sns:") for action, _ in may)


def test_the_digest_reads_anomalies_publishes_and_keeps_what_it_sent(level2: Template) -> None:
    may = role_of(level2, "DigestRole")
    assert {pair for pair in may if pair[0] == "s3:PutObject"} == {
        ("s3:PutObject", "analytics/digests/device_anomalies/*")
    }
    assert {resource[:12] for action, resource in may if action == "sns:Publish"} == {"<AlarmsTopic"}


def test_the_table_has_the_columns_that_the_script_writes_and_the_folders_as_partitions(level2: Template) -> None:
    spec = importlib.util.spec_from_file_location("written", ROOT / "glue" / "anomaly_scoring.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    sys.modules["written"] = script
    spec.loader.exec_module(script)
    hive = {pa.string(): "string", pa.float64(): "double", pa.timestamp("us", tz="UTC"): "timestamp"}
    document = only(level2, "AWS::Glue::Table")
    storage = document["TableInput"]["StorageDescriptor"]
    assert [(column["Name"], column["Type"]) for column in storage["Columns"]] == [
        (field.name, hive[field.type]) for field in script.ROWS
    ]
    assert [column["Name"] for column in document["TableInput"]["PartitionKeys"]] == ["year", "month", "day"]
    assert document["DatabaseName"] == "datastreamer_staging_analytics"
    assert storage["Location"].endswith("/curated/device_anomalies/")


def test_level_2_meets_the_datastreamer_of_its_stage_by_the_names_that_this_gives(
    synth: Callable[..., Template],
) -> None:
    for stage in ("prod", "staging"):
        lake, analysis = synth("datastreamer", stage=stage), synth("level2", stage=stage)
        buckets = [bucket["BucketName"] for bucket in of_type(lake, "AWS::S3::Bucket")]
        assert analysis["Outputs"]["AnalyticsBucketName"]["Value"] in buckets
        database = only(lake, "AWS::Glue::Database")["DatabaseInput"]["Name"]
        assert only(analysis, "AWS::Glue::Table")["DatabaseName"] == database


def test_each_place_that_can_fail_has_an_alarm_to_the_one_topic(level2: Template) -> None:
    alarms = of_type(level2, "AWS::CloudWatch::Alarm")
    assert {(alarm["Namespace"], alarm["MetricName"]) for alarm in alarms} == {
        ("level2-staging", "RuleErrors"),
        ("AnomalyScoring", "Late"),
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
    }
    (silence,) = [alarm for alarm in alarms if alarm["TreatMissingData"] == "breaching"]
    job = jobs(level2)["level2-staging-anomaly-scoring"]
    assert (silence["MetricName"], silence["EvaluationPeriods"]) == ("Late", 4)
    assert silence["Dimensions"] == [{"Name": "JobName", "Value": job["DefaultArguments"]["--METRICS_NAME"]}]
    assert only(level2, "AWS::SNS::Topic")["TopicName"] == "level2-staging-alarms"
    assert {text(alarm["AlarmActions"][0])[:12] for alarm in alarms} == {"<AlarmsTopic"}
    detail = only(level2, "AWS::Events::Rule")["EventPattern"]["detail"]
    assert detail == {
        "jobName": ["level2-staging-anomaly-scoring", "level2-staging-anomaly-digest"],
        "state": ["FAILED", "TIMEOUT", "STOPPED"],
    }


def test_an_event_in_the_error_log_is_what_the_alarm_counts(level2: Template) -> None:
    counted = only(level2, "AWS::Logs::MetricFilter")
    metric = counted["MetricTransformations"][0]
    assert text(counted["LogGroupName"]).startswith("<DeviceFlagsErrors")
    assert counted["FilterPattern"] == ""
    assert (metric["MetricNamespace"], metric["MetricName"], metric["MetricValue"]) == (
        "level2-staging",
        "RuleErrors",
        "1",
    )


def test_everything_carries_its_tags_and_a_class_prefix_its_names(synth: Callable[..., Template]) -> None:
    template = synth("level2", stage="prod", prefix="ann")
    for kind in ("AWS::SNS::Topic", "AWS::SQS::Queue", "AWS::IAM::Role", "AWS::Logs::LogGroup"):
        for properties in of_type(template, kind):
            tags = {entry["Key"]: entry["Value"] for entry in properties["Tags"]}
            assert tags == {"PROJECT": "level2", "STAGE": "prod", "PREFIX": "ann"}
    assert only(template, "AWS::SNS::Topic")["TopicName"] == "ann-level2-prod-alarms"
    assert only(template, "AWS::IoT::TopicRule")["RuleName"] == "ann_level2_prod_device_flags"
    assert set(jobs(template)) == {"ann-level2-prod-anomaly-scoring", "ann-level2-prod-anomaly-digest"}


def test_the_outputs_are_those_that_the_lab_reads(level2: Template) -> None:
    assert set(level2["Outputs"]) == {
        "AlarmTopicArn",
        "FlagRuleName",
        "FlagErrorLogGroupName",
        "DatabaseName",
        "TableName",
        "AnalyticsBucketName",
        "ScoringJobName",
        "DigestJobName",
        "ScoringScheduleName",
        "DigestScheduleName",
        "UndeliveredQueueUrl",
        "AnomaliesPrefix",
        "ModelsPrefix",
        "CheckpointPrefix",
        "MetricsPrefix",
        "DigestsPrefix",
    }
