"""WITH RECURSIVE, unrolled as Trino does it: a base and ten steps, and a failure when the next one still has rows.

Source: https://trino.io/docs/current/sql/select.html#with-recursive-clause. Athena leaves ``max_recursion_depth`` at
its default, which a query cannot change.
"""

# ruff: noqa: S608 - SQL is composed of parts that the analyser made
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from sqlglot import exp

from lab.local.athena.coerce import common_type
from lab.local.athena.errors import QueryError, not_supported
from lab.local.athena.expr import failing, text
from lab.local.athena.nested import is_plain
from lab.local.athena.parse import place
from lab.local.athena.relation import Cte, Relation, converted
from lab.local.athena.scope import Scope
from lab.local.athena.session import Session

Analyse = Callable[[exp.Expr, Scope, Session], Relation]

DEPTH: Final = 10
_EXCEEDED: Final = (
    f"Recursion depth limit exceeded ({DEPTH}). Use 'max_recursion_depth' session property to modify the limit."
)


def mentions(node: exp.Expr, name: str) -> bool:
    """Whether a query reads the relation of that name."""
    return any(table.name.lower() == name and not table.args.get("db") for table in node.find_all(exp.Table))


def unrolled(item: exp.CTE, scope: Scope, session: Session, analyse: Analyse) -> tuple[Cte, str]:
    """The name of WITH, and the SQL of its base, its steps and their union. Raises QueryError.

    Parameters: analyse, a query at the level of another.
    """
    name = item.alias.lower()
    columns = tuple(column.name for column in item.args["alias"].args.get("columns") or [])
    union = item.this
    if not isinstance(union, exp.Union) or not columns or mentions(union.this, name):
        raise QueryError(
            "INVALID_RECURSIVE_REFERENCE",
            f"Recursive query '{name}' needs column names and a UNION of a base and a step",
            place(item),
        )
    anchor = analyse(union.this, scope, session)
    if len(columns) != len(anchor.fields):
        raise QueryError(
            "MISMATCHED_COLUMN_ALIASES",
            f"Column alias list has {len(columns)} entries but relation has {len(anchor.fields)} columns",
        )
    table = session.fresh()
    fields = tuple(replace(field, name=column) for field, column in zip(anchor.fields, columns, strict=True))
    cte = Cte(item.this, scope, columns, Relation(table, fields))
    step = analyse(union.expression, replace(scope, ctes={**scope.ctes, name: cte}), session)
    kinds = [field.expr.type for field in anchor.fields]
    _check(step, anchor, union)
    if union.args.get("distinct") and not all(is_plain(kind) for kind in kinds):
        raise not_supported(f"WITH RECURSIVE by UNION of {', '.join(kind.name for kind in kinds)}", place(union))
    names = ", ".join(f"c{i}" for i in range(len(fields)))
    base, repeated = converted(anchor, kinds, session), converted(step, kinds, session)
    return cte, ", ".join(_steps(table, names, base, repeated, distinct=bool(union.args.get("distinct"))))


def _check(step: Relation, anchor: Relation, union: exp.Expr) -> None:
    if len(step.fields) != len(anchor.fields):
        message = f"base and step relations of recursion have different number of fields: {len(anchor.fields)}"
        raise QueryError("TYPE_MISMATCH", f"{message}, {len(step.fields)}", place(union))
    for i, (found, wanted) in enumerate(zip(step.fields, anchor.fields, strict=True), 1):
        if common_type(found.expr.type, wanted.expr.type) != wanted.expr.type:
            raise QueryError(
                "TYPE_MISMATCH",
                f"recursion step relation output type ({found.expr.type.name}) is not coercible to recursion base "
                f"relation output type ({wanted.expr.type.name}) at column {i}",
                place(union),
            )


def _steps(table: str, names: str, base: str, step: str, *, distinct: bool) -> list[str]:
    """One common table expression for the base and each step, each of which reads the one before by ``table``."""
    found = [f"{table}_0({names}) AS MATERIALIZED ({base})"]
    for i in range(1, DEPTH + 2):
        before = f"WITH {table} AS (SELECT * FROM {table}_{i - 1})"
        found.append(f"{table}_{i}({names}) AS MATERIALIZED ({before} SELECT * FROM ({step}))")
    # As in Trino the failure is a condition on the count of rows, which nothing can evaluate where there are none: a
    # condition on a column DuckDB would evaluate on rows that a join drops.
    shown = text(_EXCEEDED) + " || left(CAST(met AS VARCHAR), 0)"
    counted = f"SELECT *, count(*) OVER () AS met FROM {table}_{DEPTH + 1}"
    beyond = f"SELECT * EXCLUDE (met) FROM ({counted}) WHERE {failing('NOT_SUPPORTED', shown)} = 0"
    parts = [f"SELECT * FROM {table}_{i}" for i in range(DEPTH + 1)]
    every = " UNION ALL ".join([*parts, beyond])
    found.append(f"{table}({names}) AS ({f'SELECT DISTINCT * FROM ({every})' if distinct else every})")
    return found
