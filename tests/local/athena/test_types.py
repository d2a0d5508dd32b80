"""Types are read from Trino's and Hive's text and written back; what they coerce to follows Trino."""

from __future__ import annotations

import pytest

from lab.local.athena import types as t
from lab.local.athena.coerce import can_coerce, common_type
from lab.local.athena.type_text import from_hive, from_trino


@pytest.mark.parametrize(
    "text",
    [
        "varchar",
        "varchar(3)",
        "decimal(10,2)",
        "timestamp(3)",
        "timestamp(6) with time zone",
        "array(map(varchar, integer))",
        "row(a integer, b row(c double))",
        "row(integer, varchar(1))",
        "interval day to second",
    ],
)
def test_a_trino_type_is_read_and_written_back(text: str) -> None:
    assert from_trino(text).name == text


@pytest.mark.parametrize(
    ("hive", "trino"),
    [
        ("string", "varchar"),
        ("int", "integer"),
        ("float", "real"),
        ("binary", "varbinary"),
        ("decimal", "decimal(10,0)"),
        ("decimal(12,4)", "decimal(12,4)"),
        ("timestamp", "timestamp(3)"),
        ("array<struct<a:int,b:string>>", "array(row(a integer, b varchar))"),
        ("map<string,array<bigint>>", "map(varchar, array(bigint))"),
        ("varchar(20)", "varchar(20)"),
    ],
)
def test_a_glue_type_is_read_as_athena_shows_it(hive: str, trino: str) -> None:
    assert from_hive(hive).name == trino


@pytest.mark.parametrize("text", ["", "nonsense", "array<", "struct<a>", "array<int>>", "map<string>"])
def test_a_text_that_is_no_type_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match="type"):
        from_hive(text)


@pytest.mark.parametrize(
    ("a", "b", "common"),
    [
        ("integer", "bigint", "bigint"),
        ("integer", "decimal(3,1)", "decimal(11,1)"),
        ("bigint", "real", "real"),
        ("decimal(10,2)", "double", "double"),
        ("varchar(2)", "varchar(5)", "varchar(5)"),
        ("varchar(2)", "varchar", "varchar"),
        ("date", "timestamp(3)", "timestamp(3)"),
        ("timestamp(3)", "timestamp(6) with time zone", "timestamp(6) with time zone"),
        ("array(integer)", "array(double)", "array(double)"),
        ("row(a integer)", "row(b bigint)", "row(bigint)"),
        ("varchar", "integer", None),
        ("varchar", "date", None),
        ("boolean", "integer", None),
        ("array(integer)", "array(varchar)", None),
    ],
)
def test_two_types_have_a_common_one_only_where_trino_coerces(a: str, b: str, common: str | None) -> None:
    found = common_type(from_trino(a), from_trino(b))
    assert (found and found.name) == common


def test_a_wider_type_is_not_taken_where_a_narrower_is_expected() -> None:
    assert can_coerce(t.INTEGER, t.BIGINT)
    assert not can_coerce(t.BIGINT, t.INTEGER)
    assert not can_coerce(t.VARCHAR, t.Varchar(3))


def test_a_result_column_is_described_as_get_query_results_does() -> None:
    described = {
        text: tuple(from_trino(text).info)
        for text in ("integer", "varchar(5)", "real", "decimal(9,3)", "row(a integer)")
    }
    assert described == {
        "integer": ("integer", 10, 0),
        "varchar(5)": ("varchar", 5, 0),
        "real": ("float", 17, 0),
        "decimal(9,3)": ("decimal", 9, 3),
        "row(a integer)": ("row", 0, 0),
    }
