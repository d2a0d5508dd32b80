"""The CDK's bootstrap: one stack an account and region, shared by every CDK application of both."""

from __future__ import annotations

from typing import Any, Final

from lab import target
from lab.errors import LabError
from lab.release import empty_bucket

STACK: Final = "CDKToolkit"
PARAMETER: Final = "/cdk-bootstrap/hnb659fds/version"


def version() -> int:
    """Return the version of the bootstrap in the target's account and region, 0 when there is none."""
    from botocore.exceptions import ClientError

    try:
        answer = target.client("ssm").get_parameter(Name=PARAMETER)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ParameterNotFound":
            return 0
        raise LabError(f"The bootstrap's version cannot be read: {error}.", "Allow ssm:GetParameter.") from error
    return int(answer["Parameter"]["Value"])


def users() -> list[str]:
    """Return the stacks that rely on the bootstrap: those that ask for its version."""
    return sorted(
        stack["StackName"]
        for stack in _stacks()
        if stack["StackName"] != STACK
        and any(parameter["ParameterKey"] == "BootstrapVersion" for parameter in stack.get("Parameters", []))
    )


def remove() -> bool:
    """Remove the bootstrap with its assets; return false when there was none.

    Raises: LabError while any stack relies on it.
    """
    relying = users()
    if relying:
        raise LabError(f"The CDK's bootstrap is used by {', '.join(relying)}.", "Destroy them first, or leave it.")
    if STACK not in (stack["StackName"] for stack in _stacks()):
        return False
    cloudformation = target.client("cloudformation")
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=STACK)
    resources = [summary for page in pages for summary in page["StackResourceSummaries"]]
    buckets = [entry["PhysicalResourceId"] for entry in resources if entry["ResourceType"] == "AWS::S3::Bucket"]
    for bucket in buckets:
        empty_bucket(bucket)
    cloudformation.delete_stack(StackName=STACK)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=STACK, WaiterConfig={"Delay": 2})
    for bucket in buckets:
        _delete_bucket(bucket)
    return True


def _delete_bucket(bucket: str) -> None:
    """Delete a bucket that the stack keeps by its deletion policy."""
    from botocore.exceptions import ClientError

    try:
        target.client("s3").delete_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise LabError(f"{bucket} could not be deleted: {error}.", "Delete it in the console.") from error


def _stacks() -> list[dict[str, Any]]:
    """Return the stacks of the target that are there."""
    pages = target.client("cloudformation").get_paginator("describe_stacks").paginate()
    return [stack for page in pages for stack in page["Stacks"] if stack["StackStatus"] != "DELETE_COMPLETE"]
