"""Exercise of notebook 10: which resources survive the deletion of a stack?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

HINT: Final = "Look at each resource's DeletionPolicy; a table or a bucket without one is deleted too."
KEEPING: Final = ("Retain", "RetainExceptOnCreate", "Snapshot")
EXAMPLE: Final[dict[str, Any]] = {
    "Resources": {
        "Table": {"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain"},
        "Rule": {"Type": "AWS::IoT::TopicRule"},
        "Results": {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Delete"},
        "Archive": {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain"},
    }
}


def solution(template: dict[str, Any]) -> list[str]:
    """Return the logical ids of the resources that stay, sorted."""
    resources = template["Resources"].items()
    return sorted(name for name, resource in resources if resource.get("DeletionPolicy", "Delete") in KEEPING)


def problem(answer: Callable[[dict[str, Any]], Any]) -> str:
    """Return what is wrong with the answer, or an empty text."""
    found = answer(EXAMPLE)
    expected = ["Archive", "Table"]
    if sorted(found) == expected:
        return ""
    policies = {name: resource.get("DeletionPolicy") for name, resource in EXAMPLE["Resources"].items()}
    return f"of resources with the DeletionPolicy {policies} it finds {sorted(found)}, not {expected}"
