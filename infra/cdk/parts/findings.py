"""Findings of cdk-nag's AwsSolutions rules that stand, each with its reason beside the resource."""

from __future__ import annotations

import aws_cdk as cdk
from constructs import IConstruct


def accept(construct: IConstruct, rule: str, reason: str) -> None:
    """Record that a finding is meant.

    Parameters: rule, such as ``AwsSolutions-S1`` or, for one finding of several, ``AwsSolutions-IAM5[Resource::*]``.
    Source: https://github.com/cdklabs/cdk-nag/blob/main/RULES.md
    """
    cdk.Validations.of(construct).acknowledge(cdk.Acknowledgment(id=rule, reason=reason))
