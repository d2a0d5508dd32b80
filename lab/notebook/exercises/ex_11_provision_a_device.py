"""Exercise of notebook 11: who may publish where, by the policy of the fleet?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

HINT: Final = "The topic has to be exactly device/<own name>/data; names are compared as they are, letter by letter."
CASES: Final = (
    (("a", "device/a/data"), True),
    (("a", "device/ab/data"), False),
    (("a", "device/a/data/more"), False),
    (("a", "device/A/data"), False),
    (("a+b", "device/a+b/data"), True),
)


def solution(thing_name: str, topic: str) -> bool:
    """Say whether a thing may publish on a topic."""
    return topic == f"device/{thing_name}/data"


def problem(answer: Callable[[str, str], Any]) -> str:
    """Return what is wrong with the answer, or an empty text."""
    for (thing, topic), expected in CASES:
        if bool(answer(thing, topic)) is not expected:
            return f"{thing!r} on {topic!r}: {not expected}, not {expected}"
    return ""
