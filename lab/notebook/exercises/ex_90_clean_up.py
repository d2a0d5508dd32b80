"""Exercise of notebook 90: which resources still belong to the project?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

HINT: Final = (
    "A resource is ours by its tag, or by its name's beginning; names alone miss some, tags alone miss others."
)
PREFIX: Final = "datastreamer-"
EXAMPLE: Final = (
    {"name": "datastreamer-staging-stream", "tags": {"PROJECT": "datastreamer"}},
    {"name": "datastreamer-staging-old-logs", "tags": {}},
    {"name": "delivery-role-7f3a", "tags": {"PROJECT": "datastreamer"}},
    {"name": "photos", "tags": {"PROJECT": "holiday"}},
)
EXPECTED: Final = ["datastreamer-staging-old-logs", "datastreamer-staging-stream", "delivery-role-7f3a"]


def solution(resources: Sequence[dict[str, Any]]) -> list[str]:
    """Return the names of ours, sorted."""
    return sorted(
        item["name"]
        for item in resources
        if item["name"].startswith(PREFIX) or item["tags"].get("PROJECT") == "datastreamer"
    )


def problem(answer: Callable[[Sequence[dict[str, Any]]], Any]) -> str:
    """Return what is wrong with the answer, or an empty text."""
    found = sorted(answer(EXAMPLE))
    return "" if found == EXPECTED else f"of {list(EXAMPLE)} it finds {found}, not {EXPECTED}"
