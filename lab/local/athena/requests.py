"""Reading the members of a request: what is missing or malformed is refused in Athena's words; lists come in pages."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any, TypeVar

from lab.local.errors import AwsError

Item = TypeVar("Item")


def invalid(message: str, code: str = "INVALID_INPUT") -> AwsError:
    """InvalidRequestException.

    Source: https://docs.aws.amazon.com/athena/latest/APIReference/API_StartQueryExecution.html
    """
    return AwsError("InvalidRequestException", message, AthenaErrorCode=code)


def missing(message: str, name: str) -> AwsError:
    """ResourceNotFoundException, which carries the name that was not found."""
    return AwsError("ResourceNotFoundException", message, ResourceName=name)


def required(payload: dict[str, Any], name: str) -> Any:
    """A member that must be there and not empty. Raises: AwsError InvalidRequestException."""
    value = payload.get(name)
    if value in (None, ""):
        member = name[0].lower() + name[1:]
        raise invalid(f"Value null at '{member}' failed to satisfy constraint: Member must not be null")
    return value


def page(items: Sequence[Item], payload: dict[str, Any], most: int) -> tuple[Sequence[Item], dict[str, str]]:
    """One page of a list, and the NextToken member of the answer.

    Parameters: payload, with NextToken and MaxResults as in the API; most, the operation's largest page.
    """
    start = offset(payload)
    size = page_size(payload, most)
    more = {"NextToken": token(start + size)} if start + size < len(items) else {}
    return items[start : start + size], more


def page_size(payload: dict[str, Any], most: int) -> int:
    """MaxResults. Raises: AwsError when it is out of range."""
    size = payload.get("MaxResults") or most
    if not isinstance(size, int) or not 1 <= size <= most:
        raise invalid(f"MaxResults is more than maximum allowed length {most}.")
    return size


def token(position: int) -> str:
    """NextToken for a position."""
    return base64.urlsafe_b64encode(f"v1:{position}".encode()).decode()


def offset(payload: dict[str, Any]) -> int:
    """The position that NextToken stands for; 0 without one. Raises: AwsError when it is none of ours."""
    text = payload.get("NextToken")
    if not text:
        return 0
    try:
        version, _, position = base64.urlsafe_b64decode(str(text)).decode().partition(":")
        if version == "v1":
            return int(position)
    except (ValueError, binascii.Error):
        pass
    raise invalid("Invalid NextToken", "INVALID_NEXT_TOKEN")
