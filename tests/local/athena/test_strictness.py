"""What Trino refuses is refused, with its name, its place and its words."""

from __future__ import annotations

import re

import pytest
from trino_harness import ask, failure

from lab.local.athena.errors import SyntaxProblem

T = "FROM (VALUES ('a', 1, 1.5e0, DATE '2024-01-01')) AS t(s, i, d, day)"

REFUSED = [
    (f"SELECT nope {T}", "COLUMN_NOT_FOUND: line 1:8: Column 'nope' cannot be resolved"),
    (f"SELECT t.nope {T}", "COLUMN_NOT_FOUND: line 1:8: Column 't.nope' cannot be resolved"),
    (f"SELECT\n  s,\n  nope {T}", "COLUMN_NOT_FOUND: line 3:3: Column 'nope'"),
    (f"SELECT * {T} WHERE s = 1", "TYPE_MISMATCH: line 1:86: Cannot apply operator: varchar(1) = integer"),
    (f"SELECT s + i {T}", "TYPE_MISMATCH: line 1:10: Cannot apply operator: varchar(1) + integer"),
    (f"SELECT s || i {T}", "TYPE_MISMATCH"),
    (f"SELECT * {T} WHERE day = '2024-01-01'", "TYPE_MISMATCH"),
    (f"SELECT * {T} WHERE day BETWEEN '2024-01-01' AND '2024-01-02'", "TYPE_MISMATCH"),
    (f"SELECT * {T} WHERE s IN (1, 2)", "TYPE_MISMATCH"),
    (f"SELECT * {T} WHERE i", "TYPE_MISMATCH: line 1:84: WHERE clause must evaluate to a boolean"),
    (f"SELECT i AS x {T} WHERE x = 1", "COLUMN_NOT_FOUND"),
    (f"SELECT i AS x, x + 1 {T}", "COLUMN_NOT_FOUND"),
    (f"SELECT i AS x, count(*) {T} GROUP BY x", "COLUMN_NOT_FOUND"),
    (
        f"SELECT s, count(*) {T}",
        "EXPRESSION_NOT_AGGREGATE: line 1:8: 's' must be an aggregate expression or appear in GROUP BY clause",
    ),
    (f"SELECT s, i {T} GROUP BY s", "EXPRESSION_NOT_AGGREGATE: line 1:11: 'i'"),
    (f"SELECT s {T} GROUP BY s ORDER BY i", "EXPRESSION_NOT_AGGREGATE"),
    (f"SELECT s {T} GROUP BY s HAVING i > 1", "EXPRESSION_NOT_AGGREGATE"),
    (f"SELECT * {T} WHERE count(*) > 1", "EXPRESSION_NOT_SCALAR: line 1:84: WHERE clause cannot contain aggregations"),
    (f"SELECT sum(count(*)) {T}", "NESTED_AGGREGATION"),
    (f"SELECT DISTINCT s {T} ORDER BY i", "EXPRESSION_NOT_IN_DISTINCT"),
    (f"SELECT s {T} GROUP BY 2", "INVALID_COLUMN_REFERENCE"),
    (f"SELECT s {T} ORDER BY 2", "INVALID_COLUMN_REFERENCE"),
    ("SELECT x FROM (VALUES 1) a(x), (VALUES 2) b(x)", "AMBIGUOUS_NAME: line 1:8: Column 'x' is ambiguous"),
    ("SELECT 1 UNION SELECT 'a'", "column 1 in UNION query has incompatible types: integer, varchar(1)"),
    ("SELECT 1 UNION SELECT 1, 2", "TYPE_MISMATCH"),
    ("SELECT no_such_fn(1)", "FUNCTION_NOT_FOUND: line 1:8: Function 'no_such_fn' not registered"),
    ("SELECT list_value(1)", "FUNCTION_NOT_FOUND"),
    ("SELECT current_setting('threads')", "FUNCTION_NOT_FOUND"),
    ("SELECT read_text('/etc/hostname')", "FUNCTION_NOT_FOUND"),
    ("SELECT * FROM glob('/*')", "FUNCTION_NOT_FOUND"),
    ("SELECT * FROM duckdb_settings()", "FUNCTION_NOT_FOUND"),
    ("SELECT length(1)", "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (integer) for function length"),
    ("SELECT st_point(1, 2)", "NOT_SUPPORTED: line 1:8: function st_point"),
    ("SELECT * FROM nowhere", "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.default.nowhere' does not exist"),
    ("SELECT 1 / 0", "DIVISION_BY_ZERO"),
    ("SELECT 1 % 0", "DIVISION_BY_ZERO"),
    ("SELECT 1.0 / 0", "DIVISION_BY_ZERO"),
    ("SELECT 9223372036854775807 + 1", "NUMERIC_VALUE_OUT_OF_RANGE"),
    ("SELECT TINYINT '127' + TINYINT '1'", "NUMERIC_VALUE_OUT_OF_RANGE"),
    ("SELECT CAST('abc' AS integer)", "INVALID_CAST_ARGUMENT: Cannot cast 'abc' to INT"),
    ("SELECT CAST(' 1' AS bigint)", "INVALID_CAST_ARGUMENT"),
    ("SELECT CAST('1.5' AS integer)", "INVALID_CAST_ARGUMENT"),
    ("SELECT CAST('2020-02-30' AS date)", "INVALID_CAST_ARGUMENT: Value cannot be cast to date: 2020-02-30"),
    ("SELECT CAST('yes' AS boolean)", "INVALID_CAST_ARGUMENT"),
    ("SELECT CAST(ARRAY[1] AS integer)", "TYPE_MISMATCH: line 1:8: Cannot cast array(integer) to integer"),
    ("SELECT CAST(123 AS varchar(2))", "INVALID_CAST_ARGUMENT"),
    ("SELECT DATE '2024-13-01'", "INVALID_LITERAL"),
    (
        "SELECT ARRAY[1, 2][3]",
        "INVALID_FUNCTION_ARGUMENT: Array subscript must be less than or equal to array length: 3 > 2",
    ),
    ("SELECT ARRAY[1][0]", "INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1"),
    ("SELECT MAP(ARRAY['a'], ARRAY[1])['b']", "INVALID_FUNCTION_ARGUMENT: Key not present in map: b"),
    ("SELECT MAP(ARRAY['a', 'a'], ARRAY[1, 2])", "INVALID_FUNCTION_ARGUMENT: Duplicate map keys"),
    ("SELECT (SELECT x FROM (VALUES 1, 2) t(x))", "SUBQUERY_MULTIPLE_ROWS"),
    (
        "SELECT DATE '2024-01-01' + INTERVAL '1' HOUR",
        "INVALID_FUNCTION_ARGUMENT: Cannot add hour, minutes or seconds to a date",
    ),
    (
        "SELECT date_trunc('hour', DATE '2024-01-01')",
        "INVALID_FUNCTION_ARGUMENT: line 1:8: 'hour' is not a valid DATE field",
    ),
    ("SELECT at_timezone(now(), 'Nowhere/Land')", "INVALID_FUNCTION_ARGUMENT"),
    ("SELECT regexp_extract('a', '(a', 1)", "INVALID_FUNCTION_ARGUMENT"),
    ("SELECT json_parse('{')", "INVALID_FUNCTION_ARGUMENT: Cannot convert value to JSON"),
    ("SELECT row_number()", "MISSING_OVER"),
    ("SELECT upper('a') OVER ()", "FUNCTION_NOT_AGGREGATE"),
    ("SELECT * FROM (VALUES 1, 'a')", "TYPE_MISMATCH"),
    ("SELECT *", "SELECT * not allowed in queries without FROM clause"),
    ("SELECT CASE WHEN true THEN 1 ELSE 'a' END", "TYPE_MISMATCH"),
    ("SELECT if(1, 2)", "TYPE_MISMATCH"),
    ("SELECT coalesce(1, 'a')", "TYPE_MISMATCH"),
    ("SELECT x FROM (VALUES 1) t(x, y)", "MISMATCHED_COLUMN_ALIASES"),
    ("SELECT MAP(ARRAY[1], ARRAY[2]) < MAP(ARRAY[1], ARRAY[2])", "TYPE_MISMATCH"),
    ("SELECT NOT 1", "TYPE_MISMATCH"),
    ("SELECT * FROM UNNEST(1)", "Cannot unnest type: integer"),
    ("SELECT (ROW(1, 2)).x", "COLUMN_NOT_FOUND"),
]

MALFORMED = [
    "SELEC 1",
    "SELECT 1,",
    "SELECT [1, 2]",
    "SELECT 1::integer",
    "SELECT {'a': 1}",
    "SELECT 1 == 1",
    "SELECT 'a' ILIKE 'A'",
    "SELECT 5 & 3",
    "SELECT x FROM (VALUES 1) t(x) QUALIFY row_number() OVER () = 1",
    "SELECT 1; SELECT 2",
    "SELECT 1 FROM",
    "SELECT * FROM t WHERE",
    "SELECT 'unfinished",
    "SELECT 1 IS TRUE",
    "SELECT 1 'a'",
    "SELECT 1 AS",
    "SELECT (SELECT 1 AS)",
    "SELECT 1 AS, 2",
    "SELECT listagg(v, ',') FROM (VALUES 'a') t(v)",
    "SELECT 1a",
    "",
]


NO_NAMES = [
    ("SELECT * FROM '/etc/passwd'", "line 1:15: mismatched input ''/etc/passwd''"),
    ("SELECT *\nFROM a.'b'", "line 2:8: mismatched input ''b''"),
    ("SELECT 1 AS 'a'", "line 1:13: mismatched input ''a''"),
    ("SELECT * FROM (VALUES 1) AS t('a')", "line 1:31: mismatched input ''a''"),
    ("SELECT t.'a' FROM (VALUES 1) t(a)", "line 1:10: mismatched input ''a''"),
    ("WITH 'a' AS (SELECT 1) SELECT * FROM a", "line 1:6: mismatched input ''a''"),
    ("SELECT 1 AS 2", "line 1:13: mismatched input '2'"),
    ("SELECT 1 AS order", "line 1:13: mismatched input 'order'"),
    ("SELECT a end FROM (VALUES 1) t(a)", "line 1:10: mismatched input 'end'"),
    ("SELECT group FROM (VALUES 1) t(a)", "line 1:8: mismatched input 'group'"),
    ("SELECT * FROM (VALUES 1) AS table(a)", "line 1:29: mismatched input 'table'"),
]


@pytest.mark.parametrize(("sql", "message"), NO_NAMES)
def test_a_string_a_number_or_a_reserved_word_is_no_name(sql: str, message: str) -> None:
    with pytest.raises(SyntaxProblem, match=re.escape(message)):
        failure(sql)


def test_a_reserved_word_in_double_quotes_and_a_word_that_is_not_reserved_are_names() -> None:
    assert ask('SELECT first AS "order", t."end" AS day FROM (VALUES (1, 2)) t(first, "end")').names == ["order", "day"]


@pytest.mark.parametrize(("sql", "message"), REFUSED, ids=[sql for sql, _ in REFUSED])
def test_a_query_that_trino_refuses_fails_with_its_name(sql: str, message: str) -> None:
    assert message in failure(sql)


@pytest.mark.parametrize("sql", MALFORMED)
def test_a_text_that_is_no_statement_is_refused_before_anything_runs(sql: str) -> None:
    with pytest.raises(SyntaxProblem):
        failure(sql)


def test_a_failure_under_try_is_null() -> None:
    with pytest.raises(AssertionError, match="was answered"):
        failure("SELECT try(ARRAY[1][3]), try(MAP(ARRAY['a'], ARRAY[1])['b']), try(CAST('x' AS date)), try(1.0 / 0)")
