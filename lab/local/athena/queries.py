"""Queries: blocks, VALUES, set operations, WITH, and ORDER BY and LIMIT around them."""

# ruff: noqa: S608 - SQL is composed of parts that the analyser made
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from lab.local.athena import types as t
from lab.local.athena.block import analyse_block, order_value, thinned
from lab.local.athena.call_syntax import sort_key
from lab.local.athena.coerce import coerce, common_type
from lab.local.athena.errors import QueryError, not_supported
from lab.local.athena.expr import Expr, Traits
from lab.local.athena.expressions import analyse_expression
from lab.local.athena.limit import analyse_limit
from lab.local.athena.nested import canonical, is_plain
from lab.local.athena.parse import place
from lab.local.athena.recursion import mentions, unrolled
from lab.local.athena.relation import Cte, Relation, converted
from lab.local.athena.scope import Field, Scope
from lab.local.athena.select_items import Item
from lab.local.athena.session import Session
from lab.local.athena.special import typed

_SET_WORDS = {exp.Union: "UNION", exp.Intersect: "INTERSECT", exp.Except: "EXCEPT"}


def analyse_query(session: Session, node: exp.Expr, scope: Scope) -> Relation:
    """The relation of a query. Parameters: scope, that in which the query stands: it may read its columns."""
    inner = Scope(parent=scope if scope.fields or scope.lambdas else scope.parent, ctes=scope.ctes)
    inner, recursive = _with(node.args.get("with_"), inner, session)
    found = _body(node, inner, session)
    return replace(found, sql=f"{recursive}{found.sql}") if recursive else found


def _body(node: exp.Expr, scope: Scope, session: Session) -> Relation:
    if isinstance(node, exp.Select):
        return analyse_block(node, scope, session)
    if isinstance(node, exp.SetOperation):
        return _ordered(_set_operation(node, scope, session), node, session)
    if isinstance(node, exp.Subquery):
        inner = _again(node.this, scope, session)
        return _ordered(inner, node, session)
    if isinstance(node, exp.Values):
        return _ordered(_values(node, scope, session), node, session)
    raise not_supported(f"query {type(node).__name__}", place(node))


def _again(node: exp.Expr, scope: Scope, session: Session) -> Relation:
    """A query at the same level: it sees what this one sees."""
    inner, recursive = _with(node.args.get("with_"), scope, session)
    found = _body(node, inner, session)
    return replace(found, sql=f"{recursive}{found.sql}") if recursive else found


def _ordered(relation: Relation, node: exp.Expr, session: Session) -> Relation:
    """ORDER BY and LIMIT of a query that is not a block: its output columns are all that can be named."""
    order, limit = node.args.get("order"), analyse_limit(node, session)
    if order is None and not limit.text:
        return relation
    alias = session.fresh()
    columns = [f"c{i}" for i in range(len(relation.fields))]
    fields = [
        Field(item.name, Expr(f"{alias}.{column}", item.expr.type, traits=Traits(opaque=True)))
        for item, column in zip(relation.fields, columns, strict=True)
    ]
    items = [Item(item.expr, item.name) for item in fields]
    keys = [
        sort_key(order_value(one.this, items, Scope(tuple(fields)), session)[1], one)
        for one in (order.expressions if order else [])
    ]
    sql = f"SELECT {', '.join(f'{alias}.{column} AS {column}' for column in columns)} FROM ({relation.sql}) AS {alias}"
    if keys:
        sql += f" ORDER BY {', '.join(keys)}"
    return Relation(limit.applied(sql, keys, distinct=False), relation.fields)


def _set_operation(node: exp.SetOperation, scope: Scope, session: Session) -> Relation:
    word = _SET_WORDS[type(node)]
    for key in ("by_name", "side", "kind", "on"):
        if node.args.get(key):
            raise not_supported(f"{word} with {key.upper()}", place(node))
    left, right = _again(node.this, scope, session), _again(node.expression, scope, session)
    if len(left.fields) != len(right.fields):
        raise QueryError(
            "TYPE_MISMATCH",
            f"{word} query has different number of fields: {len(left.fields)}, {len(right.fields)}",
            place(node),
        )
    kinds = []
    for i, (a, b) in enumerate(zip(left.fields, right.fields, strict=True), 1):
        kind = common_type(a.expr.type, b.expr.type)
        if kind is None:
            raise QueryError(
                "TYPE_MISMATCH",
                f"column {i} in {word} query has incompatible types: {a.expr.type.name}, {b.expr.type.name}",
                place(node),
            )
        kinds.append(kind)
    every = "" if node.args.get("distinct") else " ALL"
    first, second = converted(left, kinds, session), converted(right, kinds, session)
    if all(is_plain(kind) for kind in kinds) or f"{word}{every}" == "UNION ALL":
        sql = f"{first} {word}{every} {second}"
    elif every:
        raise not_supported(f"{word} ALL of {', '.join(kind.name for kind in kinds)}", place(node))
    else:
        sql = thinned(_together(word, first, second, kinds), kinds)
    fields = tuple(
        Field(item.name, Expr("", kind, traits=Traits(opaque=True)))
        for item, kind in zip(left.fields, kinds, strict=True)
    )
    return Relation(sql, fields)


def _together(word: str, left: str, right: str, kinds: Sequence[t.Type]) -> str:
    """The rows of a set operation, each perhaps more than once, compared as Trino compares them."""
    if word == "UNION":
        return f"{left} UNION ALL {right}"
    same = " AND ".join(
        f"{canonical(f'a.c{i}', kind)} IS NOT DISTINCT FROM {canonical(f'b.c{i}', kind)}"
        for i, kind in enumerate(kinds)
    )
    return f"SELECT a.* FROM {left} AS a {'SEMI' if word == 'INTERSECT' else 'ANTI'} JOIN {right} AS b ON {same}"


def _values(node: exp.Values, scope: Scope, session: Session) -> Relation:
    rows = [_row(item, scope, session) for item in node.expressions]
    width = len(rows[0])
    kinds: list[t.Type] = [t.UNKNOWN] * width
    for row in rows:
        if len(row) != width:
            raise QueryError(
                "TYPE_MISMATCH", f"Values rows have mismatched types: {_text(rows[0])} vs {_text(row)}", place(node)
            )
        for i, item in enumerate(row):
            found = common_type(kinds[i], item.type)
            if found is None:
                raise QueryError(
                    "TYPE_MISMATCH", f"Values rows have mismatched types: {_text(rows[0])} vs {_text(row)}", place(node)
                )
            kinds[i] = found
    inner = ", ".join(
        f"({', '.join(typed(coerce(item, kind)) for item, kind in zip(row, kinds, strict=True))})" for row in rows
    )
    alias = session.fresh()
    names = [f"c{i}" for i in range(width)]
    # A parameter of VALUES may be NULL in each row: the type is said once more.
    columns = ", ".join(
        f"CAST({alias}.{name} AS {kind.storage}) AS {name}" for name, kind in zip(names, kinds, strict=True)
    )
    sql = f"SELECT {columns} FROM (VALUES {inner}) AS {alias}({', '.join(names)})"
    return Relation(sql, tuple(Field(None, Expr("", kind, traits=Traits(opaque=True))) for kind in kinds))


def _row(node: exp.Expr, scope: Scope, session: Session) -> list[Expr]:
    items = node.expressions if isinstance(node, exp.Tuple) else [node]
    outer = Scope(parent=scope.parent, ctes=scope.ctes)
    found = [analyse_expression(item, outer, session) for item in items]
    if len(found) == 1 and isinstance(found[0].type, t.Row):
        base = found[0]
        assert isinstance(base.type, t.Row)  # noqa: S101 - just looked
        pairs = zip(base.type.keys, base.type.fields, strict=True)
        return [base.emit(f"struct_extract({base.sql}, '{key}')", kind) for key, (_, kind) in pairs]
    return found


def _text(row: Sequence[Expr]) -> str:
    return f"row({', '.join(item.type.name for item in row)})"


def _with(node: exp.Expr | None, scope: Scope, session: Session) -> tuple[Scope, str]:
    """The names of WITH added to the scope, and the SQL of those that are recursive."""
    if node is None:
        return scope, ""
    found, recursive = scope, []
    for item in node.expressions:
        if not isinstance(item, exp.CTE):
            raise not_supported("an inline function", place(node))
        name = item.alias.lower()
        columns = tuple(column.name for column in item.args["alias"].args.get("columns") or [])
        cte = Cte(item.this, found, columns)
        if node.args.get("recursive") and mentions(item.this, name):
            cte, sql = unrolled(item, found, session, _again)
            recursive.append(sql)
        found = replace(found, ctes={**found.ctes, name: cte})
    return found, f"WITH {', '.join(recursive)} " if recursive else ""
