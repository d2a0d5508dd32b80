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
            "Remove what has the name, if nothing else needs it, or choose another LAB_PREFIX; then deploy again.",
        )


def problems(stack_name: str) -> list[str]:
    """Return what the newest operation on a stack was refused for, a sentence each; empty when it was not."""
    answer = target.client("cloudformation").describe_events(StackName=stack_name, Filters={"FailedEvents": True})
    failed = answer["OperationEvents"]
    return [
        f"{event['LogicalResourceId']}: {event['ValidationStatusReason']}"
        for event in failed
        if event["EventType"] == VALIDATION and event["OperationId"] == failed[0]["OperationId"]
    ]
