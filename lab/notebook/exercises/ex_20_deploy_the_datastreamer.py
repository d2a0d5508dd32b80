"""Exercise of notebook 20: which actions of a role can change or delete data?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

HINT: Final = "Reading actions begin with Get, List, Describe, Head, BatchGet or Subscribe; everything else may write."
READING: Final = ("Get", "List", "Describe", "Head", "BatchGet", "Subscribe")
EXAMPLE: Final = (
    "s3:GetObject",
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:ListBucket",
    "kinesis:SubscribeToShard",
    "glue:BatchGetPartition",
    "glue:BatchCreatePartition",
)
EXPECTED: Final = ["glue:BatchCreatePartition", "s3:DeleteObject", "s3:PutObject"]


def solution(actions: Sequence[str]) -> list[str]:
    """Return the actions whose verb does not only read, sorted."""
    return sorted(action for action in actions if not action.partition(":")[2].startswith(READING))


def problem(answer: Callable[[Sequence[str]], Any]) -> str:
    """Return what is wrong with the answer, or an empty text."""
    found = sorted(answer(EXAMPLE))
    return "" if found == EXPECTED else f"of {list(EXAMPLE)} it finds {found}, not {EXPECTED}"
