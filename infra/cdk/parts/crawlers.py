"""What every crawler's role needs: its database in the catalog, and Glue's crawler log."""

from __future__ import annotations

import aws_cdk as cdk
from constructs import Construct

from parts.roles import ServiceRole


def crawler_role(scope: Construct, construct_id: str, database: str) -> ServiceRole:
    """Return a role that may describe tables in one database; the caller adds what it may read.

    The managed AWSGlueServiceRole would allow every bucket and every database.
    Source: https://docs.aws.amazon.com/glue/latest/dg/crawler-prereqs.html
    """
    stack = cdk.Stack.of(scope)

    def glue(resource: str, name: str | None = None) -> str:
        return stack.format_arn(service="glue", resource=resource, resource_name=name)

    role = ServiceRole(scope, construct_id, "glue.amazonaws.com", f"Crawler of the database {database}")
    role.allow(
        "glue:GetDatabase",
        "glue:GetTable",
        "glue:GetTables",
        "glue:CreateTable",
        "glue:UpdateTable",
        "glue:GetPartition",
        "glue:GetPartitions",
        "glue:BatchGetPartition",
        "glue:CreatePartition",
        "glue:BatchCreatePartition",
        "glue:UpdatePartition",
        "glue:BatchUpdatePartition",
        on=[glue("catalog"), glue("database", database), glue("table", f"{database}/*")],
        because="The crawler names the tables of its database after what it finds.",
    )
    group = stack.format_arn(
        service="logs",
        resource="log-group",
        resource_name="/aws-glue/crawlers",
        arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
    )
    role.allow(
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        on=[group, f"{group}:*"],
        because="Glue names the log streams.",
    )
    return role
