"""A query block: SELECT … FROM … WHERE … GROUP BY … HAVING … WINDOW … ORDER BY … LIMIT.

Source: https://trino.io/docs/current/sql/select.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlglot import exp

from lab.local.athena import operators, prune
from lab.local.athena import types as t
from lab.local.athena.call_syntax import sort_key
from lab.local.athena.coerce import coerce
from lab.local.athena.errors import QueryError, not_supported
from lab.local.athena.expr import Expr
from lab.local.athena.expressions import analyse_expression
from lab.local.athena.from_clause import analyse_from
from lab.local.athena.grouping import Grouping, analyse_group, check_grouped
from lab.local.athena.limit import Limit, analyse_limit
from lab.local.athena.nested import canonical, is_plain
from lab.local.athena.parse import place
from lab.local.athena.relation import Relation
from lab.local.athena.scope import Field, Scope
from lab.local.athena.select_items import Item, analyse_items
from lab.local.athena.session import Session

_ONCE = "once"
_ARGS = {
    "expressions",
    "from_",
    "joins",
    "where",
    "group",
    "having",
    "windows",
    "distinct",
    "order",
    "limit",
    "offset",
    "with_",
}


@dataclass
class _Block:
    node: exp.Select
    scope: Scope
    session: Session
    source: Relation


def analyse_block(node: exp.Select, outer: Scope, session: Session) -> Relation:
    """The relation of a SELECT. Parameters: outer, the names around it (of WITH, and of an enclosing query)."""
    for key, value in node.args.items():
        if value and key not in _ARGS and key != "kind":
            raise not_supported(f"{key.strip('_').upper()} in SELECT", place(node))
    source = _source(node, outer, session)
    windows = {item.name.lower(): item for item in node.args.get("windows") or []}
    scope = Scope(source.fields, outer.parent, windows=windows, ctes=outer.ctes)
    where = _where(node, scope, source, session)
    grouping = analyse_group(node, scope, session)
    if grouping is not None:
        scope = replace(scope, keys=grouping.keys)
    items = analyse_items(node, scope, session)
    having = _having(node, scope, session)
    order = _order(node, items, scope, session)
    grouped = _check(grouping, items, having, order.used)
    limit = analyse_limit(node, session)
    sql = _emit(node, source, items, where, grouping, having, order, limit)
    simple = not (grouped or node.args.get("distinct") or limit.text or any(item.expr.traits.window for item in items))
    fields = tuple(Field(item.name, item.expr) for item in items)
    return Relation(sql, fields, source.prunable if simple else frozenset())


def _source(node: exp.Select, outer: Scope, session: Session) -> Relation:
    clause = node.args.get("from_")
    if clause is None:
        return Relation("", ())
    return analyse_from(clause.this, node.args.get("joins") or [], outer, session)


def _where(node: exp.Select, scope: Scope, source: Relation, session: Session) -> str:
    clause = node.args.get("where")
    if clause is None:
        return ""
    inner = scope.inside("WHERE clause")
    conditions = []
    pending = [clause.this]
    while pending:
        item = pending.pop()
        if isinstance(item, exp.And):
            pending += [item.expression, item.this]
            continue
        if isinstance(item, exp.Paren) and isinstance(item.this, exp.And | exp.Paren):
            pending.append(item.this)
            continue
        found = analyse_expression(item, inner, session)
        operators.require_boolean(found, f"WHERE clause must evaluate to a boolean: actual type {found.type.name}")
        prune.note(item, found, source, inner, session)
        conditions.append(coerce(found, t.BOOLEAN).sql)
    return " AND ".join(conditions)


def _having(node: exp.Select, scope: Scope, session: Session) -> Expr | None:
    clause = node.args.get("having")
    if clause is None:
        return None
    found = analyse_expression(clause.this, replace(scope, keys=scope.keys or {}), session)
    operators.require_boolean(found, f"HAVING clause must evaluate to a boolean: actual type {found.type.name}")
    return found


def _is_thinned(node: exp.Select, items: Sequence[Item]) -> bool:
    """Whether DISTINCT has to choose one of rows that are equal though DuckDB takes them for different."""
    return bool(node.args.get("distinct")) and not all(is_plain(item.expr.type) for item in items)


def thinned(sql: str, kinds: Sequence[t.Type]) -> str:
    """The query, with one row of those that are equal; its rows are called ``once``."""
    names = [f"{_ONCE}.c{i}" for i in range(len(kinds))]
    keys = ", ".join(canonical(name, kind) for name, kind in zip(names, kinds, strict=True))
    return f"SELECT DISTINCT ON ({keys}) {', '.join(names)} FROM ({sql}) AS {_ONCE}"  # noqa: S608 - the analyser's own SQL


@dataclass
class _Order:
    """ORDER BY: its keys, the same keys for a window, which knows no select item, and what is no select item."""

    keys: list[str] = field(default_factory=list)
    window: list[str] = field(default_factory=list)
    used: list[Expr] = field(default_factory=list)


def _order(node: exp.Select, items: Sequence[Item], scope: Scope, session: Session) -> _Order:
    clause = node.args.get("order")
    found = _Order()
    for ordered in clause.expressions if clause else []:
        index, value = order_value(ordered.this, items, scope, session)
        if index is None and node.args.get("distinct"):
            same = [i for i, item in enumerate(items) if item.expr.sql == value.sql]
            if not same:
                raise QueryError(
                    "EXPRESSION_NOT_IN_DISTINCT",
                    "For SELECT DISTINCT, ORDER BY expressions must appear in select list",
                    value.position,
                )
            index, value = same[0], items[same[0]].expr
        found.window.append(sort_key(value, ordered))
        if index is None:
            found.used.append(value)
        elif _is_thinned(node, items):
            value = Expr(f"{_ONCE}.c{index}", value.type, value.position)
        elif is_plain(value.type):  # inside an expression the name could be a column's
            value = Expr(f"c{index}", value.type, value.position)
        found.keys.append(sort_key(value, ordered))
    return found


def order_value(node: exp.Expr, items: Sequence[Item], scope: Scope, session: Session) -> tuple[int | None, Expr]:
    """What a key of ORDER BY is: a select item by its number or alias, else an expression of the block."""
    if isinstance(node, exp.Literal) and not node.is_string and node.name.isdigit():
        index = int(node.name) - 1
        if not 0 <= index < len(items):
            raise QueryError(
                "INVALID_COLUMN_REFERENCE", f"ORDER BY position {index + 1} is not in select list", place(node)
            )
        return index, items[index].expr
    if isinstance(node, exp.Column) and not node.args.get("table"):
        found = [i for i, item in enumerate(items) if item.alias and item.alias.lower() == node.name.lower()]
        if len({items[i].expr.sql for i in found}) > 1:
            raise QueryError("AMBIGUOUS_NAME", f"Column '{node.name}' is ambiguous", place(node))
        if found:
            return found[0], items[found[0]].expr
    aliases = {
        item.alias.lower(): item.expr for item in items if item.alias and not _is_column(scope, item.alias.lower())
    }
    return None, analyse_expression(node, scope.with_lambda({**aliases, **scope.lambdas}), session)


def _is_column(scope: Scope, name: str) -> bool:
    return any((item.name or "").lower() == name for item in scope.fields)


def _check(grouping: Grouping | None, items: Sequence[Item], having: Expr | None, order: Sequence[Expr]) -> bool:
    exprs = [*(item.expr for item in items), *order, *([having] if having else [])]
    grouped = grouping is not None or having is not None or any(expr.traits.aggregate for expr in exprs)
    if grouped:
        for expr in exprs:
            check_grouped(expr)
    return grouped


def _emit(  # noqa: PLR0917 - the clauses of a block, in their order
    node: exp.Select,
    source: Relation,
    items: Sequence[Item],
    where: str,
    grouping: Grouping | None,
    having: Expr | None,
    order: _Order,
    limit: Limit,
) -> str:
    thin = _is_thinned(node, items)
    distinct = "DISTINCT " if node.args.get("distinct") and not thin else ""
    columns = ", ".join(f"{item.sql} AS c{i}" for i, item in enumerate(items))
    parts = [f"SELECT {distinct}{columns}"]
    if source.sql:
        parts.append(f"FROM {source.sql}")
    if where:
        parts.append(f"WHERE {where}")
    if grouping is not None and grouping.sql:
        parts.append(f"GROUP BY {grouping.sql}")
    if having is not None:
        parts.append(f"HAVING {coerce(having, t.BOOLEAN).sql}")
    if thin:
        parts = [thinned(" ".join(parts), [item.expr.type for item in items])]
    if order.keys:
        parts.append(f"ORDER BY {', '.join(order.keys)}")
    return limit.applied(" ".join(parts), order.window, distinct=bool(node.args.get("distinct")))
