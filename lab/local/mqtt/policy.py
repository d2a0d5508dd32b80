"""Decisions about what a device may do, by the IoT policies of its certificate.

A decision depends on nothing but the policies' documents, the policy variables and the question: so it is remembered,
and a changed or detached policy is another document list.
Source: https://docs.aws.amazon.com/iot/latest/developerguide/iot-policy-actions.html
"""

from __future__ import annotations

from functools import lru_cache

from ministack.core.iam_evaluator import EvalContext, evaluate
from ministack.services import iot


def allows(principal: str, variables: dict[str, str], action: str, resource: str) -> bool:
    """Tell whether the policies attached to a certificate allow an action.

    Parameters: principal, the certificate's ARN; variables, policy variables by name in lower case; resource, such as
    ``topic/a/b``.
    """
    account, region, certificate_id = principal.split(":")[4], principal.split(":")[3], principal.rpartition("/")[2]
    record = iot._certificates.get_scoped(account, region, certificate_id) or {}
    policies = [iot._policies.get_scoped(account, region, name) for name in record.get("attachedPolicies", [])]
    documents = tuple(p["versions"][p["defaultVersionId"]]["document"] for p in policies if p)
    asked = f"arn:aws:iot:{region}:{account}:{resource}"
    return _decided(documents, tuple(sorted(variables.items())), principal, action, asked)


@lru_cache(maxsize=8192)
def _decided(
    documents: tuple[str, ...], variables: tuple[tuple[str, str], ...], principal: str, action: str, resource: str
) -> bool:
    """Evaluate the documents once."""
    parts = principal.split(":")
    asked = EvalContext(
        principal_arn=principal,
        principal_type="Certificate",
        principal_account=parts[4],
        action=action,
        resource_arn=resource,
        region=parts[3],
        service_context=dict(variables),
    )
    statements = [iot._parsed_iot_policy(document, variables) for document in documents]
    return bool(evaluate(asked, statements).decision == "Allow")
