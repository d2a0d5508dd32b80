"""The template of a stack as CloudFormation keeps it: read without synthesising it again."""

from __future__ import annotations

import json
from typing import Any

from lab import stacks, target


def template(stack: str, stage: str = stacks.DEFAULT_STAGE) -> dict[str, Any]:
    """Return a deployed stack's template."""
    body = target.client("cloudformation").get_template(StackName=stacks.name(stack, stage))["TemplateBody"]
    document: dict[str, Any] = json.loads(body) if isinstance(body, str) else body
    return document
