"""What the dead-letter queue of a target is told of an event that did not arrive.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

LONGEST_MESSAGE: Final = 1024
_CODES: Final = (
    (re.compile(r"Throttl|Exceeded|TooMany|ServiceUnavailable|LimitExceeded"), "THROTTLING"),
    (re.compile(r"AccessDenied|NotAuthorized|Authorization|Forbidden"), "NO_PERMISSIONS"),
    (re.compile(r"NotFound|NonExistent|NotExist|NoSuch"), "NO_RESOURCE"),
    (re.compile(r"Validation|Invalid|TooLong|Missing|Unsupported"), "INVALID_PARAMETER"),
)
FINAL: Final = ("NO_PERMISSIONS", "NO_RESOURCE", "INVALID_PARAMETER")
"""Errors after which nothing is tried again: only somebody's action mends them."""


def code_of(error: str) -> str:
    """Return EventBridge's code for the code that a service answered with."""
    return next((code for pattern, code in _CODES if pattern.search(error)), "ERROR_FROM_TARGET")


def attributes(undelivered: Mapping[str, Any], code: str, message: str, condition: str) -> dict[str, str]:
    """Return the message attributes.

    Parameters: code, message, the last error; condition, the limit of the retry policy that was reached, or nothing.
    """
    found = {
        "RULE_ARN": undelivered["rule"],
        "TARGET_ARN": undelivered["target"]["Arn"],
        "ERROR_CODE": code,
        "ERROR_MESSAGE": message[:LONGEST_MESSAGE] or code,
        "RETRY_ATTEMPTS": str(max(0, undelivered["attempts"] - 1)),
    }
    return found | ({"EXHAUSTED_RETRY_CONDITION": condition} if condition else {})
