"""Filter patterns of terms.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-unstructured-log-events.html
"""

from __future__ import annotations

import pytest

from lab.local.errors import AwsError
from lab.local.monitoring.pattern import compiled

EVENTS = (
    "[ERROR 400] BAD REQUEST",
    "[ERROR 401] UNAUTHORIZED REQUEST",
    "[ERROR 419] MISSING ARGUMENTS",
    "[ERROR 420] INVALID ARGUMENTS",
)


@pytest.mark.parametrize(
    ("pattern", "matched"),
    [
        ("", (0, 1, 2, 3)),
        ("ERROR", (0, 1, 2, 3)),
        ("error", ()),
        ("ERROR ARGUMENTS", (2, 3)),
        ("?ERROR ?ARGUMENTS", (0, 1, 2, 3)),
        ("?UNAUTHORIZED ?MISSING", (1, 2)),
        ("ERROR -ARGUMENTS", (0, 1)),
        ("ERROR ?MISSING", (0, 1, 2, 3)),
        ('"BAD REQUEST"', (0,)),
        ('"[ERROR 4" -"40"', (2, 3)),
        ("-ERROR", ()),
    ],
)
def test_a_pattern_matches_as_the_users_guide_says(pattern: str, matched: tuple[int, ...]) -> None:
    matches = compiled(pattern)
    assert tuple(number for number, event in enumerate(EVENTS) if matches(event)) == matched


@pytest.mark.parametrize("pattern", ['{ $.a = "b" }', "[ip, user]", "%ERR.R%", 'a "b', "a!b", "x" * 1025])
def test_a_pattern_that_is_not_served_or_malformed_is_refused(pattern: str) -> None:
    with pytest.raises(AwsError, match="InvalidParameterException"):
        compiled(pattern)
