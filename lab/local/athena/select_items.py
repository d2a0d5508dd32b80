"""The select list: expressions with their names, ``*``, ``t.*`` and ``row.* AS (…)``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlglot import exp

from lab.local.athena import types as t
from lab.local.athena.errors import QueryError, not_supported
from lab.local.athena.expr import Expr, Loose
from lab.local.athena.expressions import analyse_expression
from lab.local.athena.parse import place
from lab.local.athena.render import field_sql
from lab.local.athena.scope import Scope, of_group
from lab.local.athena.session import Session
from lab.local.athena.special import typed


@dataclass(frozen=True)
class Item:
    """A column of the block's result: its expression and, if it has one, its name."""

    expr: Expr
    name: str | None

    @property
    def alias(self) -> str | None:
        """The name by which ORDER BY may call it."""
        return self.name

    @property
    def sql(self) -> str:
        """SQL of certain type."""
        return typed(self.expr)


def analyse_items(node: exp.Select, scope: Scope, session: Session) -> list[Item]:
    """The items of a select list, in order."""
    found: list[Item] = []
    for item in node.expressions:
        found += _item(item, scope, session)
    return found


def _item(node: exp.Expr, scope: Scope, session: Session) -> Iterator[Item]:
    if isinstance(node, exp.Star):
        yield from _star(node, (), scope, session)
    elif isinstance(node, exp.Column) and isinstance(node.this, exp.Star):
        yield from _qualified_star(node, scope, session)
    elif isinstance(node, exp.Dot) and isinstance(node.expression, exp.Star):
        yield from _row_star(node.this, [], scope, session)
    elif isinstance(node, exp.Aliases):
        names = [name.name for name in node.expressions]
        inner = node.this
        if isinstance(inner, exp.Dot) and isinstance(inner.expression, exp.Star):
            yield from _row_star(inner.this, names, scope, session)
        else:
            raise not_supported("a list of aliases here", place(node))
    elif isinstance(node, exp.Alias):
        yield Item(analyse_expression(node.this, scope, session), node.alias)
    else:
        yield Item(analyse_expression(node, scope, session), _name(node))


def _name(node: exp.Expr) -> str | None:
    if isinstance(node, exp.Column):
        return node.name
    return node.expression.name if isinstance(node, exp.Dot) else None


def _star(node: exp.Expr, qualifier: tuple[str, ...], scope: Scope, session: Session) -> Iterator[Item]:
    if any(value for value in node.args.values()) and isinstance(node, exp.Star):
        raise not_supported("EXCEPT or REPLACE after *", place(node))
    visible = [item for item in scope.fields if not item.hidden]
    if not visible:
        raise QueryError("COLUMN_NOT_FOUND", "SELECT * not allowed in queries without FROM clause", place(node))
    for item in visible:
        if qualifier and item.qualifier[-len(qualifier) :] != qualifier:
            continue
        for relation, column in item.expr.traits.origins:
            session.mention(relation).columns.add(column)
        traits = replace(item.expr.traits, loose=(Loose(item.name or "", place(node)),))
        expr = Expr(item.expr.sql, item.expr.type, place(node), traits=traits)
        yield Item(of_group(expr, scope.keys or {}), item.name)


def _qualified_star(node: exp.Column, scope: Scope, session: Session) -> Iterator[Item]:
    parts = [node.args[key].name for key in ("catalog", "db", "table") if node.args.get(key)]
    qualifier = tuple(part.lower() for part in parts)
    if any(item.qualifier[-len(qualifier) :] == qualifier for item in scope.fields):
        yield from _star(node, qualifier, scope, session)
        return
    columns = [exp.Identifier(this=part) for part in parts]
    base = exp.Column(**dict(zip(("this", "table", "db"), reversed(columns), strict=False)))
    try:
        yield from _row_star(base, [], scope, session)
    except QueryError as error:
        raise QueryError("TABLE_NOT_FOUND", f"Unable to resolve reference {'.'.join(parts)}", place(node)) from error


def _row_star(node: exp.Expr, names: list[str], scope: Scope, session: Session) -> Iterator[Item]:
    value = analyse_expression(node, scope, session)
    if not isinstance(value.type, t.Row):
        raise QueryError("TYPE_MISMATCH", "expected expression of type Row", place(node))
    if names and len(names) != len(value.type.fields):
        raise QueryError("MISMATCHED_COLUMN_ALIASES", "Column alias list does not match the row's fields", place(node))
    for i, (key, (name, kind)) in enumerate(zip(value.type.keys, value.type.fields, strict=True)):
        yield Item(value.emit(field_sql(value.sql, key), kind), names[i] if names else name)
