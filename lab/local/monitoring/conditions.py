"""The condition key by which a policy bounds PutMetricData, which knows no resource: the namespace.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/iam-cw-condition-keys-namespace.html
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

ACTION: Final = "cloudwatch:PutMetricData"
KEY: Final = "cloudwatch:namespace"
GZIP: Final = b"\x1f\x8b"
Context = Callable[[str, str, bytes, dict[str, Any]], dict[str, Any]]


def namespace(original: Context) -> Context:
    """Wrap the reading of a request's condition keys: PutMetricData has its namespace as one."""

    @wraps(original)
    def request_tag_context(service: str, iam_action: str, body: bytes, params: dict[str, Any]) -> dict[str, Any]:
        context = original(service, iam_action, body, params)
        found = _namespace(body, params) if iam_action == ACTION else ""
        return {**context, KEY: found} if found else context

    return request_tag_context


def _namespace(body: bytes, params: dict[str, Any]) -> str:
    """Return the namespace of a JSON request, compressed or not, or of a form; empty when there is none."""
    if "Namespace" in params:
        given = params["Namespace"]
        return str(given[0] if isinstance(given, list) else given)
    try:
        document = json.loads(gzip.decompress(body) if body.startswith(GZIP) else body)
    except (ValueError, OSError, EOFError):
        return ""
    return str(document.get("Namespace", "")) if isinstance(document, dict) else ""
