"""Cron expressions of six fields: minutes hours day-of-month month day-of-week year.

Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html (cron-based schedules)
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"), 1
    )
}
WEEKDAYS: Final = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7}
FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2199
_NTH: Final = re.compile(r"^(\w+)#([1-5])$")
_LAST_WEEKDAY: Final = re.compile(r"^(\w+)L$")
_NEAREST: Final = re.compile(r"^(\d+)W$")


@dataclass(frozen=True)
class Cron:
    """A parsed expression.

    minutes, hours, months, years: the values that match, ascending; days: the day-of-month field, or ``?``; weekdays:
    the day-of-week field (1 = Sunday), or ``?``.
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: str
    months: tuple[int, ...]
    weekdays: str
    years: tuple[int, ...]

    def wall_times(self, since: date) -> Iterator[datetime]:
        """Return the matching wall-clock times from the start of a day on, ascending, without a zone."""
        for year in self.years:
            if year < since.year:
                continue
            for month in self.months:
                if (year, month) < (since.year, since.month):
                    continue
                for day in sorted(self._days(year, month)):
                    if (year, month, day) < (since.year, since.month, since.day):
                        continue
                    for hour in self.hours:
                        for minute in self.minutes:
                            yield datetime(year, month, day, hour, minute)

    def _days(self, year: int, month: int) -> set[int]:
        last = calendar.monthrange(year, month)[1]
        found: set[int] = set()
        if self.days != "?":
            for part in self.days.split(","):
                found |= _days_of_month(part, year, month, last)
        else:
            for part in self.weekdays.split(","):
                found |= _days_of_week(part, year, month, last)
        return {day for day in found if 1 <= day <= last}


def parse(fields: str) -> Cron:
    """Return the expression between ``cron(`` and ``)``.

    Raises: ValueError that says what is wrong with which field.
    """
    parts = fields.upper().split()
    if len(parts) != 6:
        raise ValueError("a cron expression has six fields")
    minutes, hours, days, months, weekdays, years = parts
    if (days == "?") == (weekdays == "?"):
        raise ValueError("exactly one of day-of-month and day-of-week must be ?")
    found = Cron(
        _values(minutes, 0, 59),
        _values(hours, 0, 23),
        days,
        _values(months, 1, 12, MONTHS),
        weekdays,
        _values(years, FIRST_YEAR, LAST_YEAR),
    )
    found._days(2000, 1)  # names every mistake in the day fields: the values are read for a month at a time
    return found


def _days_of_month(part: str, year: int, month: int, last: int) -> set[int]:
    """Return the days of one item of the day-of-month field."""
    if part == "L":
        return {last}
    if part == "LW":
        return {_nearest_weekday(last, year, month, last)}
    nearest = _NEAREST.match(part)
    if nearest:
        return {_nearest_weekday(day, year, month, last) for day in _values(nearest[1], 1, 31) if day <= last}
    return set(_values(part, 1, 31))


def _nearest_weekday(day: int, year: int, month: int, last: int) -> int:
    """Return the day of Monday to Friday nearest to a day, within its month."""
    weekday = date(year, month, day).weekday()
    if weekday == 5:
        return day - 1 if day > 1 else day + 2
    if weekday == 6:
        return day + 1 if day < last else day - 2
    return day


def _days_of_week(part: str, year: int, month: int, last: int) -> set[int]:
    """Return the days of a month that one item of the day-of-week field matches."""
    by_weekday: dict[int, list[int]] = {}
    first = date(year, month, 1)
    for offset in range(last):
        moment = first + timedelta(days=offset)
        by_weekday.setdefault((moment.weekday() + 1) % 7 + 1, []).append(moment.day)
    nth = _NTH.match(part)
    if nth:
        (weekday,) = _values(nth[1], 1, 7, WEEKDAYS)
        return set(by_weekday[weekday][int(nth[2]) - 1 : int(nth[2])])
    if part == "L":
        return set(by_weekday[7])
    ending = _LAST_WEEKDAY.match(part)
    if ending:
        (weekday,) = _values(ending[1], 1, 7, WEEKDAYS)
        return {by_weekday[weekday][-1]}
    return {day for weekday in _values(part, 1, 7, WEEKDAYS) for day in by_weekday[weekday]}


def _values(field: str, low: int, high: int, names: dict[str, int] | None = None) -> tuple[int, ...]:
    """Return the values of one field: numbers, names, ``*``, ranges, steps and lists of them.

    Raises: ValueError for a value out of its range.
    """
    found: set[int] = set()
    for item in field.split(","):
        body, slash, step = item.partition("/")
        if slash and not re.fullmatch(r"[1-9]\d{0,3}", step):
            raise ValueError(f"{item} has no step")
        start, dash, end = body.partition("-")
        if body == "*":
            first, last = low, high
        elif dash:
            first, last = _value(start, low, high, names), _value(end, low, high, names)
        else:
            first = _value(start, low, high, names)
            last = high if slash else first
        if first > last:  # such as FRI-MON
            if names is None:
                raise ValueError(f"{item} runs backwards")
            found |= set([*range(first, high + 1), *range(low, last + 1)][:: int(step or 1)])
        else:
            found |= set(range(first, last + 1, int(step or 1)))
    return tuple(sorted(found))


def _value(text: str, low: int, high: int, names: dict[str, int] | None) -> int:
    if names and text in names:
        return names[text]
    if not re.fullmatch(r"\d{1,4}", text) or not low <= int(text) <= high:
        raise ValueError(f"{text or 'nothing'} is not from {low} to {high}")
    return int(text)
