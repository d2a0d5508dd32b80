"""Deliveries that fail: tried again with growing delays until a retry policy ends it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lab.local.errors import AwsError

FIRST_DELAY_SECONDS: Final = 10.0
LONGEST_DELAY_SECONDS: Final = 600.0
"""AWS tells that the delay grows exponentially, not from what to what."""
ATTEMPTS, AGE = "MaximumRetryAttempts", "MaximumEventAgeInSeconds"
DEFAULT: Final = {ATTEMPTS: 185, AGE: 86400}
"""Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html"""


def delay(attempts: int) -> float:
    """Return the seconds to wait after a number of attempts that failed."""
    return float(min(FIRST_DELAY_SECONDS * 2.0 ** (attempts - 1), LONGEST_DELAY_SECONDS))


def exhausted(policy: Mapping[str, Any], attempts: int, age: float) -> str:
    """Return the limit that no further attempt would keep, or nothing.

    Parameters: attempts, made so far; age, in seconds, that the event will have at the next one.
    """
    if attempts > policy[ATTEMPTS]:
        return ATTEMPTS
    return AGE if age > policy[AGE] else ""


def described(error: Exception) -> tuple[str, str]:
    """Return the code and the message of whatever a call raised."""
    if isinstance(error, AwsError):
        return error.code, error.message
    answer = getattr(error, "response", None)
    if isinstance(answer, dict) and "Error" in answer:
        return str(answer["Error"].get("Code", "Unknown")), str(answer["Error"].get("Message", ""))
    kind = type(error).__name__
    return ("ValidationException" if kind == "ParamValidationError" else kind), str(error)
