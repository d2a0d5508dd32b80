"""What wakes somebody up: the places where the lake can fall behind or fail."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from names import Names

from parts.alarms import Alarms
from parts.etl import METRICS_NAMESPACE
from parts.jobs import GlueJob


def watch(alarms: Alarms, names: Names, etl: GlueJob, schedule: scheduler.CfnSchedule, undelivered: sqs.Queue) -> None:
    """Add the alarms of one stage.

    Parameters: schedule, of the job; undelivered, the starts that failed.
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
        etl.count(METRICS_NAMESPACE, "Rejected"),
        0,
        "The ETL rejected records; read the DLQ prefix of the analytics bucket.",
    )
    alarms.when_waiting("Undelivered", undelivered, "The schedule could not start the ETL; read the dead-letter queue.")
    alarms.when_a_job_fails(names.job, meaning="The ETL failed, ran too long or was stopped.")
    alarms.when_a_crawl_fails(names.curated_crawler, meaning="The crawl of the curated data failed; read its log.")
    alarms.when_no_run(etl.count(METRICS_NAMESPACE, "Read"), schedule)


def _metric(namespace: str, name: str, statistic: str, **dimensions: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=namespace,
        metric_name=name,
        statistic=statistic,
        dimensions_map=dimensions,
        period=cdk.Duration.minutes(5),
    )
