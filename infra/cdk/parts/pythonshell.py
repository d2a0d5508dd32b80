"""Small Glue jobs in plain Python: the 16th of a DPU, NumPy and PyArrow from the library set of analytics."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_glue as glue
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from parts.findings import accept
from parts.roles import ServiceRole

SCRIPTS: Final = Path(__file__).resolve().parents[3] / "glue"


class PythonShellJob(Construct):
    """One job with its script and its role, one run at a time.

    Source: https://docs.aws.amazon.com/glue/latest/dg/add-job-python.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        script: str,
        description: str,
        arguments: Mapping[str, str],
    ) -> None:
        """Parameters: name, of the job; script, a file of the folder glue; arguments, of every run."""
        super().__init__(scope, construct_id)
        asset = assets.Asset(self, "Script", path=str(SCRIPTS / script))
        self.role = ServiceRole(self, "Role", "glue.amazonaws.com", description)
        self.role.allow("s3:GetObject", on=[asset.bucket.arn_for_objects(asset.s3_object_key)])
        logs = cdk.Stack.of(self).format_arn(
            service="logs",
            resource="log-group",
            resource_name="/aws-glue/*",
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )
        self.role.allow(
            "logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", on=[logs], because="Glue names them."
        )
        self.job = glue.CfnJob(
            self,
            "Job",
            name=name,
            role=self.role.role_arn,
            description=description,
            max_capacity=0.0625,
            timeout=15,
            max_retries=1,
            execution_property=glue.CfnJob.ExecutionPropertyProperty(max_concurrent_runs=1),
            command=glue.CfnJob.JobCommandProperty(
                name="pythonshell", python_version="3.9", script_location=asset.s3_object_url
            ),
            # Without two hyphens: so the guide writes this argument, and so the console sets it.
            default_arguments={"library-set": "analytics", "--job-language": "python", **arguments},
        )
        accept(self.job, "AwsSolutions-GL1", "CloudWatch encrypts its logs itself.")
        accept(self.job, "AwsSolutions-GL3", "Python shell jobs have no bookmarks; the scripts keep their own state.")
