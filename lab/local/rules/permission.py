"""Whether a rule's role may do what its action asks for.

Decisions are kept for a moment: a busy rule asks thousands of times a second, and in AWS too a change of a policy takes
effect after seconds.
Source: https://docs.aws.amazon.com/iot/latest/developerguide/iot-create-role.html
"""

from __future__ import annotations

import json
import time
from typing import Any, Final

from ministack.core import iam_evaluator
from ministack.services import iam

from lab.local.rules.errors import ActionError

PRINCIPAL: Final = "iot.amazonaws.com"
KEPT_SECONDS: Final = 0.2
MOST_KEPT: Final = 1024

_kept: dict[tuple[str, str, str, str], tuple[float, str | None]] = {}


def require(role_arn: str, action: str, resource: str, region: str) -> None:
    """Return when the role trusts the rules engine and allows the action.

    Raises: ActionError with AWS's sentence otherwise.
    """
    key = (role_arn, action, resource, region)
    now = time.monotonic()
    until, refusal = _kept.get(key, (0.0, None))
    if now >= until:
        refusal = _refusal(role_arn, action, resource, region)
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[key] = now + KEPT_SECONDS, refusal
    if refusal is not None:
        raise ActionError(refusal)


def _refusal(role_arn: str, action: str, resource: str, region: str) -> str | None:
    """Return why it is not allowed, or None when it is."""
    account, name = _owner(role_arn)
    role = iam._roles.get_scoped(account, None, name) if name else None
    if role is None or not _trusted(role["AssumeRolePolicyDocument"]):
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


def _trusted(document: str | dict[str, Any]) -> bool:
    """Tell whether a trust policy lets the rules engine assume the role."""
    policy = json.loads(document) if isinstance(document, str) else document
    statements = policy.get("Statement", [])
    allowed = False
    for statement in [statements] if isinstance(statements, dict) else statements:
        services = _list((statement.get("Principal") or {}).get("Service", []))
        if PRINCIPAL not in services or not {"sts:AssumeRole", "sts:*", "*"} & set(_list(statement.get("Action", []))):
            continue
        if statement.get("Effect") == "Deny":
            return False
        allowed = True
    return allowed


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
