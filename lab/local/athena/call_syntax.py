"""How calls are written: modifiers of aggregates, OVER, lambdas, and the calls with a syntax of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from lab.local.athena import operators, special
from lab.local.athena import types as t
from lab.local.athena.calls import Modifiers, emit_call
from lab.local.athena.coerce import coerce
from lab.local.athena.errors import QueryError, SyntaxProblem, not_supported
from lab.local.athena.expr import Expr, text
from lab.local.athena.functions import TABLE
from lab.local.athena.functions.signature import Argument, Lambda
from lab.local.athena.parse import place
from lab.local.athena.scope import Scope
from lab.local.athena.session import Session

Analyse = Callable[[exp.Expr, Scope, Session], Expr]


@dataclass
class _Parts:
    """A call taken apart."""

    node: exp.Expr
    over: exp.Window | None = None
    where: exp.Expr | None = None
    ignore_nulls: bool = False


def analyse_call(node: exp.Expr, scope: Scope, session: Session, analyse: Analyse) -> Expr:
    """A call in any form. Raises QueryError."""
    return _Caller(scope, session, analyse).call(_take_apart(node))


def _take_apart(node: exp.Expr) -> _Parts:
    parts = _Parts(node)
    while True:
        if isinstance(parts.node, exp.Window):
            parts.over = parts.node
        elif isinstance(parts.node, exp.Filter):
            parts.where = parts.node.expression.this
        elif isinstance(parts.node, exp.IgnoreNulls):
            parts.ignore_nulls = True
        elif not isinstance(parts.node, exp.RespectNulls):
            return parts
        parts.node = parts.node.this


class _Caller:
    def __init__(self, scope: Scope, session: Session, analyse: Analyse) -> None:
        self.scope, self.session, self.analyse = scope, session, analyse

    def each(self, node: exp.Expr) -> Expr:
        return self.analyse(node, self.scope, self.session)

    def call(self, parts: _Parts) -> Expr:
        node, at = parts.node, place(parts.node)
        name, arguments, distinct, order = self._unwrap(node)
        if name in _FORMS and not (parts.over or parts.where):
            return _FORMS[name](self, arguments, node)
        # An aggregate reads the rows of a group, everything else the group.
        rows = parts.over is None and any(overload.aggregate for overload in TABLE.get(name, ()))
        reader = _Caller(replace(self.scope, keys=None), self.session, self.analyse) if rows else self
        values = [reader.argument(item) for item in arguments]
        modifiers = reader.modifiers(parts, distinct, order)
        found = emit_call(name, values, modifiers, at, self.session.fresh)
        if self.scope.clause and (found.traits.aggregate or found.traits.window):
            raise QueryError(
                "EXPRESSION_NOT_SCALAR",
                f"{self.scope.clause} cannot contain aggregations, window functions or grouping operations: [{name}]",
                at,
            )
        return found

    def _unwrap(self, node: exp.Expr) -> tuple[str, list[exp.Expr], bool, list[exp.Ordered]]:
        """Name, arguments, DISTINCT and ORDER BY of a call, whose tree has them around the last argument."""
        if not isinstance(node, exp.Anonymous):
            if type(node) not in _SPECIAL:
                raise QueryError("FUNCTION_NOT_AGGREGATE", f"{node.key} is not an aggregation function", place(node))
            return _SPECIAL[type(node)](node)
        name = node.this if isinstance(node.this, str) else node.this.name
        arguments = list(node.expressions)
        order: list[exp.Ordered] = []
        distinct = False
        if arguments and isinstance(arguments[-1], exp.Order):
            order = arguments[-1].expressions
            arguments[-1] = arguments[-1].this
        if arguments and isinstance(arguments[0], exp.Distinct):
            distinct = True
            arguments = [*arguments[0].expressions, *arguments[1:]]
        return name.lower(), arguments, distinct, order

    def argument(self, node: exp.Expr) -> Argument:
        if isinstance(node, exp.Star):
            return Expr("*", t.UNKNOWN, place(node), "*")
        if not isinstance(node, exp.Lambda):
            return self.each(node)
        names = [item.name.lower() for item in node.expressions]

        def body(arguments: Sequence[Expr]) -> Expr:
            inner = self.scope.with_lambda(dict(zip(names, arguments, strict=True)))
            return self.analyse(node.this, replace(inner, clause="Lambda expression"), self.session)

        return Lambda(len(names), body, place(node))

    def modifiers(self, parts: _Parts, distinct: bool, order: list[exp.Ordered]) -> Modifiers:
        used: list[Expr] = []
        sorted_by = self._order(order, used)
        where = ""
        if parts.where is not None:
            condition = self.each(parts.where)
            operators.require_boolean(
                condition, f"Filter expression must evaluate to a boolean (actual: {condition.type.name})"
            )
            used.append(condition)
            where = coerce(condition, t.BOOLEAN).sql
        over = self._over(parts.over, used) if parts.over is not None else ""
        return Modifiers(distinct, f" {sorted_by}" if sorted_by else "", where, over, parts.ignore_nulls, tuple(used))

    def _order(self, items: Sequence[exp.Expr], used: list[Expr]) -> str:
        found = []
        for item in items:
            value = self.each(item.this)
            used.append(value)
            found.append(sort_key(value, item))
        return f"ORDER BY {', '.join(found)}" if found else ""

    def _over(self, node: exp.Window, used: list[Expr]) -> str:
        alias = node.args.get("alias")
        if alias is not None:
            base = self.scope.windows.get(alias.name.lower())
            if base is None:
                raise QueryError("INVALID_WINDOW_REFERENCE", f"Cannot resolve WINDOW name {alias.name}", place(node))
            node = _merged(base, node)
        partition = [self.each(item) for item in node.args.get("partition_by") or []]
        used += partition
        parts = [f"PARTITION BY {', '.join(operators.comparable(item) for item in partition)}"] if partition else []
        order = node.args.get("order")
        if order is not None:
            parts.append(self._order(order.expressions, used))
        spec = node.args.get("spec")
        if spec is not None:
            parts.append(self._frame(spec, used))
        return f" OVER ({' '.join(parts)})"

    def _frame(self, spec: exp.Expr, used: list[Expr]) -> str:
        if spec.args.get("exclude"):
            raise not_supported("EXCLUDE in a window frame", place(spec))
        start = self._bound(spec.args.get("start"), spec.args.get("start_side"), used)
        end = self._bound(spec.args.get("end"), spec.args.get("end_side"), used)
        return f"{spec.args['kind']} BETWEEN {start} AND {end or 'CURRENT ROW'}"

    def _bound(self, value: object, side: object, used: list[Expr]) -> str:
        if value is None:
            return ""
        if isinstance(value, str):
            return f"{value} {side or ''}".strip()
        assert isinstance(value, exp.Expr)  # noqa: S101 - the grammar's other case
        found = self.each(value)
        used.append(found)
        interval = found.type in (t.DAY_SECOND, t.YEAR_MONTH)
        return f"{operators.as_duckdb_interval(found) if interval else found.sql} {side}"


def _merged(base: exp.Window, node: exp.Window) -> exp.Window:
    found = node.copy()
    for key in ("partition_by", "order", "spec"):
        if not found.args.get(key) and base.args.get(key):
            found.set(key, base.args[key])
    return found


def sort_key(value: Expr, item: exp.Expr) -> str:
    """One key of ORDER BY: NULLs are last unless said otherwise."""
    if not t.is_orderable(value.type):
        raise QueryError("TYPE_MISMATCH", f"Type {value.type.name} is not orderable", value.position)
    direction = "DESC" if item.args.get("desc") else "ASC"
    nulls = "FIRST" if item.args.get("nulls_first") else "LAST"
    return f"{operators.comparable(value)} {direction} NULLS {nulls}"


_Unwrapped = tuple[str, list[exp.Expr], bool, list[exp.Ordered]]


def _plain(name: str, *arguments: exp.Expr | None) -> _Unwrapped:
    return name, [item for item in arguments if item is not None], False, []


def _trim(node: exp.Expr) -> _Unwrapped:
    names = {"LEADING": "ltrim", "TRAILING": "rtrim"}
    return _plain(names.get(str(node.args.get("position")), "trim"), node.this, node.args.get("expression"))


def _listagg(node: exp.Expr) -> _Unwrapped:
    overflow = node.args.get("on_overflow")
    if overflow is not None and overflow.name.upper() != "ERROR":
        raise not_supported("ON OVERFLOW TRUNCATE of listagg", place(node))
    inner = node.this
    if not isinstance(inner, exp.Order):
        raise SyntaxProblem("mismatched input. Expecting: 'WITHIN'", place(node))
    order, inner = inner.expressions, inner.this
    distinct = isinstance(inner, exp.Distinct)
    inner = inner.expressions[0] if distinct else inner
    return "listagg", [inner, node.args.get("separator") or exp.Literal.string("")], distinct, order


def _extract(node: exp.Expr) -> _Unwrapped:
    names = {"DOW": "day_of_week", "DOY": "day_of_year", "YOW": "year_of_week"}
    unit = node.this.name.upper()
    return _plain(names.get(unit, unit.lower()), node.expression)


def _normalize(node: exp.Expr) -> _Unwrapped:
    form = node.args.get("form")
    return _plain("normalize", node.this, exp.Literal.string(form.name if form else "NFC"))


_SPECIAL: dict[type[exp.Expr], Callable[[exp.Expr], _Unwrapped]] = {
    exp.Extract: _extract,
    exp.Trim: _trim,
    exp.Substring: lambda node: _plain("substring", node.this, node.args.get("start"), node.args.get("length")),
    exp.StrPosition: lambda node: _plain("strpos", node.this, node.args.get("substr")),
    exp.GroupConcat: _listagg,
    exp.Normalize: _normalize,
}


def _count_is(arguments: Sequence[exp.Expr], least: int, most: int, node: exp.Expr, name: str) -> None:
    if not least <= len(arguments) <= most:
        raise QueryError("INVALID_FUNCTION_ARGUMENT", f"Invalid number of arguments for '{name}' function", place(node))


def _if(caller: _Caller, arguments: list[exp.Expr], node: exp.Expr) -> Expr:
    _count_is(arguments, 2, 3, node, "if")
    test, then, *otherwise = [caller.each(item) for item in arguments]
    return special.condition(test, then, otherwise[0] if otherwise else Expr("NULL", t.UNKNOWN), place(node))


def _null_if(caller: _Caller, arguments: list[exp.Expr], node: exp.Expr) -> Expr:
    _count_is(arguments, 2, 2, node, "nullif")
    left, right = (caller.each(item) for item in arguments)
    return special.null_if(left, right, place(node))


def _coalesce(caller: _Caller, arguments: list[exp.Expr], node: exp.Expr) -> Expr:
    _count_is(arguments, 2, 999, node, "coalesce")
    return special.coalesce([caller.each(item) for item in arguments], place(node))


def _try(caller: _Caller, arguments: list[exp.Expr], node: exp.Expr) -> Expr:
    _count_is(arguments, 1, 1, node, "try")
    return special.attempt(caller.each(arguments[0]), caller.session.fresh(), place(node))


def _row(caller: _Caller, arguments: list[exp.Expr], node: exp.Expr) -> Expr:
    names = [item.alias.lower() if isinstance(item, exp.Alias) else None for item in arguments]
    values = [caller.each(item.this if isinstance(item, exp.Alias) else item) for item in arguments]
    return special.row(values, place(node), names)


def _type_of(caller: _Caller, arguments: list[exp.Expr], node: exp.Expr) -> Expr:
    _count_is(arguments, 1, 1, node, "typeof")
    value = caller.each(arguments[0])
    return replace(value.emit(text(value.type.name), t.VARCHAR), position=place(node))


def _clock(caller: _Caller, arguments: list[exp.Expr], node: exp.Expr) -> Expr:
    name = "current_timestamp" if node.name.lower() == "now" else node.name.lower()
    if arguments and arguments[0].name != "3":
        raise not_supported(f"{name} with another precision than 3", place(node))
    return special.clock(name, caller.session.now, place(node))


def _grouping(caller: _Caller, arguments: list[exp.Expr], node: exp.Expr) -> Expr:
    if caller.scope.keys is None:
        raise QueryError(
            "MISSING_GROUP_BY",
            "A GROUPING() operation can only be used with a corresponding GROUPING SET/CUBE/ROLLUP/GROUP BY clause",
            place(node),
        )
    rows = replace(caller.scope, keys=None)
    values = [caller.analyse(item, rows, caller.session) for item in arguments]
    for value in values:
        if value.sql not in caller.scope.keys:
            raise QueryError("INVALID_ARGUMENTS", "Arguments to GROUPING() must be grouping columns", value.position)
    found = operators.made(
        f"CAST(GROUPING({', '.join(caller.scope.keys[value.sql] for value in values)}) AS INTEGER)",
        t.INTEGER,
        place(node),
        *values,
    )
    return replace(found, traits=replace(found.traits, loose=(), aggregate="grouping", opaque=True))


_FORMS: dict[str, Callable[[_Caller, list[exp.Expr], exp.Expr], Expr]] = {
    "if": _if,
    "nullif": _null_if,
    "coalesce": _coalesce,
    "try": _try,
    "row": _row,
    "typeof": _type_of,
    "now": _clock,
    "current_timestamp": _clock,
    "localtimestamp": _clock,
    "grouping": _grouping,
}
