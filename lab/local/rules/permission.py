"""Whether a rule's role may do what its action asks for.

Decisions are kept for a moment: a busy rule asks thousands of times a second, and in AWS too a change of a policy takes
effect after seconds.
Source: https://docs.aws.amazon.com/iot/latest/developerguide/iot-create-role.html
"""

from __future__ import annotations

import time
from typing import Final

from ministack.core import iam_evaluator
from ministack.services import iam

from lab.local import trust
from lab.local.context import Caller
from lab.local.rules.errors import ActionError

PRINCIPAL: Final = "iot.amazonaws.com"
KEPT_SECONDS: Final = 0.2
MOST_KEPT: Final = 1024

_kept: dict[tuple[str, Caller, str, str, str], tuple[float, str | None]] = {}


def require(role_arn: str, caller: Caller, action: str, resource: str, region: str) -> None:
    """Return when the role trusts the rules engine, acting for a rule, and allows the action.

    Raises: ActionError with AWS's sentence otherwise.
    """
    key = (role_arn, caller, action, resource, region)
    now = time.monotonic()
    until, refusal = _kept.get(key, (0.0, None))
    if now >= until:
        refusal = _refusal(role_arn, caller, action, resource, region)
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[key] = now + KEPT_SECONDS, refusal
    if refusal is not None:
        raise ActionError(refusal)


def _refusal(role_arn: str, caller: Caller, action: str, resource: str, region: str) -> str | None:
    """Return why it is not allowed, or None when it is."""
    account, name = _owner(role_arn)
    role = iam._roles.get_scoped(account, None, name) if name else None
    if role is None or not trust.trusts(role["AssumeRolePolicyDocument"], caller, account):
        return (
            f"{PRINCIPAL} is unable to assume role {role_arn} "
            "(Service: AWSSecurityTokenService; Status Code: 403; Error Code: AccessDenied)"
        )
    principal = f"arn:aws:sts::{account}:assumed-role/{name}/{PRINCIPAL.partition('.')[0]}"
    asked = iam_evaluator.EvalContext(
        principal_arn=principal,
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=region,
        secure_transport=True,
    )
    limits = iam_evaluator._permissions_boundary(iam._roles, name, account)
    decision = iam_evaluator.evaluate(asked, iam_evaluator._gather_role_policies(name, account), *limits)
    own = iam_evaluator._resource_policy(action.partition(":")[0], resource)
    if own is not None:
        decision = iam_evaluator.combine_resource_policy(decision, asked, *own, limits=tuple(limits))
    if decision.decision == "Allow":
        return None
    service, _, operation = action.partition(":")
    return (
        f"User: {principal} is not authorized to perform: {action} on resource: {resource} "
        f"(Service: {service}; Status Code: 403; Error Code: AccessDenied; Operation: {operation})"
    )


def _owner(role_arn: str) -> tuple[str, str]:
    """Return a role's account and name; empty texts when it is no role's ARN."""
    parts = role_arn.split(":", 5)
    if len(parts) != 6 or not parts[5].startswith("role/"):
        return "", ""
    return parts[4], parts[5].rpartition("/")[2]
