"""Which permissions each role really used: every first decision about a role and an action, kept in a file.

What a policy grants and nobody uses is seen by comparing the file with the policies.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.local.hook import Hook


@dataclass(frozen=True)
class Decision:
    """One decision. role: the role's name; action: such as ``s3:PutObject``; allowed: whether it was."""

    role: str
    action: str
    allowed: bool


class Decisions:
    """Keeps each decision once. Parameters: file, one JSON object a line, in the order in which they came."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._seen = read(file)

    def note(self, decision: Decision) -> None:
        """Keep a decision, unless the same was kept before."""
        if decision in self._seen:
            return
        with self._lock:
            if decision not in self._seen:
                self._seen.add(decision)
                with self._file.open("a", encoding="utf-8") as lines:
                    lines.write(json.dumps(decision.__dict__) + "\n")

    def wrap(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """Return MiniStack's evaluation of policies with a note of each answer about an assumed role."""

        def evaluate(ctx: Any, policies: Any, *limits: Any) -> Any:
            result = original(ctx, policies, *limits)
            if ctx.principal_type == "AssumedRole":
                self.note(Decision(role_name(ctx.principal_arn), ctx.action, result.decision == "Allow"))
            return result

        return evaluate


def role_name(arn: str) -> str:
    """Return the role's name in the ARN of an assumed role, ``arn:aws:sts::account:assumed-role/NAME/session``."""
    return arn.split("/")[1] if arn.count("/") else arn


def read(file: Path) -> set[Decision]:
    """Return the decisions of a file; none when there is no file. A last line cut off by a crash is left out."""
    found = set()
    if file.exists():
        for line in file.read_text(encoding="utf-8").splitlines():
            try:
                found.add(Decision(**json.loads(line)))
            except (ValueError, TypeError):
                continue
    return found


def hooks(decisions: Decisions) -> tuple[Hook, ...]:
    """Return the private name that the recording relies on."""
    return (
        Hook(
            "ministack.core.iam_evaluator",
            "evaluate",
            ("ctx", "policies", "limits"),
            "which permissions a role uses",
            decisions.wrap,
        ),
    )
