"""Prefix expressions against an independent computation from the moment's own parts."""

from __future__ import annotations

import contextlib
import re
import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.local.firehose import java_time, prefix

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October")
MONTHS += ("November", "December")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def expected(run: str, year: int, rest: tuple[int, ...], offset: int) -> str:
    """What one run of pattern letters shows, by arithmetic on the parts of the local time alone."""
    month, day, hour, minute, second, micro = rest
    letter, width = run[0], len(run)
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    of_year = sum([31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][: month - 1]) + day
    before = year - 1
    ordinal = before * 365 + before // 4 - before // 100 + before // 400 + of_year
    numbers = {"M": month, "d": day, "D": of_year, "H": hour, "h": [12, *range(1, 12)][hour % 12]}
    numbers |= {"m": minute, "s": second, "y": year}
    text = str(numbers.get(letter, "")).rjust(width, "0")
    if letter == "y" and width == 2:
        text = str(year)[-2:]
    elif letter == "M" and width > 2:
        text = MONTHS[month - 1][: 3 if width == 3 else None]
    elif letter == "E":
        text = DAYS[(ordinal - 1) % 7][: None if width == 4 else 3]
    elif letter == "a":
        text = "PM" if hour >= 12 else "AM"
    elif letter == "S":
        text = (str(micro).rjust(6, "0") + "000")[:width]
    elif letter == "X":
        hours, minutes = f"{abs(offset) // 60:02}", f"{abs(offset) % 60:02}"
        rest_text = (":" if width == 3 else "") + minutes if width > 1 or offset % 60 else ""
        text = ("-" if offset < 0 else "+") + hours + rest_text if offset else "Z"
    return text


RUNS = st.sampled_from(
    (
        *("yyyy", "yy", "M", "MM", "MMM", "MMMM", "d", "dd", "D", "DDD", "H", "HH", "h", "hh", "m", "mm", "s", "ss"),
        *("E", "EEE", "EEEE", "a", "SSS", "SSSSSS", "SSSSSSSSS", "X", "XX", "XXX"),
    )
)
LITERALS = st.sampled_from(["/", "-", "=", "'year='", "'it''s'", "''", ":", "_"])
PIECES = st.lists(st.tuples(LITERALS, RUNS), min_size=1, max_size=8)
QUARTERS = st.integers(-48, 56).map(lambda quarter: quarter * 15)


@given(PIECES, st.datetimes(datetime(1000, 1, 2), datetime(9999, 12, 30)), QUARTERS)
def test_every_pattern_shows_the_moment_as_its_parts_say(
    pieces: list[tuple[str, str]], moment: datetime, offset: int
) -> None:
    parts = (moment.month, moment.day, moment.hour, moment.minute, moment.second, moment.microsecond)
    literal = {"'year='": "year=", "'it''s'": "it's", "''": "'"}
    text = "".join(literal.get(before, before) + expected(run, moment.year, parts, offset) for before, run in pieces)
    # Two quotes in a row would be one quote inside a longer literal, so literals are kept apart by the runs.
    local = moment.replace(tzinfo=timezone(timedelta(minutes=offset)))
    assert java_time.write("".join(before + run for before, run in pieces), local) == text


@given(st.text(max_size=30))
def test_any_text_as_a_pattern_is_written_or_refused(pattern: str) -> None:
    with contextlib.suppress(ValueError):
        java_time.write(pattern, datetime(2024, 2, 29, tzinfo=UTC))


@given(st.text(max_size=60), st.none() | st.text(max_size=60))
def test_any_prefix_that_is_accepted_can_be_evaluated(text: str, error: str | None) -> None:
    with contextlib.suppress(ValueError):
        prefix.check(text, error)
        assert prefix.expand(text, 1_709_251_199.0, "Asia/Tokyo")


LEAP_DAY_IN_TOKYO = datetime(2024, 2, 28, 15, 0, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("written", "zone", "evaluated"),
    [
        ("raw/", "UTC", "raw/2024/02/28/15/"),
        ("raw/", "Asia/Tokyo", "raw/2024/02/29/00/"),
        ("", "UTC", "2024/02/28/15/"),
        ("a/year=!{timestamp:yyyy}/day=!{timestamp:dd}/", "Asia/Tokyo", "a/year=2024/day=29/"),
        ("!{timestamp:'dt='yyyy-MM-dd}/", "UTC", "dt=2024-02-28/"),
        ("!{timestamp:DDD}/", "UTC", "059/"),
    ],
)
def test_a_prefix_is_evaluated_at_the_arrival_in_its_zone(written: str, zone: str, evaluated: str) -> None:
    assert prefix.expand(written, LEAP_DAY_IN_TOKYO, zone) == evaluated


def test_a_random_string_has_eleven_characters_and_is_new_each_time_and_the_default_path_follows() -> None:
    found = [prefix.expand("p/!{firehose:random-string}/", 0.0, "UTC") for _ in range(2)]
    assert all(re.fullmatch(r"p/[0-9a-f-]{11}/1970/01/01/00/", text) for text in found)
    assert found[0] != found[1]


@pytest.mark.parametrize(
    ("text", "error", "reason"),
    [
        ("a/!{firehose:error-output-type}/", "e/", "Prefix cannot contain"),
        ("a/!{timestamp:yyyy}/", None, "cannot be null"),
        ("a/!{timestamp:yyyy}/", "e/!{timestamp:yyyy}/", "at least one instance"),
        ("a/!{timestamp:yyyy", "e/", "can only appear"),
        ("a/!{partitionKeyFromQuery:device}/", "e/", "is not served"),
        ("a/!{timestamp:bb}/", "e/", "is not served"),
        ("a/!{timestamp:ddd}/", "e/", "too many letters"),
        ("a/!{timestamp:'yyyy}/", "e/", "open quote"),
        ("a" * 502, None, "512 characters"),
    ],
)
def test_a_prefix_that_firehose_refuses_is_refused(text: str, error: str | None, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        prefix.check(text, error)


def test_a_prefix_of_512_characters_after_evaluation_passes() -> None:
    prefix.check("a" * (512 - len("yyyy/MM/dd/HH/")), None)


def test_an_objects_name_is_stream_version_time_and_its_own() -> None:
    name = uuid.UUID(int=7)
    made = prefix.object_name("s-3", LEAP_DAY_IN_TOKYO, "Asia/Tokyo", name)
    assert made == f"s-3-2024-02-29-00-00-00-{name}"
