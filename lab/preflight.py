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
        for owner in sorted(owners(template)):
            check_owner(account, owner)


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
        "Sign up for QuickSight in the console; let it use Athena, both attempt-s3-athena buckets and the connector's "
        "Lambda function (Manage QuickSight, Security & permissions); or deploy without exposeQuickSight."
    )
    try:
        answer = target.client("quicksight").describe_account_subscription(AwsAccountId=account)
    except (BotoCoreError, ClientError) as error:
        raise LabError(f"QuickSight does not answer for account {account}: {error}.", remedy) from error
    status = answer.get("AccountInfo", {}).get("AccountSubscriptionStatus", "")
    if status != "ACCOUNT_CREATED":
        raise LabError(f"QuickSight of account {account} is not ready (status {status or 'unknown'}).", remedy)


def owners(template: Mapping[str, Any]) -> set[str]:
    """Return the ARNs of the users and groups who own a template's QuickSight resources."""
    return {
        permission["Principal"]
        for resource in template.get("Resources", {}).values()
        if resource["Type"].startswith("AWS::QuickSight::")
        for permission in resource["Properties"].get("Permissions", [])
    }


def check_owner(account: str, arn: str) -> None:
    """Refuse a QuickSight user or group that is not there.

    Parameters: arn, ``arn:aws:quicksight:REGION:ACCOUNT:user/NAMESPACE/NAME``; the region is where identities are kept.
    Raises: LabError saying how to find the right one.
    Source: https://docs.aws.amazon.com/quicksight/latest/APIReference/API_DescribeUser.html
    """
    from botocore.exceptions import BotoCoreError, ClientError

    _, _, _, region, owner, identity = arn.split(":", 5)
    kind, namespace, name = identity.split("/", 2)
    remedy = (
        f"Choose an ARN of `aws quicksight list-{kind}s --aws-account-id {account} --namespace {namespace} "
        f"--region {region}`."
    )
    if owner != account:
        raise LabError(f"quickSightPrincipal {arn} belongs to account {owner}, not to {account}.", remedy)
    client = target.client("quicksight", region)
    try:
        if kind == "user":
            client.describe_user(AwsAccountId=account, Namespace=namespace, UserName=name)
        else:
            client.describe_group(AwsAccountId=account, Namespace=namespace, GroupName=name)
    except (BotoCoreError, ClientError) as error:
        raise LabError(f"quickSightPrincipal {arn} is not to be found: {error}.", remedy) from error
