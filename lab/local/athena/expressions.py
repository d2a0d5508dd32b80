"""Expressions of the syntax tree as typed expressions, one rule for each kind of node."""

# ruff: noqa: ARG001, ARG005 - all rules have one signature
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlglot import exp

from lab.local.athena import datatype, literals, operators, predicates, special
from lab.local.athena import types as t
from lab.local.athena.call_syntax import analyse_call
from lab.local.athena.calls import Modifiers, emit_call
from lab.local.athena.cast import cast_sql
from lab.local.athena.coerce import coerce
from lab.local.athena.errors import QueryError, SyntaxProblem, not_supported
from lab.local.athena.expr import Expr, Traits
from lab.local.athena.functions.json_functions import is_json
from lab.local.athena.operators import made
from lab.local.athena.parse import place
from lab.local.athena.scope import Scope, member, of_group, resolve
from lab.local.athena.session import Session
from lab.local.athena.sqljson.functions import analyse_json_call
from lab.local.athena.sqljson.grammar import JsonCall

Rule = Callable[[exp.Expr, Scope, Session], Expr]


def analyse_expression(node: exp.Expr | None, scope: Scope, session: Session) -> Expr:
    """The typed expression of a node. Raises QueryError with Trino's name and the node's place."""
    if node is None:  # the parser lets a missing operand pass
        raise SyntaxProblem("mismatched input. Expecting: <expression>")
    rule = _RULES.get(type(node))
    if rule is None:
        raise not_supported(f"expression {type(node).__name__}", place(node))
    found = rule(node, scope, session)
    if found.position is None:
        found = replace(found, position=place(node))
    return found if scope.keys is None else of_group(found, scope.keys)


def _literal(node: exp.Expr, scope: Scope, session: Session) -> Expr:
    at = place(node)
    return literals.string(node.name, at) if node.args.get("is_string") else literals.number(node.name, at)


def _column(node: exp.Expr, scope: Scope, session: Session) -> Expr:
    if isinstance(node.this, exp.Star):
        raise QueryError("SYNTAX_ERROR", "'*' is only allowed in the select list", place(node))
    parts = [part.name for part in node.parts]  # type: ignore[attr-defined]
    return _read(resolve(scope, parts, place(node)), session)


def _read(found: Expr, session: Session) -> Expr:
    for relation, column in found.traits.origins:
        session.mention(relation).columns.add(column)
    return found


def _identifier(node: exp.Expr, scope: Scope, session: Session) -> Expr:
    return _read(resolve(scope, [node.name], place(node)), session)


def _dot(node: exp.Expr, scope: Scope, session: Session) -> Expr:
    if isinstance(node.expression, exp.Anonymous | exp.Star):
        raise not_supported(f"'{node.sql(dialect='trino')}'", place(node))
    return member(analyse_expression(node.this, scope, session), node.expression.name, place(node))


def _paren(node: exp.Expr, scope: Scope, session: Session) -> Expr:
    return analyse_expression(node.this, scope, session)


def _tuple(node: exp.Expr, scope: Scope, session: Session) -> Expr:
    return special.row([analyse_expression(item, scope, session) for item in node.expressions], place(node))


def _array(node: exp.Expr, scope: Scope, session: Session) -> Expr:
    items = [analyse_expression(item, scope, session) for item in node.expressions]
    return special.array(items, place(node))


def _bracket(node: exp.Expr, scope: Scope, session: Session) -> Expr:
    if len(node.expressions) != 1 or isinstance(node.expressions[0], exp.Slice):
        raise QueryError("SYNTAX_ERROR", "mismatched subscript", place(node))
    base = analyse_expression(node.this, scope, session)
    return special.subscript(base, analyse_expression(node.expressions[0], scope, session), place(node))


def _cast(node: exp.Expr, scope: Scope, session: Session) -> Expr:
    at = place(node)
    target = node.args["to"]
    if isinstance(node.this, exp.Literal) and node.this.is_string and "start" not in node.meta:
        typed = _typed_literal(node.this.name, target, node)
        if typed is not None:
            return typed
    value = analyse_expression(node.this, scope, session)
    return replace(cast_sql(replace(value, position=at), datatype.read(target, at)), position=at)


def _typed_literal(value: str, target: exp.Expr, node: exp.Expr) -> Expr | None:
    """TIMESTAMP '…' and its like, which the parser writes as casts without a place of their own."""
    at = place(node)
    kind = target.this if isinstance(target, exp.DataType) else None
    if kind in (exp.DType.TIMESTAMP, exp.DType.TIMESTAMPTZ):
        return literals.timestamp(value, at)
    if kind == exp.DType.DATE:
        return literals.day(value, at)
    if kind == exp.DType.TIME:
        return literals.time(value, at)
    if kind == exp.DType.DECIMAL and not target.expressions:
        return literals.decimal(value, at)
    if kind == exp.DType.CHAR and not target.expressions:
        return literals.char(value, at)
    return None


def _try_cast(node: exp.Expr, scope: Scope, session: Session) -> Expr:
    value = analyse_expression(node.this, scope, session)
    found = cast_sql(value, datatype.read(node.args["to"], place(node)))
    return special.attempt(found, session.fresh(), place(node))


def _binary(operator: str, rule: Callable[..., Expr]) -> Rule:
    def analyse(node: exp.Expr, scope: Scope, session: Session) -> Expr:
        left = analyse_expression(node.this, scope, session)
        if isinstance(node.expression, exp.Any | exp.All):
            return predicates.quantified(operator, left, node.expression, (scope, session))
        return rule(operator, left, analyse_expression(node.expression, scope, session), place(node))

    return analyse


def _concat(node: exp.Expr, scope: Scope, session: Session) -> Expr:
    left, right = (analyse_expression(side, scope, session) for side in (node.this, node.expression))
    return operators.concatenate(left, right, place(node))


def _negative(node: exp.Expr, scope: Scope, session: Session) -> Expr:
    return operators.negate(analyse_expression(node.this, scope, session), place(node))


def _logical(operator: str, kind: type[exp.Expr]) -> Rule:
    def analyse(node: exp.Expr, scope: Scope, session: Session) -> Expr:
        parts: list[Expr] = []
        pending = [node]
        while pending:  # a long chain is a deep tree
            item = pending.pop()
            if isinstance(item, kind):
                pending += [item.expression, item.this]
            else:
                parts.append(analyse_expression(item, scope, session))
        return operators.logical(operator, parts, place(node))

    return analyse


def _not(node: exp.Expr, scope: Scope, session: Session) -> Expr:
    value = analyse_expression(node.this, scope, session)
    operators.require_boolean(
        value, f"Value of logical NOT expression must evaluate to a boolean (actual: {value.type})"
    )
    return made(f"(NOT {coerce(value, t.BOOLEAN).sql})", t.BOOLEAN, place(node), value)


def _case(node: exp.Expr, scope: Scope, session: Session) -> Expr:
    operand = node.this and analyse_expression(node.this, scope, session)
    conditions, results = [], []
    for branch in node.args["ifs"]:
        condition = analyse_expression(branch.this, scope, session)
        if operand is not None:
            condition = operators.compare("=", operand, condition, place(branch))
        else:
            operators.require_boolean(
                condition, f"CASE WHEN clause must evaluate to a boolean (actual: {condition.type.name})"
            )
        conditions.append(condition)
        results.append(analyse_expression(branch.args["true"], scope, session))
    default = node.args.get("default")
    results.append(analyse_expression(default, scope, session) if default else literals.null(None))
    return special.case(conditions, results, place(node))


def _at_time_zone(node: exp.Expr, scope: Scope, session: Session) -> Expr:
    value = analyse_expression(node.this, scope, session)
    where = analyse_expression(node.args["zone"], scope, session)
    if isinstance(value.type, t.Timestamp):
        value = coerce(value, t.ZonedTimestamp(value.type.precision))
    return emit_call("at_timezone", [value, where], Modifiers(), place(node), session.fresh)


def _interval(node: exp.Expr, scope: Scope, session: Session) -> Expr:
    value, sign = node.this, 1
    if isinstance(value, exp.Neg):
        value, sign = value.this, -1
    unit = node.args.get("unit")
    if not (isinstance(value, exp.Literal) and unit is not None):
        raise QueryError("SYNTAX_ERROR", "mismatched input. Expecting: INTERVAL '<string>' <unit>", place(node))
    if isinstance(unit, exp.IntervalSpan) and not (unit.this and unit.expression):
        raise SyntaxProblem("mismatched input. Expecting: INTERVAL '<string>' <unit> TO <unit>", place(node))
    units = (unit.this.name, unit.expression.name) if isinstance(unit, exp.IntervalSpan) else (unit.name, None)
    return literals.interval(value.name, sign, units, place(node))


def _subquery(node: exp.Expr, scope: Scope, session: Session) -> Expr:
    relation = session.query(session, node, scope)
    if len(relation.fields) != 1:
        raise QueryError(
            "NOT_SUPPORTED",
            f"Multiple columns returned by subquery are not yet supported. Found {len(relation.fields)}",
        )
    sql = f"({relation.sql})"
    return Expr(sql, relation.fields[0].expr.type, place(node), traits=Traits(opaque=True, isolated=(sql,)))


def _clock(function: str) -> Rule:
    def analyse(node: exp.Expr, scope: Scope, session: Session) -> Expr:
        if node.args.get("this"):
            raise not_supported(f"{function} with a precision", place(node))
        return special.clock(function, session.now, place(node))

    return analyse


def _json_literal(node: exp.Expr, scope: Scope, session: Session) -> Expr:
    value = analyse_expression(node.this, scope, session)
    if not is_json(str(value.constant)):
        raise QueryError("INVALID_LITERAL", f"'{value.constant}' is not a valid JSON literal", place(node))
    return emit_call("json_parse", [value], Modifiers(), place(node), session.fresh)


def _call(node: exp.Expr, scope: Scope, session: Session) -> Expr:
    return analyse_call(node, scope, session, analyse_expression)


def _with_scope(rule: Callable[..., Expr]) -> Rule:
    def analyse(node: exp.Expr, scope: Scope, session: Session) -> Expr:
        def each(part: exp.Expr) -> Expr:
            return analyse_expression(part, scope, session)

        return rule(node, each, (scope, session))

    return analyse


_RULES: dict[type[exp.Expr], Rule] = {
    exp.Literal: _literal,
    exp.Boolean: lambda node, scope, session: literals.boolean(node.this, place(node)),
    exp.Null: lambda node, scope, session: literals.null(place(node)),
    exp.HexString: lambda node, scope, session: literals.binary(node.name, place(node)),
    exp.UnicodeString: lambda node, scope, session: literals.unicode(node, place(node)),
    exp.Column: _column,
    exp.Identifier: _identifier,
    exp.Dot: _dot,
    exp.Paren: _paren,
    exp.Tuple: _tuple,
    exp.Array: _array,
    exp.Bracket: _bracket,
    exp.Cast: _cast,
    exp.TryCast: _try_cast,
    exp.Add: _binary("+", operators.arithmetic),
    exp.Sub: _binary("-", operators.arithmetic),
    exp.Mul: _binary("*", operators.arithmetic),
    exp.Div: _binary("/", operators.arithmetic),
    exp.Mod: _binary("%", operators.arithmetic),
    exp.EQ: _binary("=", operators.compare),
    exp.NEQ: _binary("<>", operators.compare),
    exp.LT: _binary("<", operators.compare),
    exp.LTE: _binary("<=", operators.compare),
    exp.GT: _binary(">", operators.compare),
    exp.GTE: _binary(">=", operators.compare),
    exp.NullSafeEQ: _binary("IS NOT DISTINCT FROM", operators.compare),
    exp.NullSafeNEQ: _binary("IS DISTINCT FROM", operators.compare),
    exp.DPipe: _concat,
    exp.Neg: _negative,
    exp.And: _logical("AND", exp.And),
    exp.Or: _logical("OR", exp.Or),
    exp.Not: _not,
    exp.Case: _case,
    exp.AtTimeZone: _at_time_zone,
    exp.Interval: _interval,
    exp.Subquery: _subquery,
    exp.Select: _subquery,
    exp.Union: _subquery,
    exp.Values: _subquery,
    exp.CurrentDate: _clock("current_date"),
    exp.CurrentTimestamp: _clock("current_timestamp"),
    exp.CurrentTime: _clock("current_time"),
    exp.Localtime: _clock("localtime"),
    exp.Localtimestamp: _clock("localtimestamp"),
    exp.CurrentUser: lambda node, scope, session: literals.string(session.context.user, place(node)),
    exp.CurrentCatalog: lambda node, scope, session: literals.string(session.context.catalog, place(node)),
    exp.CurrentSchema: lambda node, scope, session: literals.string(session.context.database, place(node)),
    exp.ParseJSON: _json_literal,
    exp.Is: _with_scope(predicates.is_null),
    exp.Between: _with_scope(predicates.between),
    exp.In: _with_scope(predicates.in_list),
    exp.Like: _with_scope(predicates.like),
    exp.Escape: _with_scope(predicates.like),
    exp.Exists: _with_scope(predicates.exists),
    JsonCall: _with_scope(analyse_json_call),
    **dict.fromkeys((exp.Anonymous, exp.Window, exp.Filter, exp.IgnoreNulls, exp.RespectNulls), _call),
    **dict.fromkeys((exp.Extract, exp.Trim, exp.Substring, exp.StrPosition, exp.GroupConcat, exp.Normalize), _call),
}
