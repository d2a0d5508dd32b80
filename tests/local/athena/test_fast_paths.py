"""What DuckDB computes instead of Python tells the same as Python, on many values at once."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from trino_harness import ask

from lab.local.athena import joda, mysql_format
from lab.local.athena.functions.mathematics import round_double
from lab.local.athena.functions.regular import regexp_extract

doubles = st.lists(
    st.one_of(
        st.floats(allow_nan=False, allow_infinity=False),
        st.floats(-1e4, 1e4),
        st.decimals(-1000, 1000, places=3).map(float),
        st.integers(-2000, 2000).map(lambda n: n / 2),
    ),
    min_size=1,
    max_size=40,
)
moments = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)).map(
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
)
MYSQL = st.lists(
    st.sampled_from([f"%{letter}" for letter in "abdHhIijMmpSsTWYyf%"] + [" ", "-", "T", "/", "é"]), max_size=8
)
JODA = st.lists(st.sampled_from([*joda._STRFTIME, " ", "-", ":", "%", "."]), max_size=6).map("".join)
few = settings(max_examples=40, deadline=None, database=None)


def column(expression: str, values: list[str]) -> list[str | None]:
    rows = ", ".join(f"({i}, {value})" for i, value in enumerate(values))
    return [row[0] for row in ask(f"SELECT {expression} FROM (VALUES {rows}) AS t(i, x) ORDER BY i").cells]


@few
@given(doubles, st.integers(0, 15))
def test_a_double_is_rounded_as_its_decimal_text(values: list[float], digits: int) -> None:
    rows = ", ".join(f"({i}, DOUBLE '{value!r}')" for i, value in enumerate(values))
    sql = f"SELECT round(x, {digits}) FROM (VALUES {rows}) AS t(i, x) ORDER BY i"
    found = [row[0] for row in ask(sql).rows]
    assert found == [round_double(value, digits) for value in values]


@few
@given(st.lists(moments, min_size=1, max_size=10), MYSQL)
def test_a_moment_is_shown_by_a_pattern_of_mysql_s(values: list[datetime], letters: list[str]) -> None:
    pattern = "".join(letters)
    found = column(f"date_format(x, '{pattern}')", [f"TIMESTAMP '{value}'" for value in values])
    assert found == [mysql_format.date_format(value, pattern) for value in values]


@few
@given(st.lists(moments, min_size=1, max_size=10), JODA)
def test_a_moment_is_shown_by_a_pattern_of_joda_time_s(values: list[datetime], pattern: str) -> None:
    found = column(f"format_datetime(x, '{pattern}')", [f"TIMESTAMP '{value}'" for value in values])
    assert found == [joda.format_datetime(value, 0, "UTC", pattern) for value in values]


@few
@given(st.lists(st.text("ab1-. ", max_size=12), min_size=1, max_size=20), st.integers(0, 2))
def test_a_group_is_extracted_by_a_plain_pattern(values: list[str], group: int) -> None:
    for pattern in (r"(\d+)-([a-z]+)", r"([ab]+)( ?)", "(a*)(b+)1", r"(\w)\.(\w)", "(a|b)(1)"):
        found = column(f"regexp_extract(x, '{pattern}', {group})", [f"'{value}'" for value in values])
        assert found == [regexp_extract(value, pattern, group) for value in values]


def test_a_moment_with_a_zone_is_shown_on_its_own_clock() -> None:
    at = datetime(2024, 2, 29, 20) + timedelta(hours=9)
    sql = "SELECT date_format(x, '%Y-%m-%d %H:%i'), format_datetime(x, 'yyyy-MM-dd HH:mm') FROM "
    answer = ask(f"{sql} (VALUES TIMESTAMP '2024-02-29 20:00:00 UTC' AT TIME ZONE 'Asia/Tokyo') AS t(x)")
    assert answer.cells == [(f"{at:%Y-%m-%d %H:%M}",) * 2]
