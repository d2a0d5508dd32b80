"""INSERT INTO: rows added to a table, in files of their own.

Source: https://docs.aws.amazon.com/athena/latest/ug/insert-into.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lab.local.athena import partitions, projection
from lab.local.athena.analyse import analyse
from lab.local.athena.catalog import Column
from lab.local.athena.dml import file_types
from lab.local.athena.dml.encoding import of_table
from lab.local.athena.dml.stored import fits
from lab.local.athena.dml.target import TargetName, dotted, outcome, register, target_name
from lab.local.athena.dml.write import Plan, Values, written
from lab.local.athena.errors import Position, QueryError, not_supported
from lab.local.athena.glue_catalog import GlueTable
from lab.local.athena.query import Query
from lab.local.athena.select import Tools
from lab.local.athena.task import Outcome, Task
from lab.local.athena.tokens import Tokens

_START = Position(1, 1)
_QUERY_WORDS = ("SELECT", "WITH", "VALUES", "TABLE", "(")


@dataclass(frozen=True)
class Insert:
    """The statement. ``columns`` are those named, None = all; ``sql`` is the query with the statement's positions."""

    name: tuple[str, ...]
    columns: tuple[str, ...] | None
    sql: str


def parse(sql: str) -> Insert:
    """Read the statement up to its query. Raises: SyntaxProblem."""
    tokens = Tokens(sql)
    tokens.expect("INSERT", "INTO")
    name = dotted(tokens)
    named = None
    if tokens.peek().upper == "(" and tokens.peek(1).upper not in _QUERY_WORDS:
        tokens.expect("(")
        named = [tokens.name()]
        while tokens.maybe(","):
            named.append(tokens.name())
        tokens.expect(")")
    return Insert(name, tuple(named) if named else None, tokens.blanked(tokens.peek().start, len(sql)))


def answer(task: Task, tools: Tools) -> Outcome:
    """Write the rows and register new partitions. Raises: QueryError, Cancelled."""
    statement = parse(task.statement.sql)
    target = target_name(statement.name, task)
    table = _table(target, task)
    columns = (*table.data_columns, *table.partition_columns)
    query = analyse(statement.sql, task.catalogs, task.context, task.parameters)
    sources = _sources(columns, statement.columns, query)
    encoding = of_table(table)
    keys = [column.name for column in table.partition_columns]
    file_types.check(columns, len(keys), encoding)
    known = _known(table, tools)
    plan = Plan(query, columns, len(keys), sources, encoding, lambda values: _place(table, keys, values, known))
    with written(plan, task, tools) as result:
        if result.partitions and not projection.enabled(table):
            register(table.document, result.partitions, list(known), tools.glue())
        return outcome(result, task, tools)


def _table(target: TargetName, task: Task) -> GlueTable:
    if task.catalogs.view(target.catalog, target.database, target.name) is not None:
        raise QueryError("NOT_SUPPORTED", "Inserting into views is not supported", _START)
    found = task.catalogs.table(target.catalog, target.database, target.name)
    if found is None:
        raise QueryError("TABLE_NOT_FOUND", f"Table '{target}' does not exist", _START)
    if not isinstance(found.source, GlueTable):
        raise not_supported(f"Inserting into {target}")
    return found.source


def _known(table: GlueTable, tools: Tools) -> dict[Values, str]:
    """The folder of each partition that is registered."""
    if not table.partition_columns or projection.enabled(table):
        return {}
    return {found.values: found.location for found in partitions.registered(table, tools.glue())}


def _place(table: GlueTable, keys: Sequence[str], values: Values, known: dict[Values, str]) -> str:
    if "storage.location.template" in table.parameters and projection.enabled(table):
        raise not_supported(f"INSERT into {table.name}, whose projected partitions lie by a storage.location.template")
    location = known.get(values) or f"{table.location.rstrip('/')}/{partitions.folder(keys, values)}"
    return location.rstrip("/") + "/"


def _sources(columns: Sequence[Column], named: tuple[str, ...] | None, query: Query) -> tuple[int | None, ...]:
    """For each column of the table the place of its value in the query's result. Raises: QueryError."""
    wanted = named if named is not None else tuple(column.name for column in columns)
    by_name = {column.name: column for column in columns}
    for i, name in enumerate(wanted):
        if name not in by_name:
            message = f"Insert column name does not exist in target table: {name}"
            raise QueryError("COLUMN_NOT_FOUND", message, _START)
        if name in wanted[:i]:
            raise QueryError("DUPLICATE_COLUMN_NAME", f"Insert column name is specified more than once: {name}", _START)
    taken = [by_name[name].type for name in wanted]
    given = [column.type for column in query.columns]
    if len(taken) != len(given) or not all(fits(a, b) for a, b in zip(given, taken, strict=True)):
        raise QueryError(
            "TYPE_MISMATCH",
            "Insert query has mismatched column types: "
            f"Table: [{', '.join(map(str, taken))}], Query: [{', '.join(map(str, given))}]",
            _START,
        )
    places = {name: place for place, name in enumerate(wanted)}
    return tuple(places.get(column.name) for column in columns)
