"""Whether a policy is one: its statements have what IAM's grammar asks of them, before it is kept.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from lab.local.edge import Response, error_response
from lab.local.errors import AwsError
from lab.local.hook import Hook

SYNTAX: Final = "Syntax errors in policy."
VERSIONS: Final = ("2008-10-17", "2012-10-17")
_ACTION: Final = re.compile(r"\*|[a-zA-Z0-9-]+:[\w*?]+")
_RESOURCE: Final = re.compile(r"\*|(arn:|\$\{).+", re.DOTALL)


Statements = list[dict[str, Any]]


def identity_problem(document: Any) -> str:
    """Return what is wrong with a policy of a role, a user or a certificate; nothing when it is one."""
    return _problem(document, _of_an_identity)


def trust_problem(document: Any) -> str:
    """Return what is wrong with a trust policy; nothing when it is one."""
    return _problem(document, _of_trust)


def _problem(document: Any, of_its_kind: Callable[[Statements], str]) -> str:
    statements = _statements(document)
    if statements is None:
        return SYNTAX
    return of_its_kind(statements) or _actions_problem(statements)


def _of_an_identity(statements: Statements) -> str:
    if any("Principal" in one or "NotPrincipal" in one for one in statements):
        return "Policy document should not specify a principal."
    for one in statements:
        resources = _texts(one, "Resource")
        if not resources:
            return "Policy statement must contain resources."
        wrong = next((text for text in resources if not _RESOURCE.fullmatch(text)), None)
        if wrong is not None:
            return f'Resource {wrong} must be in ARN format or "*".'
    return ""


def _of_trust(statements: Statements) -> str:
    if any("Resource" in one or "NotResource" in one for one in statements):
        return "Has prohibited field Resource"
    if not all(one.get("Principal") or "NotPrincipal" in one for one in statements):
        return "Missing required field Principal"
    return ""


def _statements(document: Any) -> Statements | None:
    """Return the statements; None when the document is no policy."""
    try:
        policy = json.loads(document) if isinstance(document, str) else document
    except (ValueError, RecursionError):
        return None
    if not isinstance(policy, dict) or policy.get("Version", VERSIONS[0]) not in VERSIONS:
        return None
    found = policy.get("Statement")
    found = [found] if isinstance(found, dict) else found
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        return None
    return found if all(one.get("Effect") in ("Allow", "Deny") for one in found) else None


def _actions_problem(statements: Statements) -> str:
    for one in statements:
        actions = _texts(one, "Action")
        if not actions:
            return "Policy statement must contain actions."
        if not all(_ACTION.fullmatch(text) for text in actions):
            return "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
    return ""


def _texts(statement: dict[str, Any], member: str) -> list[str]:
    """Return the texts of a member or of its negation; nothing when one is no text."""
    found = statement.get(member, statement.get(f"Not{member}"))
    found = [found] if isinstance(found, str) else found
    return found if isinstance(found, list) and all(isinstance(text, str) for text in found) else []


Check = Callable[[Any], str | None]


def checked(problem: Callable[[Any], str]) -> Callable[[Check], Check]:
    """Return what wraps a check of MiniStack. Parameters: problem, says what is wrong with a document."""

    def wrap(original: Check) -> Check:
        return wraps(original)(lambda document: problem(document) or original(document))

    return wrap


def of_devices(original: Callable[..., Response]) -> Callable[..., Response]:
    """Wrap the making of a policy of AWS IoT, or of its next version."""

    @wraps(original)
    def make(name: str, payload: dict[str, Any], *rest: Any) -> Response:
        document = payload.get("policyDocument")
        wrong = identity_problem(document) if document else ""
        if wrong:
            return error_response(AwsError("MalformedPolicyException", wrong))
        return original(name, payload, *rest)

    return make


_IAM, _IOT = "ministack.services.iam", "ministack.services.iot"
HOOKS: Final = (
    Hook(
        "ministack.core.iam_evaluator",
        "validate_policy_document",
        ("doc",),
        "policies that are none",
        checked(identity_problem),
    ),
    Hook(_IAM, "_trust_policy_not_principal_error", ("doc",), "trust policies that are none", checked(trust_problem)),
    Hook(_IOT, "_create_policy", ("name", "payload"), "policies of devices that are none", of_devices),
    Hook(_IOT, "_create_policy_version", ("name", "payload", "qp"), "policies of devices that are none", of_devices),
)
