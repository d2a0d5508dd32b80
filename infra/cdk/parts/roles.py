"""Roles that one service of this account may assume, and nobody else."""

from __future__ import annotations

from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from parts.findings import accept

SAYS_FOR_WHOM: Final = ("firehose.amazonaws.com", "iot.amazonaws.com", "scheduler.amazonaws.com")
"""Services whose guides say that they send aws:SourceAccount when they assume a role.

Glue and Lambda do not say so; under the condition they could not assume their roles at all.
Source: https://docs.aws.amazon.com/iot/latest/developerguide/cross-service-confused-deputy-prevention.html,
https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html,
https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
"""


class ServiceRole(iam.Role):
    """A role for a service principal, guarded against the confused deputy where the service documents it.

    Its permissions stand in the role itself and not in a policy beside it, so that whoever may assume the role has
    them at once: no service starts before its role may act.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """

    def __init__(self, scope: Construct, construct_id: str, service: str, description: str) -> None:
        """Parameters: service, the principal's host name such as ``glue.amazonaws.com``; description, the purpose."""
        self._permissions = iam.PolicyDocument()
        principal: iam.PrincipalBase = iam.ServicePrincipal(service)
        if service in SAYS_FOR_WHOM:
            account = cdk.Stack.of(scope).account
            principal = principal.with_conditions({"StringEquals": {"aws:SourceAccount": account}})
        super().__init__(
            scope,
            construct_id,
            assumed_by=principal,
            description=description,
            inline_policies={"Permissions": self._permissions},
        )

    def allow(
        self, *actions: str, on: list[str], because: str = "", when: dict[str, dict[str, str]] | None = None
    ) -> None:
        """Allow some actions on named resources.

        Parameters: on, ARNs; because, why an ARN has a wildcard, where one has; when, IAM conditions.
        """
        self._permissions.add_statements(iam.PolicyStatement(actions=list(actions), resources=on, conditions=when))
        for resource in on:
            name = _name(cdk.Stack.of(self).resolve(resource))
            if "*" in name:
                accept(self, f"AwsSolutions-IAM5[Resource::{name}]", because)


def _name(resource: Any) -> str:
    """Return an ARN as cdk-nag writes it: references in angle brackets, joins joined."""
    if isinstance(resource, str):
        return resource
    if "Fn::Join" in resource:
        return "".join(_name(part) for part in resource["Fn::Join"][1])
    if "Fn::GetAtt" in resource:
        return f"<{'.'.join(resource['Fn::GetAtt'])}>"
    return f"<{resource['Ref']}>"
