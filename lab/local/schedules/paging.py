"""Pages of a sorted list: the token names the last entry that was shown, so entries that come or go move nothing."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any, Final

from lab.local.errors import AwsError
from lab.local.schedules import request

MOST_RESULTS: Final = 100


def page(keys: Sequence[str], payload: Mapping[str, Any]) -> tuple[list[str], dict[str, str]]:
    """Return the keys of the page that a request asks for, and its NextToken member when more follow.

    Parameters: keys, ascending; payload, with MaxResults (1 to 100) and NextToken.
    Raises: AwsError ValidationException for a token that is none of ours.
    """
    size = request.whole(payload.get("MaxResults", MOST_RESULTS), "maxResults", 1, MOST_RESULTS)
    token = payload.get("NextToken")
    try:
        after = base64.urlsafe_b64decode(token.encode()).decode() if token else ""
    except (binascii.Error, UnicodeError):
        raise AwsError("ValidationException", "Invalid NextToken.") from None
    rest = [key for key in keys if key > after]
    more = {"NextToken": base64.urlsafe_b64encode(rest[size - 1].encode()).decode()} if len(rest) > size else {}
    return rest[:size], more
