"""The Glue job of the ETL and the schedule that starts it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_glue as glue
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as assets
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from constructs import Construct
from settings import Settings

from parts import lake
from parts.findings import accept
from parts.roles import ServiceRole

SCRIPTS: Final = Path(__file__).resolve().parents[3] / "glue"
METRICS_NAMESPACE: Final = "TemperatureEtl"
"""The CloudWatch namespace of the script's own counts."""


class EtlJob(Construct):
    """The job, its role, its schedule and the schedule's dead-letter queue."""

    def __init__(
        self, scope: Construct, construct_id: str, settings: Settings, data: s3.Bucket, analytics: s3.Bucket
    ) -> None:
        """Parameters: data, the raw bucket; analytics, the bucket of what the job makes."""
        super().__init__(scope, construct_id)
        script = assets.Asset(self, "Script", path=str(SCRIPTS / "temperature_etl.py"))
        role = self._role(data, analytics, script)
        self.job = glue.CfnJob(
            self,
            "Job",
            name=settings.names.job,
            role=role.role_arn,
            description="Raw JSON lines to Parquet by day, each reading once.",
            glue_version="5.1",
            worker_type="G.1X",
            number_of_workers=2,
            timeout=10,
            max_retries=1,
            execution_property=glue.CfnJob.ExecutionPropertyProperty(max_concurrent_runs=1),
            command=glue.CfnJob.JobCommandProperty(
                name="glueetl", python_version="3", script_location=script.s3_object_url
            ),
            default_arguments={
                "--job-language": "python",
                "--job-bookmark-option": "job-bookmark-disable",
                "--enable-metrics": "true",
                "--enable-continuous-cloudwatch-log": "true",
                "--SOURCE_S3": f"s3://{data.bucket_name}/{lake.RAW}",
                "--TARGET_S3": f"s3://{analytics.bucket_name}/{lake.CURATED}",
                "--DLQ_S3": f"s3://{analytics.bucket_name}/{lake.DLQ}",
                "--CHECKPOINT_S3": f"s3://{analytics.bucket_name}/{lake.CHECKPOINT}",
                "--METRICS_S3": f"s3://{analytics.bucket_name}/{lake.METRICS}",
                "--TIME_ZONE": "Asia/Tokyo",
            },
        )
        accept(
            self.job,
            "AwsSolutions-GL1",
            "CloudWatch encrypts its logs itself.",
        )
        accept(self.job, "AwsSolutions-GL3", "No bookmarks: the script keeps its checkpoint in the bucket.")
        self.undelivered = sqs.Queue(
            self,
            "Undelivered",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=cdk.Duration.days(14),
        )
        accept(self.undelivered, "AwsSolutions-SQS3", "This queue is itself the dead-letter queue.")
        self.schedule = self._schedule(settings)

    def _role(self, data: s3.Bucket, analytics: s3.Bucket, script: assets.Asset) -> ServiceRole:
        stack = cdk.Stack.of(self)
        role = ServiceRole(self, "Role", "glue.amazonaws.com", "ETL: read raw data, write curated data")
        role.allow("s3:GetObject", on=[script.bucket.arn_for_objects(script.s3_object_key)])
        # No condition on s3:prefix: a HEAD of a missing key carries none and would answer 403, a failure to S3A.
        role.allow("s3:GetBucketLocation", "s3:ListBucket", on=[data.bucket_arn, analytics.bucket_arn])
        role.allow(
            "s3:GetObject",
            on=[data.arn_for_objects(f"{lake.RAW}*")],
            because="Firehose chooses the names of the objects.",
        )
        # S3A also asks for and removes the markers of the parent folders, so the first part of each prefix is granted.
        folders = sorted(
            {prefix.partition("/")[0] for prefix in (lake.CURATED, lake.DLQ, lake.CHECKPOINT, lake.METRICS)}
        )
        role.allow(
            "s3:GetObject",
            "s3:PutObject",
            "s3:DeleteObject",
            "s3:AbortMultipartUpload",
            on=[
                arn
                for folder in folders
                for arn in (analytics.arn_for_objects(folder), analytics.arn_for_objects(f"{folder}/*"))
            ],
            because="Spark chooses the names of the objects.",
        )
        logs = stack.format_arn(
            service="logs",
            resource="log-group",
            resource_name="/aws-glue/jobs/*",
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )
        role.allow(
            "logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", on=[logs], because="Glue names them."
        )
        # PutMetricData knows no resource; the namespace is its only bound. "Glue" is where --enable-metrics writes.
        for namespace in ("Glue", METRICS_NAMESPACE):
            role.allow(
                "cloudwatch:PutMetricData",
                on=["*"],
                because="PutMetricData knows no resource.",
                when={"StringEquals": {"cloudwatch:namespace": namespace}},
            )
        return role

    def _schedule(self, settings: Settings) -> scheduler.CfnSchedule:
        role = ServiceRole(self, "ScheduleRole", "scheduler.amazonaws.com", "Schedule: start the ETL")
        job = cdk.Stack.of(self).format_arn(service="glue", resource="job", resource_name=settings.names.job)
        role.allow("glue:StartJobRun", on=[job])
        role.allow("sqs:SendMessage", on=[self.undelivered.queue_arn])
        schedule = scheduler.CfnSchedule(
            self,
            "Schedule",
            description="Starts the ETL.",
            schedule_expression=settings.etl_schedule,
            schedule_expression_timezone="Asia/Tokyo",
            state=settings.etl_schedule_state,
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn="arn:aws:scheduler:::aws-sdk:glue:startJobRun",
                role_arn=role.role_arn,
                input=json.dumps({"JobName": settings.names.job}),
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=600, maximum_retry_attempts=3
                ),
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(arn=self.undelivered.queue_arn),
            ),
        )
        schedule.add_resource_dependency(self.job)
        return schedule
