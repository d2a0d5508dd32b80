"""Analysing a SELECT: names, types, functions and Trino's strictness, and the DuckDB SQL that answers it."""

# ruff: noqa: S608 - SQL is composed of parts that the analyser made
from __future__ import annotations

from collections.abc import Sequence

from lab.local.athena import udf
from lab.local.athena.catalog import Catalog, Context
from lab.local.athena.errors import QueryError
from lab.local.athena.expr import Expr
from lab.local.athena.parse import parse_query
from lab.local.athena.queries import analyse_query
from lab.local.athena.query import OutputColumn, Query, TableUse
from lab.local.athena.render import cell
from lab.local.athena.scope import Scope
from lab.local.athena.session import Mention, Session


def analyse(sql: str, catalog: Catalog, context: Context, parameters: Sequence[str] = ()) -> Query:
    """Analyse a query (SELECT, VALUES, WITH, TABLE) against the catalogue.

    Parameters: parameters, the SQL texts of the values for each ``?``, in order (as in EXECUTE … USING).
    Raises: SyntaxProblem when the text is not a statement; QueryError with Trino's name for everything else.
    """
    tree = parse_query(sql, parameters)
    session = Session(catalog, context, analyse_query)
    with udf.collecting() as udfs:
        try:
            relation = analyse_query(session, tree, Scope())
        except RecursionError:
            message = "statement is too large (stack overflow during analysis)"
            raise QueryError("STACK_OVERFLOW", message) from None
        cells = [f"{cell(Expr(f'q.c{i}', item.expr.type))} AS c{i}" for i, item in enumerate(relation.fields)]
    columns = tuple(
        OutputColumn(item.name if item.name else f"_col{i}", item.expr.type, bool(item.name))
        for i, item in enumerate(relation.fields)
    )
    return Query(
        columns,
        tuple(_use(mention) for mention in session.mentions),
        relation.sql,
        f"SELECT {', '.join(cells)} FROM ({relation.sql}) AS q",
        tuple(udfs.values()),
    )


def _use(mention: Mention) -> TableUse:
    condition = " AND ".join(mention.conditions) or None
    return TableUse(mention.table, mention.relation, tuple(sorted(mention.columns)), condition, mention.values)
