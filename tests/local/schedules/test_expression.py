"""When schedule expressions are due, against dates that somebody can look up and against a walk through the days."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.local.schedules import cron, expression

GREENWICH = ZoneInfo("UTC")
TOKYO = ZoneInfo("Asia/Tokyo")
NEW_YORK = ZoneInfo("America/New_York")
ZONES = ("UTC", "Asia/Tokyo", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe")


def instants(text: str, since: str, count: int, zone: ZoneInfo = GREENWICH) -> list[str]:
    """The first instants at or after a UTC time, as UTC texts."""
    after = datetime.fromisoformat(since).replace(tzinfo=UTC).timestamp()
    times = expression.parse(text, zone, after)
    found: list[str] = []
    while len(found) < count:
        due = times.at_or_after(after)
        if due is None:
            break
        found.append(datetime.fromtimestamp(due, UTC).strftime("%Y-%m-%dT%H:%M"))
        after = due + 1
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cron(15 10 * * ? *)", ["2026-02-27T10:15", "2026-02-28T10:15"]),
        ("cron(0/20 9-10 ? * MON-FRI *)", ["2026-02-27T09:00", "2026-02-27T09:20"]),
        ("cron(0 8 1 * ? *)", ["2026-03-01T08:00", "2026-04-01T08:00"]),
        ("cron(0 8 L * ? *)", ["2026-02-28T08:00", "2026-03-31T08:00"]),
        ("cron(0 8 LW * ? *)", ["2026-02-27T08:00", "2026-03-31T08:00"]),
        ("cron(0 8 1W * ? *)", ["2026-03-02T08:00", "2026-04-01T08:00"]),
        ("cron(0 8 1W 8 ? *)", ["2026-08-03T08:00", "2027-08-02T08:00"]),
        ("cron(0 8 31W 5 ? *)", ["2026-05-29T08:00", "2027-05-31T08:00"]),
        ("cron(0 8 ? * 6L *)", ["2026-02-27T08:00", "2026-03-27T08:00"]),
        ("cron(0 8 ? * TUE#1 *)", ["2026-03-03T08:00", "2026-04-07T08:00"]),
        ("cron(0 8 ? * MON#5 *)", ["2026-03-30T08:00", "2026-06-29T08:00"]),
        ("cron(0 8 ? * L *)", ["2026-02-28T08:00", "2026-03-07T08:00"]),
        ("cron(0 8 ? * FRI-MON *)", ["2026-02-27T08:00", "2026-02-28T08:00"]),
        ("cron(0 8 ? * SUN,WED *)", ["2026-03-01T08:00", "2026-03-04T08:00"]),
        ("cron(0 8 ? JAN,jul 1 2027)", ["2027-01-03T08:00", "2027-01-10T08:00"]),
        ("cron(0 0 29 2 ? *)", ["2028-02-29T00:00", "2032-02-29T00:00"]),
        ("cron(59 23 31 12 ? 2198-2199)", ["2198-12-31T23:59", "2199-12-31T23:59"]),
        ("cron(0 0 30 2 ? *)", []),
        ("cron(0 0 1 1 ? 2025)", []),
        ("rate(90 minutes)", ["2026-02-27T00:00", "2026-02-27T01:30"]),
        ("rate(1 day)", ["2026-02-27T00:00", "2026-02-28T00:00"]),
        ("at(2026-02-27T00:00:00)", ["2026-02-27T00:00"]),
        ("at(2026-02-26T23:59:59)", []),
    ],
)
def test_when_an_expression_is_read_its_times_are_those_of_the_calendar(text: str, expected: list[str]) -> None:
    assert instants(text, "2026-02-27T00:00", 2) == expected


def test_when_a_zone_is_given_the_wall_clock_of_that_zone_counts() -> None:
    assert instants("cron(0 2 * * ? *)", "2026-02-27T00:00", 1, TOKYO) == ["2026-02-27T17:00"]
    assert instants("at(2026-02-27T12:00:00)", "2026-02-27T00:00", 1, TOKYO) == ["2026-02-27T03:00"]


def test_when_the_clocks_go_forward_a_time_that_does_not_exist_is_skipped() -> None:
    # 8 March 2026, 02:00 to 03:00 does not exist in New York.
    assert instants("cron(30 2 * * ? *)", "2026-03-07T00:00", 2, NEW_YORK) == ["2026-03-07T07:30", "2026-03-09T06:30"]


def test_when_the_clocks_go_back_a_repeated_time_is_due_once() -> None:
    # 1 November 2026, 01:30 comes twice: at 05:30 and at 06:30 UTC.
    expected = ["2026-10-31T05:30", "2026-11-01T05:30", "2026-11-02T06:30"]
    assert instants("cron(30 1 * * ? *)", "2026-10-31T00:00", 3, NEW_YORK) == expected
    assert instants("cron(30 1 * * ? *)", "2026-11-01T05:31", 1, NEW_YORK) == ["2026-11-02T06:30"]


def test_when_a_day_has_25_hours_a_rate_of_a_day_stays_24_hours() -> None:
    assert instants("rate(1 day)", "2026-10-31T05:00", 3, NEW_YORK)[2] == "2026-11-02T05:00"


@pytest.mark.parametrize(
    "text",
    [
        "cron(99 99 * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(60 0 * * ? *)",
        "cron(0 0 * * * *)",
        "cron(0 0 ? * ? *)",
        "cron(0 0 * * MON *)",
        "cron(0 0 32 * ? *)",
        "cron(0 0 0 * ? *)",
        "cron(0 0 40W * ? *)",
        "cron(0 0 * 13 ? *)",
        "cron(0 0 * FOO ? *)",
        "cron(0 0 ? * 8 *)",
        "cron(0 0 ? * 0 *)",
        "cron(0 0 ? * MON#6 *)",
        "cron(0 0 * * ? 1969)",
        "cron(0 0 * * ? 2200)",
        "cron(0 0 * * ?)",
        "cron(0 0 * * ? * *)",
        "cron(0/0 0 * * ? *)",
        "cron(5-2 0 * * ? *)",
        "cron(, 0 * * ? *)",
        "cron()",
        "0 0 * * ? *",
        "rate(0 minutes)",
        "rate(-1 minutes)",
        "rate(1.5 hours)",
        "rate(5 weeks)",
        "rate(5minutes)",
        "rate(5 minutes",
        "at(2026-13-01T00:00:00)",
        "at(2026-02-30T00:00:00)",
        "at(2026-01-01 00:00:00)",
        "at(2026-01-01T00:00:00Z)",
        "every day",
        "",
    ],
)
def test_when_an_expression_is_none_it_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (the messages are the service's own business)
        expression.parse(text, ZoneInfo("UTC"), 0.0)


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "Asia/tokyo\x00"])
def test_when_a_zone_is_unknown_it_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a time zone"):
        expression.zone_of(name)


def chosen(low: int, high: int) -> st.SearchStrategy[set[int]]:
    return st.sets(st.integers(low, high), min_size=1, max_size=3)


@dataclass(frozen=True)
class Fields:
    """What a cron expression lists. weekdays: as the calendar module counts them, Monday 0; days: None for ``?``."""

    minutes: set[int]
    hours: set[int]
    months: set[int]
    days: set[int] | None
    weekdays: set[int]

    @property
    def text(self) -> str:
        def listed(values: set[int]) -> str:
            return ",".join(str(value) for value in values)

        days = f"{listed(self.days)}" if self.days else "?"
        weekdays = "?" if self.days else listed({(day + 1) % 7 + 1 for day in self.weekdays})
        return f"cron({listed(self.minutes)} {listed(self.hours)} {days} {listed(self.months)} {weekdays} *)"

    def match(self, day: date) -> bool:
        weekday = calendar.weekday(day.year, day.month, day.day)
        return day.month in self.months and (day.day in self.days if self.days else weekday in self.weekdays)


def walked(after: float, zone: ZoneInfo, fields: Fields) -> float:
    """The next match by walking through the days."""
    day = datetime.fromtimestamp(after, zone).date()
    while True:
        if fields.match(day):
            for hour, minute in sorted((hour, minute) for hour in fields.hours for minute in fields.minutes):
                wall = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
                instant = wall.astimezone(UTC)
                exists = instant.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None)
                if exists and instant.timestamp() >= after:
                    return instant.timestamp()
        day += timedelta(days=1)


@given(
    after=st.integers(1_700_000_000, 1_900_000_000),
    zone=st.sampled_from(ZONES),
    fields=st.builds(
        Fields,
        minutes=chosen(0, 59),
        hours=chosen(0, 23),
        months=chosen(1, 12),
        days=st.one_of(st.none(), st.sets(st.integers(1, 28), min_size=1, max_size=3)),
        weekdays=chosen(0, 6),
    ),
)
def test_when_fields_are_lists_the_next_time_is_the_one_that_a_walk_through_the_days_finds(
    after: int, zone: str, fields: Fields
) -> None:
    found = expression.parse(fields.text, ZoneInfo(zone), 0.0).at_or_after(float(after))
    assert found == walked(after, ZoneInfo(zone), fields)


@given(anchor=st.integers(0, 10**9), every=st.integers(1, 5000), after=st.integers(0, 2 * 10**9))
def test_when_a_rate_is_counted_from_its_anchor_the_next_time_is_a_whole_number_of_periods_away(
    anchor: int, every: int, after: int
) -> None:
    due = expression.parse(f"rate({every} minutes)", TOKYO, anchor).at_or_after(after)
    assert due is not None
    assert due >= max(anchor, after)
    assert (due - anchor) % (60 * every) == 0
    assert due == anchor or due - 60 * every < after


@given(st.text(alphabet="0123456789*?/,-#LWMONFRIJAN ", max_size=40))
def test_whatever_stands_in_a_cron_it_is_read_or_refused(text: str) -> None:
    try:
        found = cron.parse(text)
    except ValueError:
        return
    for wall in found.wall_times(date(2190, 1, 1)):
        assert wall.minute in found.minutes
        assert wall.hour in found.hours
        break
