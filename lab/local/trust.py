"""Whether a role's trust policy lets a service assume it, with the policy's conditions.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

from __future__ import annotations

from typing import Any, Final

from ministack.core import iam_evaluator

from lab.local.context import Caller
from lab.local.hook import Hook

SAYS_EXTERNAL_ID: Final = "firehose.amazonaws.com"
"""The service that names its account as external id, too.

Source: https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html
"""

HOOKS: Final = (
    Hook("ministack.core.iam_evaluator", "EvalContext", None, "what a condition of a policy is compared with"),
    Hook(
        "ministack.core.iam_evaluator",
        "evaluate_resource_policy",
        ("doc", "ctx", "service", "named_only", "direct_only"),
        "trust policies and policies of topics, asked for a service",
    ),
)


def trusts(document: str | dict[str, Any], caller: Caller, account: str) -> bool:
    """Tell whether a trust policy lets a service assume its role.

    Parameters: account, in which the caller's resource is.
    """
    return allows(document, caller, account, "sts:AssumeRole", "*")


def allows(document: str | dict[str, Any], caller: Caller, account: str, action: str, resource: str) -> bool:
    """Tell whether the policy of a resource allows a service an action on it."""
    said = {"aws:sourceaccount": account, "aws:sourcearn": caller.source} if caller.source else {}
    said |= {"aws:sourceowner": account} if action.startswith("sns:") else {}  # of SNS's default policy
    if caller.principal == SAYS_EXTERNAL_ID:
        said["sts:externalid"] = account
    asked = iam_evaluator.EvalContext(
        principal_arn=caller.principal,
        principal_type="AWSService",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region="",
        source_ip="",
        secure_transport=True,
        service_context=said,
        principal_keys={"aws:principalisawsservice": "true", "aws:principalservicename": caller.principal},
    )
    answer = iam_evaluator.evaluate_resource_policy(document, asked, service=caller.principal)
    return bool(answer.decision == "Allow")
