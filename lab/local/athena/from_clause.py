"""FROM: tables, views, subqueries, VALUES, UNNEST, LATERAL, samples and joins.

Source: https://trino.io/docs/current/sql/select.html#from-clause
"""

# ruff: noqa: S608 - SQL is composed of parts that the analyser made
from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from lab.local.athena import operators
from lab.local.athena import types as t
from lab.local.athena.coerce import coerce, common_type
from lab.local.athena.errors import QueryError, not_supported
from lab.local.athena.expr import Expr, Traits
from lab.local.athena.expressions import analyse_expression
from lab.local.athena.parse import place
from lab.local.athena.relation import Relation, derived, renamed
from lab.local.athena.scope import Field, Scope
from lab.local.athena.session import Session
from lab.local.athena.tables import named
from lab.local.athena.unnest import unnest

# Trino joins each row on the left with UNNEST or LATERAL by itself: where there is none on the left, nothing is left
# over of the right. Source: ``testUncorrelatedSubquery`` of
# https://github.com/trinodb/trino/blob/master/core/trino-main/src/test/java/io/trino/sql/query/TestSubqueries.java
_BY_ROW = {"RIGHT": "", "FULL": "LEFT"}
_SIDES = {"LEFT": "LEFT JOIN", "RIGHT": "RIGHT JOIN", "FULL": "FULL JOIN"}


def analyse_from(node: exp.Expr, joins: Sequence[exp.Expr], scope: Scope, session: Session) -> Relation:
    """The relation of a FROM clause: an item and the joins after it."""
    found = _item(node, scope, session)
    for join in joins:
        found = _join(found, join, scope, session)
    return found


def _item(node: exp.Expr, scope: Scope, session: Session) -> Relation:
    _refuse(node, ("pivots", "version", "hints", "when", "only", "partition", "changes"))
    nested = node.args.get("joins") or []
    plain = _plain(node, scope, session)
    for join in nested:
        plain = _join(plain, join, scope, session)
    return _sampled(plain, node.args.get("sample"), session)


def _plain(node: exp.Expr, scope: Scope, session: Session) -> Relation:
    alias = node.args.get("alias")
    if isinstance(node, exp.Table):
        return renamed(named(node, scope, session), alias)
    if isinstance(node, exp.Unnest):
        return unnest(node, scope, session, "")
    if isinstance(node, exp.Lateral):
        return _lateral(node, scope, session)
    if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Table):
        return renamed(_parenthesised(_item(node.this, scope, session)), alias)
    if isinstance(node, exp.Query | exp.Values):
        inner = node.this if isinstance(node, exp.Subquery) and not _own_clauses(node) else node
        query = session.query(session, inner, Scope(parent=scope.parent, ctes=scope.ctes))
        return renamed(derived(query, session, ()), alias)
    raise not_supported(f"FROM {type(node).__name__}", place(node))


def _own_clauses(node: exp.Expr) -> bool:
    return any(node.args.get(key) for key in ("order", "limit", "offset", "with_"))


def _parenthesised(relation: Relation) -> Relation:
    return replace(relation, sql=f"({relation.sql})")


def _refuse(node: exp.Expr, keys: Sequence[str]) -> None:
    for key in keys:
        if node.args.get(key):
            raise not_supported(f"{key.upper()} in FROM", place(node))


def _sampled(relation: Relation, sample: exp.Expr | None, session: Session) -> Relation:
    if sample is None:
        return relation
    method, percent = sample.args.get("method"), sample.args.get("percent")
    if (
        (method is None or method.name not in ("BERNOULLI", "SYSTEM"))
        or (percent is None or not isinstance(percent, exp.Literal))
        or sample.args.get("seed")
    ):
        raise not_supported("this form of TABLESAMPLE", place(sample))
    if not 0 <= float(percent.name) <= 100:
        raise QueryError("INVALID_ARGUMENTS", "Sample percentage must be between 0 and 100", place(percent))
    # Each row is taken by its own chance; SYSTEM's choice of splits is up to the engine.
    return _chance(relation, percent.name, session)


def _chance(relation: Relation, percent: str, session: Session) -> Relation:
    items = [item for item in relation.fields if not item.hidden]
    inner = ", ".join(f"{item.expr.sql} AS c{i}" for i, item in enumerate(items))
    for item in items:
        for name, column in item.expr.traits.origins:
            session.mention(name).columns.add(column)
    lateral = "LATERAL " if relation.sql.startswith("LATERAL ") else ""
    source = relation.sql.removeprefix(lateral)
    query = Relation(f"SELECT {inner} FROM {source} WHERE random() * 100 < {percent}", tuple(items))
    found = derived(query, session, ())
    found = replace(found, sql=f"{lateral}{found.sql}")
    fields = tuple(replace(new, qualifier=old.qualifier) for new, old in zip(found.fields, items, strict=True))
    return replace(found, fields=fields)


def _lateral(node: exp.Lateral, scope: Scope, session: Session) -> Relation:
    if not isinstance(node.this, exp.Subquery):
        raise not_supported("LATERAL of anything but a query", place(node))
    query = session.query(session, node.this, scope)
    found = renamed(derived(query, session, ()), node.args.get("alias"))
    return replace(found, sql=f"LATERAL {found.sql}", prunable=frozenset())


def _join(left: Relation, join: exp.Expr, scope: Scope, session: Session) -> Relation:
    if (join.args.get("method") or "").upper() == "NATURAL":
        raise QueryError("NOT_SUPPORTED", "Natural join not supported", place(join))
    _refuse(join, ("method", "hint", "match_condition", "global_", "pivots"))
    kind, side = (join.args.get("kind") or "").upper(), (join.args.get("side") or "").upper()
    if kind not in ("", "INNER", "OUTER", "CROSS"):
        raise not_supported(f"{kind} JOIN", place(join))
    beside = Scope(left.fields, scope, ctes=scope.ctes)  # UNNEST and LATERAL see what stands left of them
    if isinstance(join.this, exp.Unnest):
        condition = join.args.get("on")
        if condition is not None and not (isinstance(condition, exp.Boolean) and condition.this):
            kind_ = side or "INNER"
            message = f"{kind_} JOIN involving UNNEST is only supported with condition ON TRUE"
            raise QueryError("NOT_SUPPORTED", message, place(condition))
        right = unnest(join.this, replace(beside, parent=scope.parent), session, "LATERAL ")
        right = _sampled(right, join.this.args.get("sample"), session)
    elif isinstance(join.this, exp.Lateral):
        right = _lateral(join.this, replace(beside, parent=scope.parent), session)
    else:
        right = _item(join.this, scope, session)
    if isinstance(join.this, exp.Unnest | exp.Lateral) and side in _BY_ROW:
        _check_by_row(join, side, left, right)
        side = _BY_ROW[side]
    word = _SIDES.get(side, "JOIN")
    prunable = {"LEFT": left.prunable, "RIGHT": right.prunable, "FULL": frozenset()}.get(
        side, left.prunable | right.prunable
    )
    fields = (*left.fields, *right.fields)
    using = join.args.get("using")
    if using:
        names = [item.name.lower() for item in using]
        return _using(left, right, word, names, Relation("", fields, prunable), session)
    condition = join.args.get("on")
    if condition is None:
        if side:
            raise QueryError("SYNTAX_ERROR", f"{side} JOIN needs ON or USING", place(join))
        return Relation(f"{left.sql} CROSS JOIN {right.sql}", fields, prunable)
    found = analyse_expression(condition, Scope(fields, scope.parent, clause="JOIN clause", ctes=scope.ctes), session)
    operators.require_boolean(found, f"JOIN ON clause must evaluate to a boolean: actual type {found.type.name}")
    return Relation(f"{left.sql} {word} {right.sql} ON {coerce(found, t.BOOLEAN).sql}", fields, prunable)


def _check_by_row(join: exp.Expr, side: str, left: Relation, right: Relation) -> None:
    """Refuse what Trino refuses of RIGHT and FULL JOIN with UNNEST or LATERAL, and a RIGHT JOIN on a condition."""
    what = "UNNEST" if isinstance(join.this, exp.Unnest) else "LATERAL relation"
    condition = join.args.get("on")
    if not (isinstance(condition, exp.Boolean) and condition.this):
        message = f"{side} JOIN involving {what} is only supported with condition ON TRUE"
        raise QueryError("NOT_SUPPORTED", message, place(condition or join))
    for item in left.fields:
        if re.search(rf"(?<!\w){re.escape(item.expr.sql)}(?!\w)", right.sql):
            message = f"LATERAL reference not allowed in {side} JOIN"
            raise QueryError("INVALID_COLUMN_REFERENCE", message, place(join))


def _using(  # noqa: PLR0917 - both sides and what joins them
    left: Relation, right: Relation, word: str, names: Sequence[str], whole: Relation, session: Session
) -> Relation:
    merged, conditions = [], []
    for name in names:
        a, b = _column(left, name), _column(right, name)
        kind = common_type(a.expr.type, b.expr.type)
        if kind is None:
            raise operators.mismatch("=", a.expr, b.expr, None)
        x, y = coerce(a.expr, kind), coerce(b.expr, kind)
        conditions.append(operators.compare("=", x, y, None).sql)
        sql = {"RIGHT JOIN": y.sql, "FULL JOIN": f"coalesce({x.sql}, {y.sql})"}.get(word, x.sql)
        origins = a.expr.traits.origins | b.expr.traits.origins
        for relation, column in origins:
            session.mention(relation).columns.add(column)
        merged.append(Field(a.name, Expr(sql, kind, traits=Traits(origins=origins, opaque=True))))
    rest = [item for item in whole.fields if (item.name or "").lower() not in names]
    return Relation(f"{left.sql} {word} {right.sql} ON {' AND '.join(conditions)}", (*merged, *rest), whole.prunable)


def _column(relation: Relation, name: str) -> Field:
    found = [item for item in relation.fields if (item.name or "").lower() == name]
    if len(found) != 1:
        raise QueryError("COLUMN_NOT_FOUND", f"Column '{name}' is missing from a side of join")
    return found[0]
