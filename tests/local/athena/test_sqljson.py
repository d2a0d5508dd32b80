"""SQL/JSON: the examples of Trino's page, the rules of its path language, and paths against Python."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trino_harness import ask, cell, failure, value

from lab.local.athena.errors import QueryError

quick = settings(max_examples=60, deadline=None, database=None)
INPUT = """'["a", "b", "c"]'"""
CUSTOMERS = """(VALUES
    (101, '{"comment" : "nice", "children" : [10, 13, 16]}'),
    (102, '{"comment" : "problematic", "children" : [8, 11]}'),
    (103, '{"comment" : "knows best", "children" : [2]}')) AS customers(id, description)"""


def column(expression: str) -> list[str | None]:
    return [row[0] for row in ask(f"SELECT {expression} FROM {CUSTOMERS} ORDER BY id").cells]


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("json_exists(description, 'lax $.children[*]?(@ > 10)')", ["true", "true", "false"]),
        ("json_exists(description, 'strict $.children[2]?(@ > 10)' UNKNOWN ON ERROR)", ["true", None, None]),
        ("json_query(description, 'lax $.children')", ["[10,13,16]", "[8,11]", "[2]"]),
        ("json_query(description, 'lax $.children[*]' WITHOUT ARRAY WRAPPER NULL ON ERROR)", [None, None, "2"]),
        ("json_query(description, 'lax $.children[last]' WITH ARRAY WRAPPER)", ["[16]", "[11]", "[2]"]),
        (
            "json_query(description, 'strict $.children[*]?(@ > 12)' WITH ARRAY WRAPPER EMPTY ARRAY ON EMPTY)",
            ["[13,16]", "[]", "[]"],
        ),
        (
            "json_query(description, 'strict $.comment' KEEP QUOTES)",
            ['"nice"', '"problematic"', '"knows best"'],
        ),
        ("json_query(description, 'strict $.comment' OMIT QUOTES)", ["nice", "problematic", "knows best"]),
        (
            "json_value(description, 'lax $.comment' RETURNING char(12)) || '|'",
            ["nice        |", "problematic |", "knows best  |"],
        ),
        ("json_value(description, 'lax $.children[0]' RETURNING tinyint)", ["10", "8", "2"]),
        ("json_value(description, 'strict $.children[2]' DEFAULT 'err' ON ERROR)", ["16", "err", "err"]),
        ("json_value(description, 'lax $.children[2]' DEFAULT 'missing' ON EMPTY)", ["16", "missing", "missing"]),
    ],
)
def test_the_examples_of_the_page_have_its_answers(expression: str, wanted: list[str | None]) -> None:
    assert column(expression) == wanted


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("json_array(true, 12e-1, 'text')", '[true,1.2,"text"]'),
        ("json_array('[  \"text\"  ] ' FORMAT JSON, X'5B0035005D00' FORMAT JSON ENCODING UTF16)", '[["text"],[5]]'),
        ("json_array(json_query('{\"key\" : [  \"value\"  ]}', 'lax $.key'))", '[["value"]]'),
        (
            "json_array(DATE '2001-01-31', UUID '12151fd2-7586-11e9-8f9e-2a86e4085a59')",
            '["2001-01-31","12151fd2-7586-11e9-8f9e-2a86e4085a59"]',
        ),
        ("json_array()", "[]"),
        ("json_array(null)", "[]"),
        ("json_array(true, null, 1)", "[true,1]"),
        ("json_array(true, null, 1 ABSENT ON NULL)", "[true,1]"),
        ("json_array(true, null, 1 NULL ON NULL)", "[true,null,1]"),
        ("json_array(true, 1 RETURNING VARCHAR(100))", "[true,1]"),
        ("json_array(true, 1 RETURNING VARBINARY)", "5b 74 72 75 65 2c 31 5d"),
        (
            "json_array(true, 1 RETURNING VARBINARY FORMAT JSON ENCODING UTF16)",
            "5b 00 74 00 72 00 75 00 65 00 2c 00 31 00 5d 00",
        ),
        ("json_object('key1' : 1, 'key2' : true)", '{"key1":1,"key2":true}'),
        ("json_object(KEY 'key1' VALUE 1, KEY 'key2' VALUE true)", '{"key1":1,"key2":true}'),
        ("json_object('key1' VALUE 1, 'key2' VALUE true)", '{"key1":1,"key2":true}'),
        ("json_object('x' : true, 'y' : 12e-1, 'z' : 'text')", '{"x":true,"y":1.2,"z":"text"}'),
        ("json_object('x' : '[  \"text\"  ] ' FORMAT JSON)", '{"x":["text"]}'),
        ("json_object()", "{}"),
        ("json_object('x' : null, 'y' : 1)", '{"x":null,"y":1}'),
        ("json_object('x' : null, 'y' : 1 ABSENT ON NULL)", '{"y":1}'),
        ("json_object('x' : 1 RETURNING VARBINARY)", "7b 22 78 22 3a 31 7d"),
        ("json_object('key' : json_object('a' : 1))", '{"key":{"a":1}}'),
        ("json_object('r' : REAL '1.1', 'd' : DECIMAL '1.20', 'e' : 1e10)", '{"r":1.1,"d":1.20,"e":1.0E10}'),
        ("CAST(REAL '1.1' AS json)", "1.1"),
    ],
)
def test_a_constructor_makes_the_text_that_the_page_gives(expression: str, wanted: str) -> None:
    assert cell(expression) == wanted


# Sequences of the page's section on the path language; each is read through an array wrapper.
THREE_OBJECTS = """[{"customer": 100, "region": "AFRICA"}, {"region": "ASIA"},
    {"customer": 300, "region": "AFRICA", "comment": null}]"""
THREE_ARRAYS = '[[0, 1, 2], ["a", "b", "c", "d"], [null, null]]'


@pytest.mark.parametrize(
    ("document", "path", "wanted"),
    [
        (THREE_OBJECTS, "lax $.customer", [100, 300]),
        (THREE_OBJECTS, "strict $[*].customer", None),
        (THREE_OBJECTS, "lax $.*", [100, "AFRICA", "ASIA", 300, "AFRICA", None]),
        (THREE_ARRAYS, "lax $[*][last]", [2, "d", None]),
        (THREE_ARRAYS, "lax $[*][2 to 3]", [2, "c", "d"]),
        (THREE_ARRAYS, "strict $[*][2 to 3]", None),
        (THREE_ARRAYS, "lax $[*][1, 0, 0]", [1, 0, 0, "b", "a", "a", None, None, None]),
        (THREE_ARRAYS, "lax $[*][*]", [0, 1, 2, "a", "b", "c", "d", None, None]),
        (THREE_ARRAYS, "lax $[5 to 3]", []),
        (THREE_ARRAYS, "strict $[1 to 0]", None),
        (THREE_ARRAYS, "lax $[*].size()", [3, 4, 2]),
        (
            THREE_OBJECTS,
            'lax $?(@.region != "ASIA").customer',
            [100, 300],
        ),
        (THREE_OBJECTS, "lax $?(!exists(@.customer))", [{"region": "ASIA"}]),
        (THREE_OBJECTS, "lax $[2].keyvalue().name", ["customer", "region", "comment"]),
        (THREE_OBJECTS, "lax $.keyvalue().id", [0, 0, 1, 2, 2, 2]),
        ('[-1, 23e4, "5.6"]', "lax $.double()", [-1.0, 230000.0, 5.6]),
        ("[-1.5, -1, 1.3]", "lax $.ceiling()", [-1.0, -1, 2.0]),
        ("[-1.5, -1, 1.3]", "lax $.floor()", [-2.0, -1, 1.0]),
        ("[-1.5, -1, 1.3]", "lax $.abs()", [1.5, 1, 1.3]),
        ('[1, "a", true, null, [], {}]', "lax $[*].type()", ["number", "string", "boolean", "null", "array", "object"]),
        (
            '[[1, "a", null], {"key1": 1.0, "key2": true}, -2e3]',
            "lax $[*][*]",
            [1, "a", None, {"key1": 1.0, "key2": True}, -2000.0],
        ),
        ('[[1, "a", null], {"key1": 1.0, "key2": true}, -2e3]', "lax $[*].size()", [3, 1, 1]),
        ('[[1, "a", null], {"key1": 1.0, "key2": true}, -2e3]', "lax $[*].floor()", None),
        (
            '{"id": 1, "notes": [{"type": 1, "comment": "foo"}, {"comment": null}], "comment": ["bar", "baz"]}',
            "lax $..comment",
            [["bar", "baz"], "foo", None],
        ),
        ('["abc", "abd", "x"]', 'lax $?(@ starts with "ab")', ["abc", "abd"]),
        ('[1, "a", 5]', "lax $?(@ > 2)", [5]),
        ('[1, "a", 5]', "lax $?((@ > 2) is unknown)", ["a"]),
        ("[1, 2, 3, 4]", "lax $?(@ > 1 && @ < 4 || @ == 1)", [1, 2, 3]),
        ("[null, 1]", "lax $?(@ == null)", [None]),
        ("[null, 1]", "lax $?(@ != null)", [1]),
        ("[null, [1], 1]", "strict $[*]?((@ == 1) is unknown)", [[1]]),
        ('{"a": 7}', "lax -$.a * 2 + 20 % 6", [-12]),
        ('{"a": 7}', "lax $.a / 2", [3]),
        ('{"a": 7}', "lax $.a / 0", None),
        ('{"a": 7}', "lax ($.a + 0.5) * 2", [15.0]),
        ('{"a b": {"last": 1}}', 'lax $."a b".last', [1]),
        ("2147483647", "lax $ + 1", None),
        ("3000000000", "lax $ + 1", [3000000001]),
        ('{"a": "x"}', 'lax $?((@.a) == "x").a', ["x"]),
    ],
)
def test_a_path_finds_the_items_that_the_page_says(document: str, path: str, wanted: list[Any] | None) -> None:
    sql = f"json_query('{document}', '{path}' WITH UNCONDITIONAL ARRAY WRAPPER EMPTY ARRAY ON EMPTY NULL ON ERROR)"
    found = cell(sql)
    assert (None if found is None else json.loads(found)) == wanted


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        (f"json_value({INPUT}, 'lax $number + 1' PASSING 5 AS \"number\")", "6"),
        (f"json_value({INPUT}, 'lax $array[0]' PASSING '[1, 2, 3]' FORMAT JSON AS \"array\")", "1"),
        (f"json_value({INPUT}, 'lax $array[0]' PASSING '[...' FORMAT JSON AS \"array\")", None),
        (f"json_value({INPUT}, 'lax $[$number]' PASSING 5 AS \"number\")", None),
        (f"json_value({INPUT}, 'lax $p' PASSING INTERVAL '2' DAY AS \"p\")", "2 00:00:00.000"),
        (f"json_value({INPUT}, 'lax $N' PASSING 5 AS n)", "5"),
        (
            f"json_value({INPUT}, 'lax $v' PASSING null FORMAT JSON AS \"v\" DEFAULT 'was empty...' ON EMPTY)",
            "was empty...",
        ),
        (f"json_exists({INPUT}, 'lax $v' PASSING null AS \"v\")", "true"),
        (f"json_query({INPUT}, 'lax $v' PASSING null AS \"v\")", "null"),
        (f"json_value({INPUT}, 'lax null')", None),
        (f"json_value({INPUT}, 'lax 1000' RETURNING tinyint)", None),
        (f"json_value({INPUT}, 'lax 1000' RETURNING tinyint DEFAULT TINYINT '-1' ON ERROR)", "-1"),
        (f"json_value({INPUT}, 'lax $' DEFAULT 'x' ON ERROR)", "x"),
        (f"json_query({INPUT}, 'lax $[1]' RETURNING char(10)) || '|'", '"b"       |'),
        (f"json_query({INPUT}, 'strict $[100]' EMPTY OBJECT ON ERROR)", "{}"),
        ("json_query('[...', 'lax $' EMPTY ARRAY ON ERROR)", "[]"),
        ("json_exists('[...', 'lax $' TRUE ON ERROR)", "true"),
        ("json_exists(null, 'lax $')", None),
        ("json_value('{\"a\": 1.5}', 'lax $.a')", "1.5E0"),
        ("json_value('{\"a\": 2.5}', 'lax $.a' RETURNING integer)", "3"),
        ("json_value('{\"a\": \"2.5\"}', 'lax $.a' RETURNING decimal(4,2))", "2.50"),
        ("json_value('{\"a\": \"2024-02-28\"}', 'lax $.a' RETURNING date)", "2024-02-28"),
        ("json_value('{\"a\": \"2024-02-30\"}', 'lax $.a' RETURNING date)", None),
        (
            "json_value('{\"a\": \"2024-02-28 23:59:59.9996\"}', 'lax $.a' RETURNING timestamp(3))",
            "2024-02-29 00:00:00.000",
        ),
        (
            "json_value('{\"a\": \"2024-02-28 01:00 Asia/Tokyo\"}', 'lax $.a' RETURNING timestamp with time zone)",
            "2024-02-28 01:00:00.000 Asia/Tokyo",
        ),
        ("json_value('{\"a\": \"true\"}', 'lax $.a' RETURNING boolean)", "true"),
        ("typeof(json_value('1', 'lax $' RETURNING decimal(5,2)))", "decimal(5,2)"),
        ("TRY(json_value('1', 'strict $.a' ERROR ON ERROR))", None),
    ],
)
def test_clauses_say_what_comes_of_arguments_and_errors(expression: str, wanted: str | None) -> None:
    assert cell(expression) == wanted


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        (
            f"json_value({INPUT}, 'strict $[100]' ERROR ON ERROR)",
            "PATH_EVALUATION_ERROR: path evaluation failed: structural error: "
            "invalid array subscript: [100, 100] for array of size 3",
        ),
        (
            f"json_value({INPUT}, 'lax $[100]' ERROR ON EMPTY)",
            "JSON_VALUE_RESULT_ERROR: cannot extract SQL scalar from JSON: JSON path found no items",
        ),
        (
            f"json_query({INPUT}, 'lax $[0 to 2]' ERROR ON ERROR)",
            "JSON_OUTPUT_CONVERSION_ERROR: conversion from JSON failed: JSON path found multiple items",
        ),
        ("json_value('[...', 'lax $' ERROR ON ERROR)", "JSON_INPUT_CONVERSION_ERROR: conversion to JSON failed: "),
        (
            f"json_value({INPUT} FORMAT JSON ENCODING UTF8, 'lax $[1]')",
            "TYPE_MISMATCH: line 1:19: Cannot read input of type varchar(15) as JSON using formatting JSON ENCODING "
            "UTF8",
        ),
        (
            f"json_value({INPUT}, 'lax $number + 1' PASSING 2 AS number)",
            'INVALID_PATH: line 1:38: no value passed for parameter number. Try quoting "number" in the PASSING clause '
            "to match case",
        ),
        (
            f"json_value({INPUT}, 'certainly not a valid path')",
            "SYNTAX_ERROR: line 1:39: mismatched input 'certainly' expecting {'lax', 'strict'}",
        ),
        (
            f"json_query({INPUT}, 'lax 1' RETURNING tinyint)",
            "TYPE_MISMATCH: line 1:8: Cannot output JSON value as tinyint using formatting JSON",
        ),
        (
            f"json_value({INPUT}, 'lax 1' DEFAULT 5 ON EMPTY)",
            "TYPE_MISMATCH: line 1:54: Function JSON_VALUE default ON EMPTY result must evaluate to a varchar "
            "(actual: integer)",
        ),
        (
            f"json_value({INPUT}, 'lax last')",
            "INVALID_PATH: line 1:38: accessing the last array index with no enclosing array",
        ),
        (
            f"json_value({INPUT}, 'lax $.datetime()')",
            "NOT_SUPPORTED: line 1:38: datetime method in JSON path is not yet supported",
        ),
        (
            "json_object('x' : null, 'x' : 1 WITH UNIQUE KEYS)",
            "INVALID_FUNCTION_ARGUMENT: duplicate key passed to JSON_OBJECT function",
        ),
        ("json_object('key' : 1, 'key' : 2)", "NOT_SUPPORTED: cannot construct a JSON object with duplicate key"),
        (
            "json_object(CAST(null AS varchar) : 1)",
            "INVALID_FUNCTION_ARGUMENT: null value passed for JSON object key to JSON_OBJECT function",
        ),
    ],
)
def test_an_error_has_trinos_name_place_and_words(expression: str, wanted: str) -> None:
    assert failure(f"SELECT {expression}") == wanted


def test_json_table_is_refused_by_name() -> None:
    sql = "SELECT * FROM json_table('[]', 'lax $' COLUMNS (a integer PATH 'lax $.a')) AS t"
    assert failure(sql).startswith("NOT_SUPPORTED: line 1:15: function json_table ")


def test_the_functions_work_on_columns_in_groups_lambdas_and_with_parameters() -> None:
    rows = '(VALUES (\'{"k": "a", "n": 1}\'), (\'{"k": "a", "n": 2}\'), (null)) AS t(j)'
    grouped = (
        f"SELECT json_value(j, 'lax $.k'), sum(json_value(j, 'lax $.n' RETURNING bigint)), json_object('n' : count(*)) "
        f"FROM {rows} GROUP BY json_value(j, 'lax $.k') ORDER BY 1"
    )
    assert ask(grouped).cells == [("a", "3", '{"n":2}'), (None, None, '{"n":1}')]
    assert cell("transform(ARRAY['{\"x\": 1}', '{}'], j -> json_value(j, 'lax $.x'))") == "[1, null]"
    assert ask("SELECT json_array(?, ?)", ("'a'", "1")).cells == [('["a",1]',)]


SCALARS = st.none() | st.booleans() | st.integers(-(2**31), 2**31 - 1) | st.text("abc\"\\ é'", max_size=5)
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", min_size=1, max_size=2), inner, max_size=4)
    ),
    max_leaves=12,
)


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def everything(document: Any) -> list[Any]:
    found = [document]
    parts = document.values() if isinstance(document, dict) else document if isinstance(document, list) else []
    for part in parts:
        found += everything(part)
    return found


@quick
@given(DOCUMENTS)
def test_the_whole_of_a_document_is_the_document(document: Any) -> None:
    shown = literal(json.dumps(document))
    assert json.loads(value(f"json_query({shown}, 'strict $')")) == document


@quick
@given(DOCUMENTS, st.text("abc", min_size=1, max_size=2))
def test_descendants_are_the_members_of_all_objects_in_order(document: Any, key: str) -> None:
    wanted = [part[key] for part in everything(document) if isinstance(part, dict) and key in part]
    found = value(
        f"json_query({literal(json.dumps(document))}, 'strict $..{key}' WITH ARRAY WRAPPER EMPTY ARRAY ON EMPTY)"
    )
    assert json.loads(found) == wanted


@quick
@given(st.lists(st.integers(-100, 100), max_size=8), st.integers(0, 9), st.integers(0, 9), st.integers(-100, 100))
def test_ranges_and_filters_of_an_array_are_python_s(numbers: list[int], first: int, last: int, least: int) -> None:
    shown = literal(json.dumps(numbers))
    clauses = "WITH UNCONDITIONAL ARRAY WRAPPER EMPTY ARRAY ON EMPTY ERROR ON ERROR"
    cut = json.loads(value(f"json_query({shown}, 'lax $[{first} to {last}]' {clauses})"))
    assert cut == numbers[first : last + 1]
    kept = json.loads(value(f"json_query({shown}, 'lax $[*]?(@ >= {least})' {clauses})"))
    assert kept == [number for number in numbers if number >= least]


@quick
@given(st.lists(SCALARS, max_size=6))
def test_an_array_of_values_is_read_back_as_these_values(values: list[Any]) -> None:
    shown = [
        "null"
        if item is None
        else str(item).lower()
        if isinstance(item, bool)
        else literal(item)
        if isinstance(item, str)
        else str(item)
        for item in values
    ]
    found = value(f"json_array({', '.join(shown)}{' ' if shown else ''}{'NULL ON NULL' if shown else ''})")
    assert json.loads(found) == values


@quick
@given(st.text("ab(){}[]?@$.<>=&|!\"'0123 lastox*+-,", max_size=20))
def test_no_path_makes_the_engine_fail_otherwise_than_by_a_named_error(path: str) -> None:
    sql = f"SELECT json_query('[1, {{\"a\": 2}}]', {literal('lax ' + path)})"
    assert name_of_the_end(sql) in ("", "SYNTAX_ERROR", "INVALID_PATH", "NOT_SUPPORTED", "INVALID_LITERAL")


def name_of_the_end(sql: str) -> str:
    try:
        ask(sql)
    except QueryError as error:
        return error.name
    return ""
