"""What the classifiers see in objects, and which globs leave an object out."""

from __future__ import annotations

import gzip
import io
import json
import re
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.local.crawler import classify, types
from lab.local.crawler.listing import pattern
from lab.local.crawler.shape import Shape


def shape(content: bytes) -> Shape:
    """Classify an object of this content."""

    def read(first: int, last: int) -> bytes:
        return content[first:] if first < 0 else content[first : last + 1]

    return classify.classify(read)


def columns(content: bytes) -> dict[str, str]:
    return {name: types.text(kind) for name, kind in shape(content).columns.items()}


def parquet(table: pa.Table) -> bytes:
    stream = io.BytesIO()
    pq.write_table(table, stream)
    return stream.getvalue()


def test_when_an_object_is_parquet_its_types_are_those_of_hive() -> None:
    fields = [
        ("Id", pa.string()),
        ("n", pa.int64()),
        ("i", pa.int32()),
        ("t", pa.timestamp("us")),
        ("d", pa.date32()),
        ("m", pa.decimal128(10, 2)),
        ("f", pa.float32()),
        ("b", pa.bool_()),
        ("l", pa.list_(pa.float64())),
        ("s", pa.struct([("X", pa.int32()), ("y", pa.string())])),
        ("k", pa.map_(pa.string(), pa.int64())),
    ]
    content = parquet(pa.schema(fields).empty_table())
    assert shape(content).classification == "parquet"
    assert columns(content) == {
        "id": "string",
        "n": "bigint",
        "i": "int",
        "t": "timestamp",
        "d": "date",
        "m": "decimal(10,2)",
        "f": "float",
        "b": "boolean",
        "l": "array<double>",
        "s": "struct<x:int,y:string>",
        "k": "map<string,bigint>",
    }


def test_when_a_parquet_footer_is_long_it_is_read_whole() -> None:
    content = parquet(pa.table({f"a_rather_long_column_name_{number:04d}": [1] for number in range(1500)}))
    assert len(columns(content)) == 1500


@pytest.mark.parametrize("glue", ["\n", "", "\r\n  "])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_when_an_object_is_json_all_its_values_count(glue: str, pack: Any) -> None:
    values = [
        {"Id": "a", "n": 1, "big": 2**40, "x": 1, "on": True, "none": None, "in": {"a": 1}, "l": [1, 2.5]},
        {"Id": "b", "n": 2, "x": 0.5, "in": {"b": "t"}, "mixed": 1},
        {"Id": "c", "mixed": "text"},
    ]
    content = pack(glue.join(json.dumps(value) for value in values).encode())
    found = shape(content)
    assert (found.classification, found.compression) == ("json", "gzip" if pack is gzip.compress else "none")
    assert columns(content) == {
        "id": "string",
        "n": "int",
        "big": "bigint",
        "x": "double",
        "on": "boolean",
        "none": "string",
        "in": "struct<a:int,b:string>",
        "l": "array<double>",
        "mixed": "string",
    }
    assert found.paths == ("Id", "big", "in", "l", "mixed", "n", "none", "on", "x")


def test_when_a_json_object_is_a_list_it_is_one_column() -> None:
    assert columns(b'[{"a": 1}, {"a": 2.5}]') == {"array": "array<struct<a:double>>"}


def test_when_json_breaks_off_what_came_before_counts() -> None:
    assert columns(b'{"a": 1}\n{"a": 2.5, "b": "cut o') == {"a": "int"}


def test_when_an_object_is_larger_than_what_is_read_its_beginning_counts() -> None:
    line = json.dumps({"a": 1, "text": "x" * 1000}).encode() + b"\n"
    assert columns(line * 2000) == {"a": "int", "text": "string"}
    assert columns(gzip.compress(line * 2000 + b'{"late": 1}')) == {"a": "int", "text": "string"}


@pytest.mark.parametrize("delimiter", [",", "|", "\t", ";"])
def test_when_a_first_row_differs_in_kind_it_is_a_header(delimiter: str) -> None:
    rows = [["Name", "Count", "Share"], ["a", "1", "0.5"], ["b", "", "2"]]
    content = "\n".join(delimiter.join(row) for row in rows).encode()
    assert columns(content) == {"name": "string", "count": "bigint", "share": "double"}
    assert shape(content).details == {
        "delimiter": delimiter,
        "areColumnsQuoted": "false",
        "columnsOrdered": "true",
        "skip.header.line.count": "1",
    }


def test_when_all_rows_are_alike_there_is_no_header() -> None:
    assert columns(b"a,b\nc,d\n") == {"col0": "string", "col1": "string"}
    assert columns(b"1,x\n2,y\n") == {"col0": "bigint", "col1": "string"}


def test_when_csv_is_quoted_a_delimiter_within_quotes_parts_nothing() -> None:
    content = b'name,note,n\n"a","x, y",1\n"b","z",2\n'
    assert columns(content) == {"name": "string", "note": "string", "n": "bigint"}
    assert shape(content).details["areColumnsQuoted"] == "true"


@pytest.mark.parametrize(
    "content", [b"just words", b"one\ntwo\nthree\n", b"a,b\nc\n", b"\x00\x01\x02", b"\x1f\x8bbroken"]
)
def test_when_an_object_is_none_of_these_it_is_unknown_without_columns(content: bytes) -> None:
    assert (shape(content).classification, shape(content).columns) == ("UNKNOWN", {})


@given(st.binary(max_size=300))
def test_whatever_an_object_holds_it_is_classified(content: bytes) -> None:
    if content[:4] != b"PAR1":
        found = shape(content)
        assert Shape.read(json.loads(json.dumps(found.document()))) == found


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, JSON, JSON)
def test_when_types_are_widened_the_order_does_not_matter_and_nothing_is_lost(one: Any, two: Any, three: Any) -> None:
    first, second, third = (types.of_value(value) for value in (one, two, three))
    assert types.widen(first, second) == types.widen(second, first)
    wide = types.widen(types.widen(first, second), third)
    assert types.widen(wide, wide) == wide
    assert types.widen(wide, first) == wide
    assert isinstance(types.text(wide), str)


@pytest.mark.parametrize(
    ("glob", "inside", "outside"),
    [
        ("*.csv", ["a.csv"], ["a/b.csv", "a.csv.gz"]),
        ("**.csv", ["a.csv", "a/b.csv"], ["a.json"]),
        ("a/**", ["a/b", "a/b/c"], ["b/a"]),
        ("a?.[ch]", ["ab.c"], ["ab.d", "a/.c"]),
        ("[!a]*", ["b1"], ["a1"]),
        ("*.{csv,json}", ["a.csv", "a.json"], ["a.txt"]),
        ("year=20{23,24}/**", ["year=2023/x"], ["year=2025/x"]),
        ("a\\*", ["a*"], ["ab"]),
        ("a,b", ["a,b"], ["a"]),
    ],
)
def test_when_a_glob_leaves_out_it_does_so_within_its_folder_or_below(
    glob: str, inside: list[str], outside: list[str]
) -> None:
    expression = re.compile(pattern(glob))
    assert [bool(expression.fullmatch(key)) for key in inside + outside] == [True] * len(inside) + [False] * len(
        outside
    )
