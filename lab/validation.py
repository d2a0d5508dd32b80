"""What CloudFormation refused before it made anything: names that are taken, properties that are wrong.

It then says only how many, and that DescribeEvents has the list.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_OperationEvent.html
"""

from __future__ import annotations

from typing import Final

from lab import target
from lab.errors import LabError

POINTER: Final = "DescribeEvents"
"""Stands in the reason of a stack that was refused so."""
VALIDATION: Final = "VALIDATION_ERROR"


def check(stack_name: str) -> None:
    """Refuse a stack whose newest operation did not pass.

    Raises: LabError naming every resource with CloudFormation's reason.
    """
    found = problems(stack_name)
    if found:
        raise LabError(
            f"CloudFormation refused {stack_name} before it made anything: {' '.join(found)}",
            "Mend that, then deploy again. Where a name is taken: remove what has it, or choose another LAB_PREFIX.",
        )


def problems(stack_name: str) -> list[str]:
    """Return what the newest operation on a stack was refused for, a sentence each.

    Empty when it was not, or when CloudFormation does not tell this person: its own summary is then all there is.
    """
    from botocore.exceptions import ClientError

    client = target.client("cloudformation")
    try:
        failed = client.describe_events(StackName=stack_name, Filters={"FailedEvents": True})["OperationEvents"]
    except ClientError:
        return []
    return [
        f"{event['LogicalResourceId']}: {event['ValidationStatusReason']}"
        for event in failed
        if event["EventType"] == VALIDATION and event["OperationId"] == failed[0]["OperationId"]
    ]
