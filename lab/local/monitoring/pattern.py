"""Filter patterns of CloudWatch Logs, so far as they are made of terms.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from lab.local.errors import AwsError

LONGEST: Final = 1024
_TERM: Final = re.compile(r'([-?]?)(?:"((?:[^"\\]|\\.)*)"|([A-Za-z0-9_]+))(?=\s|$)\s*')

Matches = Callable[[str], bool]


def compiled(pattern: str) -> Matches:
    """Return what tells whether a message matches.

    All terms must be there, or one of those with ``?``; none of those with ``-``. Case counts.
    Raises: AwsError InvalidParameterException for a malformed pattern, and for JSON, space-delimited and regular
    expression patterns, which are not served.
    """
    text = pattern.strip()
    if text[:1] in ("{", "[") or "%" in text:
        raise AwsError(
            "InvalidParameterException",
            f"The filter pattern {text!r} is not served by this AWS: it takes terms, not JSON, columns or expressions.",
        )
    if len(text) > LONGEST:
        raise AwsError("InvalidParameterException", f"A filter pattern has {LONGEST} characters at most.")
    found: dict[str, list[str]] = {"": [], "?": [], "-": []}
    at = 0
    while at < len(text):
        term = _TERM.match(text, at)
        if term is None:
            raise AwsError("InvalidParameterException", f"Invalid character(s) in term {text[at:]!r}")
        found[term[1]].append(re.sub(r"\\(.)", r"\1", term[2]) if term[2] is not None else term[3])
        at = term.end()

    def matches(message: str) -> bool:
        # An optional term beside a required one is not looked at.
        wanted = all(term in message for term in found[""]) if found[""] or not found["?"] else False
        wanted = wanted or (not found[""] and any(term in message for term in found["?"]))
        return wanted and not any(term in message for term in found["-"])

    return matches
