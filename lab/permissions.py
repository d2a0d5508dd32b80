"""Who may do what: the roles of a stack with the actions that their policies grant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lab import stacks, target


def grants(stack: str, stage: str) -> dict[str, list[str]]:
    """Return each role of a deployed stack with the actions that its inline policies allow, sorted.

    Roles are named by their logical id without the CDK's hash.
    """
    client = target.client("iam")
    roles = [item for item in stacks.resources(stack, stage) if item["ResourceType"] == "AWS::IAM::Role"]
    return {short(role["LogicalResourceId"]): _actions(client, role["PhysicalResourceId"]) for role in roles}


def by_service(actions: Sequence[str]) -> dict[str, int]:
    """Return the number of actions by service prefix, such as ``s3``."""
    counts: dict[str, int] = {}
    for action in actions:
        service = action.partition(":")[0]
        counts[service] = counts.get(service, 0) + 1
    return counts


def _actions(client: Any, role: str) -> list[str]:
    found: set[str] = set()
    for name in client.list_role_policies(RoleName=role)["PolicyNames"]:
        document = client.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for statement in _listed(document["Statement"]):
            if statement["Effect"] == "Allow":
                found.update(_listed(statement["Action"]))
    return sorted(found)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def short(logical_id: str) -> str:
    """Return a logical id without the hash that the CDK puts behind it."""
    return logical_id[:-8] if len(logical_id) > 8 and logical_id[-8:].isalnum() else logical_id
