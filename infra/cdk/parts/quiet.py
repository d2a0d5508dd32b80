"""How long a scheduled job may be quiet before somebody should look."""

from __future__ import annotations

import math
import re
from typing import Final

LONGEST: Final = 168
"""Hours over which an alarm can look back.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html (Period)
"""
_HOURS: Final = {"minute": 1 / 60, "hour": 1, "day": 24}
_RATE: Final = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_CRON: Final = re.compile(r"cron\(\S+ \S+ (\S+) (\S+) (\S+) \S+\)")


def quiet_hours(expression: str) -> int | None:
    """Return after how many hours without a run something is wrong, or None when an alarm cannot tell.

    Four intervals of a rate, two hours at least: a retry and a slow start are no silence. A cron expression that
    fires every day: a day and two hours. One of chosen days only may be quiet for longer than an alarm looks back.
    Parameters: expression, ``rate(…)`` or ``cron(…)``, checked.
    """
    rate = _RATE.fullmatch(expression)
    if rate:
        hours = max(2, math.ceil(4 * int(rate.group(1)) * _HOURS[rate.group(2)]))
        return hours if hours <= LONGEST else None
    cron = _CRON.fullmatch(expression)
    every_day = cron is not None and {*cron.groups()} <= {"*", "?"}
    return 26 if every_day else None
