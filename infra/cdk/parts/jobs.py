"""Glue jobs: a script of the folder glue, the role it runs under, one run at a time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_glue as glue
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as assets
from constructs import Construct
from settings import Settings

from parts.findings import accept
from parts.logs import log_group
from parts.roles import ServiceRole

SCRIPTS: Final = Path(__file__).resolve().parents[3] / "glue"


class GlueJob(Construct):
    """One job with its script and its role. Two runs at once could both write the same reading.

    name: of the job, with which its schedule, its metrics and its alarms are named too.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, name: str, script: str, log_groups: str, **properties: Any
    ) -> None:
        """Parameters: script, a file of the folder glue; log_groups, below which Glue keeps what a run says;
        properties, more of AWS::Glue::Job.
        """
        super().__init__(scope, construct_id)
        self.name = name
        asset = assets.Asset(self, "Script", path=str(SCRIPTS / script))
        self.role = ServiceRole(self, "Role", "glue.amazonaws.com", f"The job {name}")
        self.role.allow("s3:GetObject", on=[asset.bucket.arn_for_objects(asset.s3_object_key)])
        logs = cdk.Stack.of(self).format_arn(
            service="logs",
            resource="log-group",
            resource_name=f"{log_groups}/*",
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )
        self.role.allow(
            "logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", on=[logs], because="Glue names them."
        )
        command = {**properties.pop("command"), "script_location": asset.s3_object_url}
        self.job = glue.CfnJob(
            self,
            "Job",
            name=name,
            role=self.role.role_arn,
            max_retries=1,
            execution_property=glue.CfnJob.ExecutionPropertyProperty(max_concurrent_runs=1),
            command=glue.CfnJob.JobCommandProperty(**command),
            **properties,
        )
        accept(self.job, "AwsSolutions-GL1", "CloudWatch encrypts its logs itself.")
        accept(self.job, "AwsSolutions-GL3", "No bookmarks: the script keeps its own state in the bucket.")

    def counts_in(self, namespace: str) -> None:
        """Let the job send metrics of one namespace; PutMetricData knows no resource, the namespace is its bound."""
        self.role.allow(
            "cloudwatch:PutMetricData",
            on=["*"],
            because="PutMetricData knows no resource.",
            when={"StringEquals": {"cloudwatch:namespace": namespace}},
        )

    def count(self, namespace: str, name: str) -> cloudwatch.Metric:
        """Return a count that the script sends at the end of each run, summed over five minutes."""
        return cloudwatch.Metric(
            namespace=namespace,
            metric_name=name,
            dimensions_map={"JobName": self.name},
            statistic="Sum",
            period=cdk.Duration.minutes(5),
        )

    def reads(self, bucket: s3.IBucket, *prefixes: str) -> None:
        """Let the job list a bucket, without which a missing object answers 403, and read below some prefixes."""
        self.role.allow("s3:ListBucket", on=[bucket.bucket_arn])
        self.role.allow(
            "s3:GetObject",
            on=[bucket.arn_for_objects(f"{prefix}*") for prefix in prefixes],
            because="Objects are named after hours, runs and models.",
        )


def spark_job(
    scope: Construct,
    construct_id: str,
    settings: Settings,
    *,
    name: str,
    script: str,
    description: str,
    arguments: Mapping[str, str],
) -> GlueJob:
    """Return a Spark job of Glue 5.1 with two small workers, ten minutes at most, its logs in groups of its own.

    Glue's own groups belong to the account and keep everything for ever.
    Source: https://docs.aws.amazon.com/glue/latest/dg/monitor-continuous-logging.html
    """
    groups = f"/aws-glue/jobs/{name}"
    job = GlueJob(
        scope,
        construct_id,
        name=name,
        script=script,
        log_groups=groups,
        description=description,
        glue_version="5.1",
        worker_type="G.1X",
        number_of_workers=2,
        timeout=10,
        command={"name": "glueetl", "python_version": "3"},
        default_arguments={
            "--job-language": "python",
            "--job-bookmark-option": "job-bookmark-disable",
            "--enable-metrics": "true",
            "--custom-logGroup-prefix": groups,
            **arguments,
        },
    )
    job.counts_in("Glue")  # where --enable-metrics writes
    for group in ("output", "error"):
        job.job.node.add_dependency(log_group(job, group.capitalize(), settings, f"{groups}/{group}"))
    return job


def python_job(
    scope: Construct, construct_id: str, *, name: str, script: str, description: str, arguments: Mapping[str, str]
) -> GlueJob:
    """Return a job in plain Python: the 16th of a DPU, NumPy and PyArrow from the library set of analytics.

    Its logs go to the account's groups: Glue lets only Spark jobs choose.
    Source: https://docs.aws.amazon.com/glue/latest/dg/add-job-python.html
    """
    return GlueJob(
        scope,
        construct_id,
        name=name,
        script=script,
        log_groups="/aws-glue/python-jobs",
        description=description,
        max_capacity=0.0625,
        timeout=15,
        command={"name": "pythonshell", "python_version": "3.9"},
        # Without two hyphens: so the guide writes this argument, and so the console sets it.
        default_arguments={"library-set": "analytics", "--job-language": "python", **arguments},
    )
