"""The ETL: raw JSON lines to Parquet by day, each reading once."""

from __future__ import annotations

from typing import Final

from aws_cdk import aws_s3 as s3
from constructs import Construct
from settings import Settings

from parts import lake
from parts.jobs import GlueJob, spark_job

METRICS_NAMESPACE: Final = "TemperatureEtl"
"""The CloudWatch namespace of the script's own counts."""
MADE: Final = (lake.CURATED, lake.DLQ, lake.CHECKPOINT, lake.METRICS)
"""Below which prefixes the job writes."""


def etl_job(scope: Construct, construct_id: str, settings: Settings, data: s3.Bucket, analytics: s3.Bucket) -> GlueJob:
    """Return the job, which reads raw data and cannot change them.

    Parameters: data, the raw bucket; analytics, the bucket of what the job makes.
    """
    job = spark_job(
        scope,
        construct_id,
        settings,
        name=settings.names.job,
        script="temperature_etl.py",
        description="Raw JSON lines to Parquet by day, each reading once.",
        arguments={
            "--SOURCE_S3": f"s3://{data.bucket_name}/{lake.RAW}",
            "--TARGET_S3": f"s3://{analytics.bucket_name}/{lake.CURATED}",
            "--DLQ_S3": f"s3://{analytics.bucket_name}/{lake.DLQ}",
            "--CHECKPOINT_S3": f"s3://{analytics.bucket_name}/{lake.CHECKPOINT}",
            "--METRICS_S3": f"s3://{analytics.bucket_name}/{lake.METRICS}",
            "--TIME_ZONE": "Asia/Tokyo",
        },
    )
    # No condition on s3:prefix: a HEAD of a missing key carries none and would answer 403, a failure to S3A.
    job.reads(data, lake.RAW)
    job.role.allow("s3:GetBucketLocation", on=[data.bucket_arn, analytics.bucket_arn])
    job.role.allow("s3:ListBucket", on=[analytics.bucket_arn])
    # S3A also asks for and removes the markers of the parent folders, so the first part of each prefix is granted.
    folders = sorted({prefix.partition("/")[0] for prefix in MADE})
    job.role.allow(
        "s3:GetObject",
        "s3:PutObject",
        "s3:DeleteObject",
        "s3:AbortMultipartUpload",
        on=[analytics.arn_for_objects(f"{folder}{rest}") for folder in folders for rest in ("", "/*")],
        because="Spark chooses the names of the objects.",
    )
    job.counts_in(METRICS_NAMESPACE)
    return job
