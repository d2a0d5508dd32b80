"""Read what services wrote to CloudWatch Logs."""

from __future__ import annotations

import time
from typing import Any, Final

from lab import target

POLL_SECONDS: Final = 0.2


def events(group: str, since: float, pattern: str = "") -> list[str]:
    """Return the messages of a log group since a time (Unix seconds), oldest first.

    Parameters: pattern, CloudWatch's filter pattern (empty: all).
    Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
    """
    extra: dict[str, Any] = {"filterPattern": pattern} if pattern else {}
    pages = target.client("logs").get_paginator("filter_log_events")
    found = pages.paginate(logGroupName=group, startTime=int(since * 1000), **extra)
    return [event["message"] for page in found for event in page["events"]]


def wait_for(group: str, since: float, pattern: str, seconds: float = 30.0) -> list[str]:
    """Return the matching messages as soon as there is one; an empty list after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not (found := events(group, since, pattern)) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return found
