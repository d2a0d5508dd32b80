"""Which folders are tables: the examples of the guide, and the settings that change it."""

from __future__ import annotations

from lab.local.crawler.grouping import Table, combined, level_tables, tables
from lab.local.crawler.shape import Shape, similar


def of(names: str, classification: str = "json") -> Shape:
    return Shape(classification, dict.fromkeys(names, "string"), "none", {})


def short(found: list[Table]) -> dict[str, tuple[tuple[str, ...], list[tuple[str, ...]]]]:
    """Place → (partition keys, partition values)."""
    return {table.place: (table.keys, sorted(table.partitions)) for table in found}


def test_when_folders_are_alike_they_are_partitions_of_the_folder_above() -> None:
    keys = ["d/year=2024/month=01/a", "d/year=2024/month=02/a", "d/year=2025/month=01/a"]
    found = tables("d/", {key: of("abc") for key in keys})
    assert short(found) == {"d/": (("year", "month"), [("2024", "01"), ("2024", "02"), ("2025", "01")])}
    assert found[0].partitions["2024", "02"][0] == "d/year=2024/month=02/"


def test_when_folders_are_not_named_by_key_and_value_their_keys_are_numbered() -> None:
    found = tables("", {"2024/01/a": of("a"), "2024/02/a": of("a"), "2025/01/a": of("a")})
    assert short(found) == {"": (("partition_0", "partition_1"), [("2024", "01"), ("2024", "02"), ("2025", "01")])}


def test_when_folders_differ_each_is_a_table() -> None:
    found = tables("", {"one/x=1/a": of("abc"), "one/x=2/a": of("abc"), "two/a": of("xyz")})
    assert short(found) == {"one/": (("x",), [("1",), ("2",)]), "two/": ((), [])}


def test_when_most_folders_are_alike_the_odd_one_is_a_table_of_its_own() -> None:
    found = tables("d/", {"d/k=1/a": of("abcd"), "d/k=2/a": of("abcd"), "d/k=3/a": of("xyz")})
    assert short(found) == {"d/": (("k",), [("1",), ("2",)]), "d/k=3/": ((), [])}


def test_when_files_of_one_folder_differ_each_is_a_table() -> None:
    found = tables("d/", {"d/a.json": of("abc"), "d/b.csv": of("xy", "csv")})
    assert sorted(short(found)) == ["d/a.json", "d/b.csv"]


def test_when_schemas_share_more_than_seventy_percent_they_are_similar() -> None:
    assert similar(of("abcdefgh"), of("abcdefghij"))  # 8 of 10
    assert not similar(of("abcdefg"), of("abcdefghij"))  # 7 of 10
    assert not similar(of("abc"), of("abc", "csv"))
    assert similar(
        Shape("json", {"a": "int", "b": None}, "none", {}), Shape("json", {"a": "double", "b": ["int"]}, "gzip", {})
    )


def test_when_a_table_is_told_by_level_every_folder_of_that_level_is_one() -> None:
    shapes = {"curated/t/year=1/a": of("abc"), "curated/t/year=2/a": of("xyz"), "curated/u/year=1/a": of("abc")}
    assert sorted(short(level_tables("curated/", 3, shapes))) == ["curated/t/", "curated/u/"]
    assert sorted(short(level_tables("", 2, shapes))) == ["curated/"]
    assert level_tables("curated/", 9, shapes) == []
    merged = next(table for table in level_tables("curated/", 3, shapes) if table.place == "curated/t/")
    assert list(merged.shape.columns) == list("abcxyz")


def test_when_compatible_schemas_are_combined_one_table_holds_all_columns() -> None:
    found = combined("d/", {"d/k=1/a": of("abc"), "d/k=2/a": of("xyz"), "d/k=3/a": of("z", "csv")})
    assert short([found]) == {"d/": (("k",), [("1",), ("2",)])}
    assert list(found.shape.columns) == list("abcxyz")


def test_when_folders_lie_at_several_depths_the_odd_ones_are_left_out_and_named() -> None:
    found = combined("d/", {"d/k=1/a": of("a"), "d/k=2/a": of("a"), "d/a": of("a"), "d/k=3/l=1/a": of("a")})
    assert sorted(found.partitions) == [("1",), ("2",)]
    assert found.left_out == ("d/", "d/k=3/l=1/")


def test_when_a_value_was_escaped_it_is_read_back() -> None:
    found = tables("d/", {"d/at=10%3A30/a": of("a"), "d/at=a b/a": of("a")})
    assert sorted(found[0].partitions) == [("10:30",), ("a b",)]
