"""Predicates: IS NULL, BETWEEN, IN, LIKE, EXISTS and quantified comparison.

Source: https://trino.io/docs/current/functions/comparison.html
"""

# ruff: noqa: S608 - SQL is composed of parts that the analyser made
from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from lab.local.athena import nested
from lab.local.athena import types as t
from lab.local.athena.coerce import coerce, common_type
from lab.local.athena.errors import Position, QueryError, SyntaxProblem, not_supported
from lab.local.athena.expr import Expr, Traits, failing, text
from lab.local.athena.operators import comparable, made
from lab.local.athena.parse import place
from lab.local.athena.relation import Relation
from lab.local.athena.render import field_sql
from lab.local.athena.scope import Scope
from lab.local.athena.session import Session

Each = Callable[[exp.Expr], Expr]
Where = tuple[Scope, Session]


def is_null(node: exp.Expr, each: Each, _: Where) -> Expr:
    """``x IS NULL``; Trino has no IS TRUE."""
    if not isinstance(node.expression, exp.Null):
        raise SyntaxProblem(f"mismatched input '{node.expression.sql()}'. Expecting: 'NULL', 'DISTINCT'", place(node))
    value = each(node.this)
    return made(f"({value.sql} IS NULL)", t.BOOLEAN, place(node), value)


def between(node: exp.Expr, each: Each, _: Where) -> Expr:
    """``x BETWEEN low AND high``."""
    if node.args.get("symmetric") is not None:
        raise not_supported("BETWEEN SYMMETRIC", place(node))
    value, low, high = each(node.this), each(node.args["low"]), each(node.args["high"])
    kind = common_type(value.type, low.type)
    kind = kind and common_type(kind, high.type)
    if kind is None:
        raise QueryError(
            "TYPE_MISMATCH",
            f"Cannot check if {value.type.name} is BETWEEN {low.type.name} and {high.type.name}",
            place(node),
        )
    if nested.is_nested(kind):
        x, a, b = (coerce(part, kind).sql for part in (value, low, high))
        sql = f"({nested.ordered('>=', x, a, kind)} AND {nested.ordered('<=', x, b, kind)})"
        return made(sql, t.BOOLEAN, place(node), value, low, high)
    x, a, b = (comparable(coerce(part, kind)) for part in (value, low, high))
    # To DuckDB NaN is greater than all; to Trino nothing lies before it. A literal is never NaN.
    end = "" if kind not in (t.REAL, t.DOUBLE) or high.is_constant else f" AND NOT (isnan({b}) AND {x} IS NOT NULL)"
    return made(f"({x} BETWEEN {a} AND {b}{end})", t.BOOLEAN, place(node), value, low, high)


def in_list(node: exp.Expr, each: Each, where: Where) -> Expr:
    """``x IN (…)`` with values or a query."""
    value = each(node.this)
    if node.args.get("unnest") or node.args.get("field"):
        raise SyntaxProblem("mismatched input. Expecting: IN (<expression>, …) or IN (<query>)", place(node))
    if node.args.get("query"):
        return _with_query("=", "ANY", value, node.args["query"], where)
    items = [each(item) for item in node.expressions]
    kind = value.type
    for item in items:
        found = common_type(kind, item.type)
        if found is None:
            raise QueryError(
                "TYPE_MISMATCH",
                f"IN value and list items must be the same type: {value.type.name} vs {item.type.name}",
                item.position,
            )
        kind = found
    if nested.is_nested(kind) or (kind in (t.REAL, t.DOUBLE) and not all(item.is_constant for item in items)):
        return _any_of(value, items, kind, place(node))
    inner = ", ".join(comparable(coerce(item, kind)) for item in items)
    return made(f"({comparable(coerce(value, kind))} IN ({inner}))", t.BOOLEAN, place(node), value, *items)


def _any_of(value: Expr, items: list[Expr], kind: t.Type, position: Position | None) -> Expr:
    left = coerce(value, kind).sql
    parts = " OR ".join(nested.equal(left, coerce(item, kind).sql, kind) for item in items)
    return made(f"({parts})", t.BOOLEAN, position, value, *items)


def exists(node: exp.Expr, _: Each, where: Where) -> Expr:
    """``EXISTS (query)``."""
    scope, session = where
    relation = session.query(session, node.this, scope)
    sql = f"EXISTS ({relation.sql})"
    return Expr(sql, t.BOOLEAN, place(node), traits=Traits(opaque=True, isolated=(sql,)))


def quantified(operator: str, left: Expr, node: exp.Expr, where: Where) -> Expr:
    """``x = ANY (query)``, ``x < ALL (query)``."""
    return _with_query(operator, "ANY" if isinstance(node, exp.Any) else "ALL", left, node.this, where)


def _with_query(operator: str, quantifier: str, left: Expr, query: exp.Expr, where: Where) -> Expr:
    scope, session = where
    relation = session.query(session, query, scope)
    if isinstance(left.type, t.Row) and operator == "=" and quantifier == "ANY":
        return _row_in(left, left.type, relation, session)
    if len(relation.fields) != 1:
        raise _count_differs(left, relation)
    right = relation.fields[0].expr
    kind = common_type(left.type, right.type)
    if kind is None:
        raise QueryError(
            "TYPE_MISMATCH",
            f"Value expression and result of subquery must be of the same type: {left.type.name} vs {right.type.name}",
            left.position,
        )
    alias = session.fresh()
    column = _sought(coerce(Expr(f"{alias}.c0", right.type), kind))
    inner = f"SELECT {column} FROM ({relation.sql}) AS {alias}"
    value = _sought(coerce(left, kind))
    found = made(f"({value} {operator} {quantifier} ({inner}))", t.BOOLEAN, left.position, left)
    traits = Traits(found.traits.loose, found.traits.origins, opaque=True, isolated=(found.sql,))
    return Expr(found.sql, t.BOOLEAN, left.position, traits=traits)


def _sought(value: Expr) -> str:
    """A value for a search in a query's rows, where DuckDB would find NaN."""
    if value.type not in (t.REAL, t.DOUBLE) or value.is_constant:
        return comparable(value)
    message = "'NaN in a comparison with a query is not supported by this engine'"
    fails = failing("NOT_SUPPORTED", message, value.type.storage)
    return f"CASE WHEN isnan({value.sql}) THEN {fails} ELSE {value.sql} END"


def _count_differs(left: Expr, relation: Relation) -> QueryError:
    have = len(left.type.fields) if isinstance(left.type, t.Row) else 1
    message = (
        f"Value expression and result of subquery must be of the same type: {have} vs {len(relation.fields)} columns"
    )
    return QueryError("TYPE_MISMATCH", message, left.position)


def _row_in(left: Expr, row: t.Row, relation: Relation, session: Session) -> Expr:
    """``(a, b) IN (query)``. Where a NULL in a row leaves open whether it is in, the query fails by name."""
    if len(row.fields) != len(relation.fields):
        raise _count_differs(left, relation)
    alias, kinds = session.fresh(), []
    for (_, kind), field in zip(row.fields, relation.fields, strict=True):
        common = common_type(kind, field.expr.type)
        if common is None:
            shown = f"{left.type.name} vs row({', '.join(item.expr.type.name for item in relation.fields)})"
            message = f"Value expression and result of subquery must be of the same type: {shown}"
            raise QueryError("TYPE_MISMATCH", message, left.position)
        kinds.append(common)
    target = t.Row(tuple((None, kind) for kind in kinds))
    columns = [
        coerce(Expr(f"{alias}.c{i}", item.expr.type), kind)
        for i, (item, kind) in enumerate(zip(relation.fields, kinds, strict=True))
    ]
    members = ", ".join(f"{text(key)}: {_sought(column)}" for key, column in zip(target.keys, columns, strict=True))
    value = coerce(left, target).sql
    given = ", ".join(
        f"{text(key)}: {_sought(Expr(field_sql(value, key), kind))}"
        for key, kind in zip(target.keys, kinds, strict=True)
    )
    some_null = " OR ".join(f"{column.sql} IS NULL" for column in columns)
    source = f"FROM ({relation.sql}) AS {alias}"
    found = f"{{{given}}} IN (SELECT {{{members}}} {source} WHERE NOT ({some_null}))"
    open_ = f"{nested.holds_null(value, target)} OR coalesce((SELECT bool_or({some_null}) {source}), false)"
    fails = failing("NOT_SUPPORTED", "'a row with NULL in IN (query) is not supported by this engine'", "BOOLEAN")
    sql = f"CASE WHEN {value} IS NULL THEN NULL WHEN {found} THEN true WHEN {open_} THEN {fails} ELSE false END"
    result = made(sql, t.BOOLEAN, left.position, left)
    traits = Traits(result.traits.loose, result.traits.origins, opaque=True, isolated=(sql,))
    return Expr(sql, t.BOOLEAN, left.position, traits=traits)


def like(node: exp.Expr, each: Each, _: Where) -> Expr:
    """``x LIKE pattern [ESCAPE c]``; without ESCAPE a backslash is an ordinary sign."""
    inner = node.this if isinstance(node, exp.Escape) else node
    if not isinstance(inner, exp.Like) or isinstance(inner.expression, exp.Any | exp.All):
        raise SyntaxProblem("mismatched input. Expecting: LIKE <pattern>", place(node))
    value, pattern = each(inner.this), each(inner.expression)
    for side in (value, pattern):
        if not (t.is_text(side.type) or side.type == t.UNKNOWN):
            raise QueryError(
                "TYPE_MISMATCH",
                f"Left side of LIKE expression must evaluate to a varchar (actual: {side.type.name})",
                side.position,
            )
    a, b = (coerce(side, t.VARCHAR).sql for side in (value, pattern))
    parts = [value, pattern]
    escape = ""
    if isinstance(node, exp.Escape):
        sign = each(node.expression)
        parts.append(sign)
        escape = f" ESCAPE {_escape(sign)}"
    sql = f"({a} LIKE {b}{escape})"
    return made(f"(NOT {sql})" if inner.args.get("negate") else sql, t.BOOLEAN, place(node), *parts)


def _escape(sign: Expr) -> str:
    if sign.is_constant and isinstance(sign.constant, str):
        if len(sign.constant) != 1:
            raise QueryError("INVALID_FUNCTION_ARGUMENT", "Escape string must be a single character", sign.position)
        return text(sign.constant)
    fails = failing("INVALID_FUNCTION_ARGUMENT", "'Escape string must be a single character'", "VARCHAR")
    return f"CASE WHEN length({sign.sql}) = 1 THEN {sign.sql} ELSE {fails} END"
