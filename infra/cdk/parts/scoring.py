"""The scheduled scoring: the table of anomalies, the job that fills it and the job that tells of a day."""

from __future__ import annotations

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_glue as glue
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from constructs import Construct
from settings import Settings

from parts import lake
from parts.jobs import GlueJob, python_job

METRICS_NAMESPACE: Final = "AnomalyScoring"
"""The CloudWatch namespace of the script's own counts."""
COLUMNS: Final = {
    "device_id": "string",
    "event_time": "timestamp",
    "detector": "string",
    "model_version": "string",
    "temperature": "double",
    "score": "double",
    "threshold": "double",
    "kind": "string",
    "explanation": "string",
    "run_id": "string",
}
"""Columns of ``device_anomalies`` as glue/anomaly_scoring.py writes them; a test holds both equal."""


def anomalies_table(scope: Construct, construct_id: str, settings: Settings, bucket: s3.IBucket) -> glue.CfnTable:
    """Return the table, whose partitions the scoring job adds: no crawler has to look for them."""
    column = glue.CfnTable.ColumnProperty
    return glue.CfnTable(
        scope,
        construct_id,
        catalog_id=settings.account,
        database_name=settings.names.analytics_database,
        table_input=glue.CfnTable.TableInputProperty(
            name=lake.ANOMALIES_TABLE,
            description="Readings whose score reached the detector's threshold.",
            table_type="EXTERNAL_TABLE",
            parameters={"classification": "parquet", "EXTERNAL": "TRUE"},
            partition_keys=[column(name=name, type="string") for name in ("year", "month", "day")],
            storage_descriptor=glue.CfnTable.StorageDescriptorProperty(
                columns=[column(name=name, type=kind) for name, kind in COLUMNS.items()],
                location=f"s3://{bucket.bucket_name}/{lake.ANOMALIES}",
                input_format="org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
                output_format="org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
                serde_info=glue.CfnTable.SerdeInfoProperty(
                    serialization_library="org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
                    parameters={"serialization.format": "1"},
                ),
            ),
        ),
    )


def scoring_job(scope: Construct, construct_id: str, settings: Settings, bucket: s3.IBucket) -> GlueJob:
    """Return the job that scores new readings: it reads the curated table and cannot change it."""
    names = settings.names
    job = python_job(
        scope,
        construct_id,
        name=names.scoring_job,
        script="anomaly_scoring.py",
        description="Scores new readings, writes the anomalies.",
        arguments={
            "--SOURCE_S3": f"s3://{bucket.bucket_name}/{lake.CURATED}",
            "--TARGET_S3": f"s3://{bucket.bucket_name}/{lake.ANOMALIES}",
            "--MODEL_S3": f"s3://{bucket.bucket_name}/{lake.MODELS}",
            "--CHECKPOINT_S3": f"s3://{bucket.bucket_name}/{lake.SCORING_STATE}",
            "--METRICS_S3": f"s3://{bucket.bucket_name}/{lake.SCORING_METRICS}",
            "--METRICS_NAME": names.scoring_job,
            "--DATABASE": names.analytics_database,
            "--TABLE": lake.ANOMALIES_TABLE,
        },
    )
    job.reads(bucket, lake.CURATED, lake.MODELS)
    made = [bucket.arn_for_objects(f"{prefix}*") for prefix in (lake.ANOMALIES, lake.SCORING_STATE)]
    job.role.allow("s3:GetObject", "s3:PutObject", on=made, because="Objects are named after runs and models.")
    job.role.allow(
        "s3:DeleteObject",
        on=[bucket.arn_for_objects(f"{lake.ANOMALIES}*")],
        because="What a killed run wrote is removed by the next.",
    )
    job.role.allow(
        "s3:PutObject", on=[bucket.arn_for_objects(f"{lake.SCORING_METRICS}*")], because="Named after the run."
    )
    stack = cdk.Stack.of(scope)
    job.role.allow(
        "glue:GetTable",
        "glue:BatchCreatePartition",
        on=[
            stack.format_arn(service="glue", resource=resource, resource_name=name)
            for resource, name in (
                ("catalog", None),
                ("database", names.analytics_database),
                ("table", f"{names.analytics_database}/{lake.ANOMALIES_TABLE}"),
            )
        ],
    )
    job.counts_in(METRICS_NAMESPACE)
    return job


def digest_job(
    scope: Construct, construct_id: str, settings: Settings, bucket: s3.IBucket, topic: sns.Topic
) -> GlueJob:
    """Return the job that sends a day's anomalies to the topic in one message."""
    job = python_job(
        scope,
        construct_id,
        name=settings.names.digest_job,
        script="anomaly_digest.py",
        description="Sends the day's anomalies in one message.",
        arguments={
            "--TARGET_S3": f"s3://{bucket.bucket_name}/{lake.ANOMALIES}",
            "--MODEL_S3": f"s3://{bucket.bucket_name}/{lake.MODELS}",
            "--RECORD_S3": f"s3://{bucket.bucket_name}/{lake.DIGESTS}",
            "--TOPIC_ARN": topic.topic_arn,
        },
    )
    job.reads(bucket, lake.ANOMALIES, lake.MODELS)
    record = [bucket.arn_for_objects(f"{lake.DIGESTS}*")]
    job.role.allow("s3:GetObject", "s3:PutObject", on=record, because="Named after the day.")
    job.role.allow("sns:Publish", on=[topic.topic_arn])
    return job
