"""A statement is named by its first words, whatever stands before and inside it."""

from __future__ import annotations

import pytest

from lab.local.athena.classify import classify
from lab.local.athena.errors import SyntaxProblem


@pytest.mark.parametrize(
    ("sql", "kind", "statement", "substatement"),
    [
        ("select 1", "SELECT", "DML", "SELECT"),
        ("-- note\n/* more */ WITH a AS (SELECT 1) SELECT * FROM a;", "SELECT", "DML", "SELECT"),
        ("(SELECT 1) UNION (SELECT 2)", "SELECT", "DML", "SELECT"),
        ("VALUES 1", "SELECT", "DML", "SELECT"),
        ("INSERT INTO t SELECT 1", "INSERT", "DML", "INSERT"),
        ("CREATE TABLE t AS SELECT 1", "CTAS", "DDL", "CREATE_TABLE_AS_SELECT"),
        (
            "CREATE TABLE t WITH (format = 'PARQUET') AS WITH x AS (SELECT 1) SELECT * FROM x",
            "CTAS",
            "DDL",
            "CREATE_TABLE_AS_SELECT",
        ),
        ("CREATE EXTERNAL TABLE t (a string COMMENT 'as select') LOCATION 's3://b/'", "DDL", "DDL", "CREATE_TABLE"),
        ("CREATE OR REPLACE VIEW v AS SELECT 1", "DDL", "DDL", "CREATE_VIEW"),
        ("CREATE SCHEMA IF NOT EXISTS s", "DDL", "DDL", "CREATE_DATABASE"),
        ("DROP TABLE t", "DDL", "DDL", "DROP_TABLE"),
        ("SHOW TABLES", "SHOW", "UTILITY", "SHOW"),
        ("UNLOAD (SELECT 1) TO 's3://b/'", "UNLOAD", "DML", "UNLOAD"),
        ("EXECUTE p USING 1", "EXECUTE", "DML", "EXECUTE"),
    ],
)
def test_a_statement_is_classified(sql: str, kind: str, statement: str, substatement: str) -> None:
    found = classify(sql)
    assert (found.kind, found.statement_type, found.substatement_type) == (kind, statement, substatement)
    assert not found.sql.endswith(";")


@pytest.mark.parametrize("sql", ["", "  ;", "SELEC 1", "ATTACH 'x'", "COPY t TO 'f'", "PRAGMA version", "SET x = 1"])
def test_what_no_statement_begins_with_is_refused(sql: str) -> None:
    with pytest.raises(SyntaxProblem, match="mismatched input"):
        classify(sql)


def test_the_place_of_the_refused_word_is_told() -> None:
    with pytest.raises(SyntaxProblem, match="line 2:3: mismatched input 'SELEC'"):
        classify("-- a\n  SELEC 1")
