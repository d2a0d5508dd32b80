"""EXPLAIN: what this engine is going to do. Trino's plan of fragments and operators is not imitated.

Source: https://docs.aws.amazon.com/athena/latest/ug/athena-explain-statement.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lab.local.athena import results, types
from lab.local.athena.analyse import analyse
from lab.local.athena.classify import classify
from lab.local.athena.errors import not_supported
from lab.local.athena.query import OutputColumn, Query, TableUse
from lab.local.athena.select import Tools
from lab.local.athena.task import Outcome, Task
from lab.local.athena.tokens import Tokens

_PLAN: Final = "Query Plan"
_VALID: Final = "Valid"


def answer(task: Task, tools: Tools) -> Outcome:
    """Analyse the query and tell what it reads, or that it is valid. Raises: QueryError, SyntaxProblem."""
    tokens = Tokens(task.statement.sql)
    tokens.take()
    if tokens.maybe("ANALYZE"):
        raise not_supported("EXPLAIN ANALYZE")
    kind = _type(tokens) if tokens.peek().upper == "(" and tokens.peek(1).upper in ("TYPE", "FORMAT") else "LOGICAL"
    if classify(tokens.rest()).kind != "SELECT":
        raise not_supported(f"EXPLAIN of {tokens.peek().text.upper()}")
    sql = tokens.blanked(tokens.peek().start, len(tokens.text))
    query = analyse(sql, task.catalogs, task.context, task.parameters)
    location = f"{task.output}.txt"
    if kind == "VALIDATE":
        results.write_text(tools.objects, location, [["true"]])
        return Outcome(location, (OutputColumn(_VALID, types.BOOLEAN),))
    results.write_text(tools.objects, location, [[line] for line in _plan(query)])
    return Outcome(location, (OutputColumn(_PLAN, types.VARCHAR),))


def _type(tokens: Tokens) -> str:
    """``(TYPE …, FORMAT …)``. Raises: QueryError for a plan that this engine does not have."""
    inside = tokens.bracketed().upper().replace(",", " ").split()
    options = dict(zip(inside[::2], inside[1::2], strict=False))
    kind = options.get("TYPE", "LOGICAL")
    if kind not in ("LOGICAL", "VALIDATE"):
        raise not_supported(f"EXPLAIN (TYPE {kind})")
    if options.get("FORMAT", "TEXT") != "TEXT":
        raise not_supported(f"EXPLAIN (FORMAT {options['FORMAT']})")
    return kind


def _plan(query: Query) -> Iterator[str]:
    yield f"Output[columnNames = [{', '.join(column.name for column in query.columns)}]]"
    yield f"    Layout: [{', '.join(f'{column.name}:{column.type.name}' for column in query.columns)}]"
    for use in query.tables:
        yield from _scan(use)


def _scan(use: TableUse) -> Iterator[str]:
    table = use.table
    yield f"    TableScan[table = {table.catalog}:{table.database}:{table.name}]"
    yield f"        Columns: [{', '.join(use.columns)}]"
    if table.partition_keys:
        condition = use.partition_filter or "every partition"
        yield f"        Partitions: [{', '.join(table.partition_keys)}] kept by {condition}"
