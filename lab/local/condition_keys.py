"""Condition keys that MiniStack does not read from a request: a policy that names one would grant nothing.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final

from lab.local.hook import Hook

Context = dict[str, Any]
NAMESPACE: Final = "cloudwatch:namespace"


def namespace(body: bytes, params: Mapping[str, Any]) -> str:
    """Return the namespace that PutMetricData names, or nothing.

    Parameters: body, JSON, which boto3 sends; params, of a form, which older clients send.
    """
    if "Namespace" in params:
        value = params["Namespace"]
        return str(value[0] if isinstance(value, list) else value)
    try:
        asked = json.loads(body or b"{}")
    except ValueError:
        return ""
    return str(asked.get("Namespace", "")) if isinstance(asked, dict) else ""


def with_namespace(original: Callable[..., Context]) -> Callable[..., Context]:
    """Wrap MiniStack's reading of a request's tags, the one place that sees every request's action and body."""

    @wraps(original)
    def request_tag_context(service: str, iam_action: str, body: bytes, params: dict[str, Any]) -> Context:
        found = original(service, iam_action, body, params)
        named = namespace(body, params) if iam_action == "cloudwatch:PutMetricData" else ""
        return {**found, NAMESPACE: named} if named else found

    return request_tag_context


HOOKS: Final = (
    Hook(
        "ministack.core.iam_actions",
        "request_tag_context",
        ("service", "iam_action", "body", "params"),
        "the namespace of PutMetricData, by which a policy bounds it",
        with_namespace,
    ),
)
