"""The engine against independent computations in Python, over inputs that nobody chose."""

from __future__ import annotations

import math
import re
import struct
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from trino_harness import ask, cell, failure, value

quick = settings(max_examples=60, deadline=None, database=None)
INTEGERS = st.integers(-(2**31) + 1, 2**31 - 1)
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=("Cs",)), max_size=12)
DATES = st.dates(date(1900, 1, 1), date(2200, 12, 31))
MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1)).map(
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
)


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@quick
@given(INTEGERS, INTEGERS.filter(bool))
def test_integer_division_cuts_towards_zero_and_the_rest_has_the_dividend_s_sign(a: int, b: int) -> None:
    quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
    assert (value(f"INTEGER '{a}' / INTEGER '{b}'"), value(f"INTEGER '{a}' % INTEGER '{b}'")) == (
        quotient,
        a - quotient * b,
    )


@quick
@given(INTEGERS, INTEGERS)
def test_a_sum_of_integers_is_right_or_out_of_range(a: int, b: int) -> None:
    sql = f"INTEGER '{a}' + INTEGER '{b}'"
    if -(2**31) <= a + b < 2**31:
        assert value(sql) == a + b
    else:
        assert failure(f"SELECT {sql}").startswith("NUMERIC_VALUE_OUT_OF_RANGE")


@quick
@given(st.decimals(-9999, 9999, places=2), st.decimals(-999, 999, places=3).filter(bool))
def test_a_decimal_quotient_is_exact_to_the_larger_scale(a: Decimal, b: Decimal) -> None:
    with localcontext() as context:
        context.prec = 60
        wanted = (a / b).quantize(Decimal("0.001"), ROUND_HALF_UP)
    assert value(f"CAST('{a}' AS decimal(10,2)) / CAST('{b}' AS decimal(10,3))") == wanted


@quick
@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_real_is_shown_with_the_fewest_digits_that_read_back_as_the_same_real(x: float) -> None:
    text = value(f"CAST(CAST(DOUBLE '{x!r}' AS real) AS varchar)")
    digits = len(text.partition("E")[0].replace(".", "").lstrip("-").rstrip("0"))
    assert struct.pack("f", float(text)) == struct.pack("f", x)
    shorter = (f"{x:.{n}g}" for n in range(1, digits))
    assert not any(struct.pack("f", float(one)) == struct.pack("f", x) for one in shorter if abs(float(one)) < 3.4e38)


@quick
@given(st.floats(-1e6, 1e6).filter(lambda x: abs(x) > 1e-6))
def test_a_double_is_cast_to_integer_half_away_from_zero(x: float) -> None:
    wanted = int(Decimal(x).quantize(Decimal(1), ROUND_HALF_UP))
    assert value(f"CAST(DOUBLE '{x!r}' AS integer)") == wanted


@quick
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_cell_of_a_double_is_read_back_as_the_same_double(x: float) -> None:
    shown = cell(f"CAST({literal(repr(x))} AS double)")
    assert shown is not None
    assert float(shown) == x
    assert re.fullmatch(r"-?\d+\.\d+(E-?\d+)?", shown)


@quick
@given(DATES, st.integers(-2000, 2000))
def test_days_are_added_to_a_date(day: date, count: int) -> None:
    wanted = (day + timedelta(count)).isoformat()
    assert cell(f"date_add('day', {count}, DATE '{day}')") == wanted
    assert cell(f"DATE '{day}' + {count} * INTERVAL '1' DAY") == wanted


@quick
@given(DATES, st.integers(-100, 100))
def test_months_are_added_and_the_day_is_cut_to_the_month(day: date, count: int) -> None:
    months = day.year * 12 + day.month - 1 + count
    year, month = divmod(months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(1)).day
    assert cell(f"date_add('month', {count}, DATE '{day}')") == date(year, month + 1, min(day.day, last)).isoformat()


@quick
@given(MOMENTS, MOMENTS)
def test_elapsed_hours_are_whole_ones_towards_zero(a: datetime, b: datetime) -> None:
    micros = (b - a) // timedelta(microseconds=1)
    wanted = abs(micros) // 3_600_000_000 * (1 if micros >= 0 else -1)
    assert value(f"date_diff('hour', TIMESTAMP '{a}', TIMESTAMP '{b}')") == wanted


@quick
@given(MOMENTS, st.sampled_from(["Asia/Tokyo", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe"]))
def test_an_instant_is_shown_on_the_clock_of_its_zone(at: datetime, zone: str) -> None:
    local = at.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(zone))
    shown = local.strftime("%Y-%m-%d %H:%M:%S.") + f"{local.microsecond // 1000:03}"
    written = at.isoformat(sep=" ", timespec="milliseconds")
    assert cell(f"at_timezone(TIMESTAMP '{written} UTC', '{zone}')") == f"{shown} {zone}"


@quick
@given(DATES)
def test_the_parts_of_a_date_are_those_of_the_iso_calendar(day: date) -> None:
    iso = day.isocalendar()
    parts = ("day_of_week", "week", "year_of_week", "day_of_year", "quarter")
    wanted = (iso.weekday, iso.week, iso.year, day.timetuple().tm_yday, (day.month + 2) // 3)
    assert tuple(value(f"{part}(DATE '{day}')") for part in parts) == wanted


@quick
@given(MOMENTS)
def test_a_formatted_moment_is_parsed_to_itself(at: datetime) -> None:
    pattern = "%Y-%m-%d %H:%i:%s.%f"
    assert value(f"date_parse(date_format(TIMESTAMP '{at}', '{pattern}'), '{pattern}')") == at


@quick
@given(WORDS, st.integers(-15, 15).filter(bool), st.integers(0, 15))
def test_a_substring_counts_from_one_or_from_the_end(word: str, start: int, length: int) -> None:
    first = start - 1 if start > 0 else len(word) + start
    wanted = word[first : first + length] if first >= 0 else ""
    assert value(f"substr({literal(word)}, {start}, {length})") == wanted


@quick
@given(WORDS, st.text("ab,", min_size=1, max_size=2))
def test_a_text_is_split_and_joined_to_itself(word: str, by: str) -> None:
    assert value(f"array_join(split({literal(word)}, {literal(by)}), {literal(by)})") == word
    assert value(f"split({literal(word)}, {literal(by)})") == word.split(by)


@quick
@given(st.lists(st.integers(-50, 50) | st.none(), max_size=8), st.lists(st.integers(-50, 50), max_size=8))
def test_functions_of_arrays_agree_with_lists(a: list[int | None], b: list[int]) -> None:
    def sql(items: list[int | None] | list[int]) -> str:
        inner = ", ".join("NULL" if item is None else str(item) for item in items)
        return f"CAST(ARRAY[{inner}] AS array(integer))"

    known = [item for item in a if item is not None]
    assert value(f"array_sort({sql(a)})") == sorted(known) + [None] * (len(a) - len(known))
    assert value(f"array_distinct({sql(a)})") == list(dict.fromkeys(a))
    assert value(f"filter({sql(a)}, x -> x > 0)") == [item for item in known if item > 0]
    assert value(f"reduce({sql(b)}, 0, (s, x) -> s + x, s -> s)") == sum(b)
    assert value(f"transform({sql(a)}, x -> x * 2)") == [None if item is None else item * 2 for item in a]
    assert value(f"array_except({sql(a)}, {sql(b)})") == [item for item in dict.fromkeys(a) if item not in b]
    assert value(f"{sql(a)} || {sql(b)}") == a + b
    assert value(f"array_sort({sql(b)}, (x, y) -> y - x)") == sorted(b, reverse=True)


@quick
@given(st.dictionaries(WORDS, st.integers(-9, 9), max_size=5))
def test_a_map_goes_through_json_and_back(pairs: dict[str, int]) -> None:
    keys = ", ".join(literal(key) for key in pairs)
    values = ", ".join(str(item) for item in pairs.values())
    made = f"CAST(MAP(ARRAY[{keys}], ARRAY[{values}]) AS map(varchar, integer))"
    assert value(f"CAST(json_parse(json_format(CAST({made} AS json))) AS map(varchar, integer))") == pairs


@quick
@given(st.integers(1, 500), st.integers(0, 500), st.floats(0.1, 4))
def test_the_bounds_of_a_wilson_interval_solve_its_equation(trials: int, wins: int, z: float) -> None:
    wins = min(wins, trials)
    for side in ("lower", "upper"):
        p = value(f"wilson_interval_{side}({wins}, {trials}, DOUBLE '{z!r}')")
        assert math.isclose((wins / trials - p) ** 2, z * z * p * (1 - p) / trials, rel_tol=1e-6, abs_tol=1e-9)


@quick
@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(1, 5)), min_size=1, max_size=12), st.integers(0, 100))
def test_a_weighted_percentile_is_that_of_the_values_so_often_repeated(
    pairs: list[tuple[int, int]], percent: int
) -> None:
    repeated = sorted(x for x, weight in pairs for _ in range(weight))
    at = max(-(-percent * len(repeated) // 100) - 1, 0)
    rows = ", ".join(f"({x}, {weight})" for x, weight in pairs)
    found = ask(f"SELECT approx_percentile(x, w, {percent / 100}) FROM (VALUES {rows}) t(x, w)").rows[0][0]
    assert found == repeated[at]
