"""Schedule expressions: rate, cron and at, as the instants at which they are due.

Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lab.local.schedules import cron

SECONDS: Final = {"minute": 60, "hour": 3600, "day": 86_400}
_RATE: Final = re.compile(r"^rate\(([1-9]\d{0,8}) (minute|hour|day)s?\)$")
_AT: Final = re.compile(r"^at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\)$")
_CRON: Final = re.compile(r"^cron\((.+)\)$")


class Times(Protocol):
    """The instants of an expression, in Unix seconds."""

    @property
    def recurring(self) -> bool:
        """Tell whether there may be more than one."""

    def at_or_after(self, instant: float) -> float | None:
        """Return the first due instant that is not before another, or None when there is none."""


@dataclass(frozen=True)
class Rate:
    """Every so many seconds. A day has 24 hours on every clock, whatever daylight saving time does."""

    seconds: int
    anchor: float
    recurring: bool = True

    def at_or_after(self, instant: float) -> float | None:
        """Count from the anchor: the start date, or the moment the schedule began."""
        return self.anchor + self.seconds * max(0, math.ceil((instant - self.anchor) / self.seconds))


@dataclass(frozen=True)
class At:
    """Once."""

    instant: float
    recurring: bool = False

    def at_or_after(self, instant: float) -> float | None:
        """Return the one instant, unless it has passed."""
        return self.instant if instant <= self.instant else None


@dataclass(frozen=True)
class CronTimes:
    """At times of the wall clock in a zone.

    A time that spring's change of the clocks leaves out is skipped; one that autumn's change repeats is due once, the
    first time.
    """

    expression: cron.Cron
    zone: ZoneInfo
    recurring: bool = True

    def at_or_after(self, instant: float) -> float | None:
        """Walk the wall clock from the day before: no zone's offset moves a time further."""
        since = datetime.fromtimestamp(instant, self.zone).date()
        for wall in self.expression.wall_times(since):
            due = wall.replace(tzinfo=self.zone, fold=0)
            seconds = due.timestamp()
            if seconds >= instant and datetime.fromtimestamp(seconds, self.zone).replace(tzinfo=None) == wall:
                return seconds
        return None


def zone_of(name: str) -> ZoneInfo:
    """Return a time zone of the IANA database.

    Raises: ValueError when there is none of that name.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name} is not a time zone") from error


def parse(expression: str, zone: ZoneInfo, anchor: float) -> Times:
    """Return the instants of an expression.

    Parameters: zone, in which cron and at are read; anchor, where a rate begins, in Unix seconds.
    Raises: ValueError for anything that is no schedule expression.
    """
    rate = _RATE.match(expression)
    if rate:
        return Rate(int(rate[1]) * SECONDS[rate[2]], anchor)
    once = _AT.match(expression)
    if once:
        return At(datetime.fromisoformat(once[1]).replace(tzinfo=zone).timestamp())
    fields = _CRON.match(expression)
    if fields:
        return CronTimes(cron.parse(fields[1]), zone)
    raise ValueError("expected rate(…), cron(…) or at(…)")


def text_of(instant: float) -> str:
    """Return an instant as Scheduler writes it, such as ``2022-03-22T18:59:43Z``."""
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
