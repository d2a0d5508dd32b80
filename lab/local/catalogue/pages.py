"""Pages of the catalog's lists; a token is the number of entries that were shown before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lab.local.errors import AwsError


def page(items: Sequence[Any], payload: Mapping[str, Any], most: int) -> tuple[Sequence[Any], dict[str, str]]:
    """Return the entries that a request asks for, and the answer's NextToken member when more follow.

    Parameters: payload, with MaxResults and NextToken; most, entries of a page.
    Raises: AwsError InvalidInputException for a token that is none.
    """
    token = payload.get("NextToken") or "0"
    if not token.isdecimal():
        raise AwsError("InvalidInputException", "The NextToken is not one of this AWS.")
    start, size = int(token), min(int(payload.get("MaxResults") or most), most)
    more = {"NextToken": str(start + size)} if start + size < len(items) else {}
    return items[start : start + size], more
