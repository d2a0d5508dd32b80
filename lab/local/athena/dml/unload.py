"""UNLOAD: a query's rows into files, without a table.

Source: https://docs.aws.amazon.com/athena/latest/ug/unload.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lab.local.athena.analyse import analyse
from lab.local.athena.catalog import Column
from lab.local.athena.dml import file_types
from lab.local.athena.dml.ctas import check_empty, check_order
from lab.local.athena.dml.properties import Value, check_known, encoding_of, properties, texts
from lab.local.athena.dml.target import outcome
from lab.local.athena.dml.write import Plan, written
from lab.local.athena.output_names import check_names
from lab.local.athena.partitions import folder
from lab.local.athena.select import Tools
from lab.local.athena.task import Outcome, Task
from lab.local.athena.tokens import Tokens

_KNOWN: Final = ("format", "compression", "partitioned_by", "field_delimiter")
_REFUSED: Final = ("compression_level",)


@dataclass(frozen=True)
class Unload:
    """The statement. ``sql`` is the query with the statement's positions."""

    sql: str
    location: str
    properties: dict[str, Value]


def parse(sql: str) -> Unload:
    """Read the statement around its query. Raises: SyntaxProblem."""
    tokens = Tokens(sql)
    tokens.expect("UNLOAD")
    start = tokens.peek().end
    inner = tokens.bracketed()
    tokens.expect("TO")
    location = tokens.string()
    given = properties(tokens) if tokens.maybe("WITH") else {}
    tokens.end()
    return Unload(tokens.blanked(start, start + len(inner)), location, given)


def answer(task: Task, tools: Tools) -> Outcome:
    """Write the rows and a manifest of the files. Raises: QueryError, Cancelled."""
    statement = parse(task.statement.sql)
    query = analyse(statement.sql, task.catalogs, task.context, task.parameters)
    check_names(query.columns)
    check_known(statement.properties, _KNOWN, _REFUSED)
    columns = tuple(Column(column.name, column.type) for column in query.columns)
    keys = texts(statement.properties, "partitioned_by")
    check_order([column.name.lower() for column in columns], keys)
    encoding = encoding_of(statement.properties, None)
    file_types.check(columns, len(keys), encoding)
    location = statement.location.rstrip("/") + "/"
    check_empty(location, "UNLOAD", tools)
    plan = Plan(
        query,
        columns,
        len(keys),
        tuple(range(len(columns))),
        encoding,
        lambda values: f"{location}{folder(keys, values)}",
    )
    with written(plan, task, tools) as result:
        return outcome(result, task, tools)
