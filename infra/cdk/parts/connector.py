"""Athena's DynamoDB connector: the published application, the narrow role it runs as, and its data catalog."""

from __future__ import annotations

from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_athena as athena
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sam as sam
from constructs import Construct
from settings import Settings

from parts.logs import log_group
from parts.roles import ServiceRole

APPLICATION = "arn:aws:serverlessrepo:us-east-1:292517598671:applications/AthenaDynamoDBConnector"
VERSION = "2026.33.1"
"""The application's version; `aws serverlessrepo list-application-versions` shows newer ones."""
SPILL_PREFIX = "athena-spill"


class DynamoDbConnector(Construct):
    """The connector as Athena's data catalog, reading one table and one database.

    Without a role of ours the application makes one that reads every table of the account.
    Source: https://docs.aws.amazon.com/athena/latest/ug/connectors-dynamodb.html
    """

    def __init__(
        self, scope: Construct, construct_id: str, settings: Settings, table: dynamodb.Table, spill: s3.Bucket
    ) -> None:
        """Parameters: table, the one that may be read; spill, where answers over 6 MB go."""
        super().__init__(scope, construct_id)
        stack = cdk.Stack.of(self)
        names = settings.names
        role = ServiceRole(self, "Role", "lambda.amazonaws.com", "Athena's DynamoDB connector")
        role.allow(
            "dynamodb:DescribeTable", "dynamodb:Query", "dynamodb:Scan", "dynamodb:PartiQLSelect", on=[table.table_arn]
        )
        # ListTables knows no resource; listing databases asks for all of them.
        role.allow("dynamodb:ListTables", on=["*"], because="ListTables knows no resource.")
        role.allow("athena:GetQueryExecution", on=[_athena(stack, "workgroup", names.sensor_workgroup)])
        role.allow(
            "glue:GetDatabase",
            "glue:GetDatabases",
            "glue:GetTable",
            "glue:GetTables",
            "glue:GetPartitions",
            on=[
                stack.format_arn(service="glue", resource="catalog"),
                stack.format_arn(service="glue", resource="database", resource_name="*"),
                stack.format_arn(service="glue", resource="table", resource_name=f"{names.sensor_database}/*"),
            ],
            because="Listing databases asks for all; the crawler names the tables.",
        )
        role.allow("s3:GetBucketLocation", "s3:ListBucket", "s3:GetLifecycleConfiguration", on=[spill.bucket_arn])
        role.allow(
            "s3:GetObject",
            "s3:PutObject",
            on=[spill.arn_for_objects(f"{SPILL_PREFIX}/*")],
            because="It names them.",
        )
        # Made here, the group forgets; the function could only make one that never does, and may not.
        group = log_group(self, "Log", settings, f"/aws/lambda/{names.sensor_catalog}")
        role.allow("logs:CreateLogStream", "logs:PutLogEvents", on=[group.log_group_arn])
        application = sam.CfnApplication(
            self,
            "Application",
            location=sam.CfnApplication.ApplicationLocationProperty(
                application_id=APPLICATION, semantic_version=VERSION
            ),
            parameters={
                "AthenaCatalogName": names.sensor_catalog,
                "SpillBucket": spill.bucket_name,
                "SpillPrefix": SPILL_PREFIX,
                "LambdaTimeout": "900",
                "LambdaMemory": "3008",
                "LambdaRole": role.role_arn,
                "DisableSpillEncryption": "false",
            },
        )
        application.add_resource_dependency(cast("logs.CfnLogGroup", group.node.default_child))
        self.catalog = athena.CfnDataCatalog(
            self,
            "Catalog",
            name=names.sensor_catalog,
            type="LAMBDA",
            description="DynamoDB tables, read through Athena's connector.",
            parameters={
                "function": stack.format_arn(
                    service="lambda",
                    resource="function",
                    resource_name=names.sensor_catalog,
                    arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
                )
            },
        )
        self.catalog.add_resource_dependency(application)


def _athena(stack: cdk.Stack, resource: str, name: str) -> str:
    return stack.format_arn(service="athena", resource=resource, resource_name=name)
