"""What wakes somebody up: the places where the lake can fall behind or fail."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from names import Names

from parts.alarms import Alarms
from parts.etl import METRICS_NAMESPACE, EtlJob


def watch(alarms: Alarms, names: Names, etl: EtlJob) -> None:
    """Add the alarms of one stage.

    Source: https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html,
    https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html
    """
    alarms.when(
        "FirehoseFreshness",
        _metric("AWS/Firehose", "DeliveryToS3.DataFreshness", "Maximum", DeliveryStreamName=names.firehose),
        900,
        "The oldest record in Firehose is older than 15 minutes; read the delivery stream's log.",
        times=2,
    )
    alarms.when(
        "IteratorAge",
        _metric("AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", "Maximum", StreamName=names.stream),
        900_000,
        "A reader of the stream is 15 minutes behind.",
        times=2,
    )
    alarms.when(
        "RejectedRecords",
        _metric(METRICS_NAMESPACE, "Rejected", "Sum", JobName=names.job),
        0,
        "The ETL rejected records; read the DLQ prefix of the analytics bucket.",
    )
    alarms.when(
        "ScheduleUndelivered",
        etl.undelivered.metric_approximate_number_of_messages_visible(statistic="Maximum"),
        0,
        "The schedule could not start the ETL; read the dead-letter queue.",
    )
    alarms.when_a_job_fails(names.job, meaning="The ETL failed, ran too long or was stopped.")


def _metric(namespace: str, name: str, statistic: str, **dimensions: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=namespace,
        metric_name=name,
        statistic=statistic,
        dimensions_map=dimensions,
        period=cdk.Duration.minutes(5),
    )
