"""What a WHERE clause says about partitions: conditions that read partition columns only."""

from __future__ import annotations

import re

from sqlglot import exp

from lab.local.athena.expr import Expr
from lab.local.athena.expressions import analyse_expression
from lab.local.athena.relation import Relation
from lab.local.athena.scope import Scope
from lab.local.athena.session import Session
from lab.local.athena.types import quoted

_DERIVED = re.compile(r"\bn\d+\.c\d+\b")


def note(node: exp.Expr, found: Expr, relation: Relation, scope: Scope, session: Session) -> None:
    """Keep a conjunct of WHERE for the table whose partition columns it reads, if it reads nothing else."""
    tables = {name for name, _ in found.traits.origins}
    if found.traits.opaque or len(tables) != 1 or not tables <= relation.prunable:
        return
    mention = session.mention(tables.pop())
    columns = {column for _, column in found.traits.origins}
    if not columns <= set(mention.table.partition_keys):
        return
    sql = _DERIVED.sub(lambda match: _base(match.group(), session), found.sql)
    mention.conditions.append(sql.replace(f"{mention.relation}.", ""))
    _note_values(node, scope, session)


def _base(sql: str, session: Session) -> str:
    origin = session.base.get(sql)
    return f"{origin[0]}.{quoted(origin[1])}" if origin else sql


def _note_values(node: exp.Expr, scope: Scope, session: Session) -> None:
    while isinstance(node, exp.Paren):
        node = node.this
    if isinstance(node, exp.EQ):
        sides = [analyse_expression(side, scope, session) for side in (node.this, node.expression)]
        for column, value in (sides, sides[::-1]):
            _keep(column, [value], session)
    elif isinstance(node, exp.In) and node.expressions:
        items = [analyse_expression(item, scope, session) for item in node.expressions]
        _keep(analyse_expression(node.this, scope, session), items, session)


def _keep(column: Expr, values: list[Expr], session: Session) -> None:
    origin = session.base.get(column.sql)
    if origin is None or not all(value.is_constant for value in values):
        return
    mention = session.mention(origin[0])
    found = frozenset(value.constant for value in values)
    known = mention.values.get(origin[1])
    mention.values[origin[1]] = found if known is None else known & found
