"""Tags of a stack, on each of its resources."""

from __future__ import annotations

from collections.abc import Mapping

import aws_cdk as cdk


def tag(stack: cdk.Stack, tags: Mapping[str, str]) -> None:
    """Set tags on every resource that can carry them; the stack's own tags are set when it is made."""
    for key, value in tags.items():
        cdk.Tags.of(stack).add(key, value)
