"""What must be there before a template can be deployed: its services in the region, QuickSight's subscription."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from lab import target
from lab.errors import LabError

SERVICES: Final = {
    "Athena": "athena",
    "CloudWatch": "cloudwatch",
    "DynamoDB": "dynamodb",
    "Events": "events",
    "Glue": "glue",
    "IoT": "iot",
    "Kinesis": "kinesis",
    "KinesisFirehose": "firehose",
    "Logs": "logs",
    "QuickSight": "quicksight",
    "S3": "s3",
    "SNS": "sns",
    "SQS": "sqs",
    "Scheduler": "scheduler",
    "Serverless": "serverlessrepo",
}
"""botocore's names of the services of resource types; global services have no region to miss."""


def check(template: Mapping[str, Any], account: str, region: str) -> None:
    """Refuse a template that cannot be deployed in a region.

    Raises: LabError naming the service that the region lacks, or what QuickSight lacks.
    """
    kinds = {resource["Type"].split("::")[1] for resource in template.get("Resources", {}).values()}
    for kind in sorted(kinds & SERVICES.keys()):
        if region not in regions(SERVICES[kind]):
            raise LabError(f"{kind} is not offered in the region {region}.", "Set AWS_REGION to another region.")
    if "QuickSight" in kinds:
        check_quicksight(account)


@cache
def regions(service: str) -> frozenset[str]:
    """Return the regions in which a service is offered, as botocore lists them; nothing is asked over the network."""
    import boto3

    session = boto3.Session()
    return frozenset(
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions(service, partition_name=partition)
    )


def check_quicksight(account: str) -> None:
    """Refuse QuickSight's resources when the account has no QuickSight.

    Raises: LabError saying how to subscribe; deploying without it would fail halfway.
    Source: https://docs.aws.amazon.com/quicksight/latest/APIReference/API_DescribeAccountSubscription.html
    """
    from botocore.exceptions import BotoCoreError, ClientError

    remedy = (
        "Sign up for QuickSight in the console, give it access to Athena and the two attempt-s3-athena buckets, or "
        "deploy without exposeQuickSight."
    )
    try:
        answer = target.client("quicksight").describe_account_subscription(AwsAccountId=account)
    except (BotoCoreError, ClientError) as error:
        raise LabError(f"QuickSight does not answer for account {account}: {error}.", remedy) from error
    status = answer.get("AccountInfo", {}).get("AccountSubscriptionStatus", "")
    if status != "ACCOUNT_CREATED":
        raise LabError(f"QuickSight of account {account} is not ready (status {status or 'unknown'}).", remedy)
