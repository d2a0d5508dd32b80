"""Runs a SELECT without tables through the analyser and DuckDB, and gives its columns, values and cells."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb

from lab.local.athena.analyse import analyse
from lab.local.athena.catalog import Context, EmptyCatalog
from lab.local.athena.errors import QueryError
from lab.local.athena.failure import query_error
from lab.local.athena.query import Query

_REGISTERED: set[str] = set()


@dataclass(frozen=True)
class Answer:
    """The result of a query: names, Trino types, values as Python, cells as Athena's text."""

    names: list[str]
    types: list[str]
    rows: list[tuple[Any, ...]]
    cells: list[tuple[str | None, ...]]
    query: Query


@cache
def connection() -> duckdb.DuckDBPyConnection:
    """A database as queries see it: UTC, one thread."""
    opened = duckdb.connect(config={"memory_limit": "1GB", "threads": 1})
    opened.execute("SET TimeZone='UTC'")
    return opened


def ask(sql: str, parameters: tuple[str, ...] = ()) -> Answer:
    """Answer a query. Raises QueryError as Athena names it; AssertionError if DuckDB's type is not the type said."""
    query = analyse(sql, EmptyCatalog(), Context(), parameters)
    database = connection()
    for udf in query.udfs:
        if udf.name not in _REGISTERED:
            udf.register(database)
            _REGISTERED.add(udf.name)
    database.execute("RESET disabled_optimizers")
    for statement in query.settings:
        database.execute(statement)
    try:
        found = [row[1] for row in database.execute(f"DESCRIBE {query.sql}").fetchall()]
        rows = database.execute(query.sql).fetchall()
        cells = database.execute(query.text_sql).fetchall()
    except duckdb.Error as error:
        raise query_error(error) from error
    for said, held in zip([column.type.storage for column in query.columns], found, strict=True):
        assert _bare(said) == _bare(held), f"{sql}: said {said}, held {held}"
    return Answer(
        [column.name for column in query.columns], [column.type.name for column in query.columns], rows, cells, query
    )


def value(expression: str) -> Any:
    """The Python value of an expression."""
    return ask(f"SELECT {expression}").rows[0][0]


def cell(expression: str) -> str | None:
    """The cell of an expression, as Athena writes it."""
    return ask(f"SELECT {expression}").cells[0][0]


def failure(sql: str) -> str:
    """The text with which a query fails."""
    try:
        answer = ask(sql)
    except QueryError as error:
        return str(error)
    raise AssertionError(f"{sql} was answered: {answer.cells}")


def _bare(kind: str) -> str:
    return kind.upper().replace('"', "").replace(" ", "")
