"""When a schedule is due next.

Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html and
https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-flexible-time-windows.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from lab.local.schedules import expression


def times_of(schedule: Mapping[str, Any]) -> expression.Times:
    """Return the instants of a schedule. A rate counts from its start date, or from its creation or last change."""
    zone = expression.zone_of(schedule["ScheduleExpressionTimezone"])
    anchor = float(schedule.get("StartDate", schedule["LastModificationDate"]))
    return expression.parse(schedule["ScheduleExpression"], zone, anchor)


def next_time(schedule: Mapping[str, Any], instant: float) -> float | None:
    """Return the first due instant at or after another, within start and end date, or None when there is none.

    A one-time schedule knows neither start nor end date.
    """
    times = times_of(schedule)
    if not times.recurring:
        return times.at_or_after(instant)
    due = times.at_or_after(max(instant, float(schedule.get("StartDate", instant))))
    end = schedule.get("EndDate")
    return None if due is None or (end is not None and due > float(end)) else due


def invoked_at(schedule: Mapping[str, Any], due: float) -> float:
    """Return when the target is called for a due instant: within the flexible window, the same for the same instant."""
    window = schedule["FlexibleTimeWindow"]
    if window["Mode"] == "OFF":
        return due
    digest = hashlib.sha256(f"{schedule['Arn']} {due}".encode()).digest()
    share = int.from_bytes(digest[:8], "big") / 2**64
    return due + 60.0 * float(window["MaximumWindowInMinutes"]) * share
