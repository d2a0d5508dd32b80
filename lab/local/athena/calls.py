"""Calls of functions: found by name and argument types, emitted by their rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from lab.local.athena import types as t
from lab.local.athena.coerce import can_coerce
from lab.local.athena.errors import Position, QueryError, not_supported
from lab.local.athena.expr import Expr, Traits, merge
from lab.local.athena.functions import TABLE
from lab.local.athena.functions.reference import KNOWN
from lab.local.athena.functions.signature import Argument, Call, Lambda, Overload, fit, same, substitute, widen
from lab.local.athena.nested import is_plain, refuse_keys


@dataclass(frozen=True)
class Modifiers:
    """What may stand with an aggregate: DISTINCT, ORDER BY, FILTER, OVER, IGNORE NULLS, as SQL."""

    distinct: bool = False
    order: str = ""
    where: str = ""
    over: str = ""
    ignore_nulls: bool = False
    parts: tuple[Expr, ...] = ()

    @property
    def plain(self) -> bool:
        """Whether there is none."""
        return self == Modifiers()


def lookup(name: str, position: Position | None) -> Sequence[Overload]:
    """The overloads of a function. Raises QueryError FUNCTION_NOT_FOUND, or NOT_SUPPORTED for one of Trino's."""
    found = TABLE.get(name)
    if found:
        return found
    if name in KNOWN:
        raise not_supported(f"function {name}", position)
    raise QueryError("FUNCTION_NOT_FOUND", f"Function '{name}' not registered", position)


def choose(name: str, arguments: Sequence[Argument], position: Position | None) -> tuple[Overload, dict[str, t.Type]]:
    """The overload that takes the arguments as they are, else the one that has to coerce the fewest.

    Of several the one with the fewest type variables.
    """
    overloads = lookup(name, position)
    for coercing in (same, can_coerce):
        found = [(one, bound) for one in overloads if (bound := one.matches(arguments, coercing)) is not None]
        if found:
            return min(found, key=lambda fit_: (_coercions(fit_[0], fit_[1], arguments), fit_[0].generality))
    given = ", ".join(item.type.name if isinstance(item, Expr) else "<function>" for item in arguments)
    expected = ", ".join(f"{name}({', '.join(kind.name for kind in one.parameters)})" for one in overloads)
    raise QueryError(
        "FUNCTION_NOT_FOUND",
        f"Unexpected parameters ({given}) for function {name}. Expected: {expected}",
        position,
    )


def _coercions(overload: Overload, bound: dict[str, t.Type], arguments: Sequence[Argument]) -> int:
    """How many arguments are not of their parameter's type."""
    pairs = zip(overload.spread(len(arguments)), arguments, strict=True)
    return sum(isinstance(item, Expr) and not same(item.type, substitute(kind, bound)) for kind, item in pairs)


def emit_call(
    name: str, arguments: Sequence[Argument], modifiers: Modifiers, position: Position | None, fresh: Callable[[], str]
) -> Expr:
    """The call as an expression. Raises QueryError when there is no such function for such arguments."""
    overload, bound = choose(name, arguments, position)
    parameters = overload.spread(len(arguments))
    widen(arguments, parameters, bound)
    fitted = [fit(item, kind, bound) for item, kind in zip(arguments, parameters, strict=True)]
    call = Call(fitted, substitute(overload.returns, bound), bound, position, fresh)
    refuse_keys(call.result, position)
    traits = _traits(arguments, modifiers)
    if overload.aggregate:
        return _aggregate(name, overload, call, modifiers, traits)
    if overload.window:
        return _window(name, overload, call, modifiers, traits)
    if not modifiers.plain:
        raise QueryError("FUNCTION_NOT_AGGREGATE", f"{name} is not an aggregation function", position)
    sql = _fill(overload.emit, call)
    return Expr(sql, call.result, position, traits=_traits(fitted, modifiers))


def _traits(arguments: Sequence[Argument], modifiers: Modifiers) -> Traits:
    parts: list[Traits] = [part.traits for part in modifiers.parts]
    for item in arguments:
        parts += [use.traits for use in item.uses] if isinstance(item, Lambda) else [item.traits]
    return merge(parts)


def _fill(emit: str | Callable[[Call], str], call: Call) -> str:
    if callable(emit):
        return emit(call)
    names = {letter: substitute(kind, {}).storage for letter, kind in call.variables.items()}
    return emit.format(*call.sqls(), r=call.result.storage, args=", ".join(call.sqls()), **names)


def _aggregate(name: str, overload: Overload, call: Call, modifiers: Modifiers, traits: Traits) -> Expr:
    how = overload.aggregate
    assert how is not None  # noqa: S101 - the caller looked
    if traits.aggregate and not modifiers.over:
        raise QueryError("NESTED_AGGREGATION", f"Cannot nest aggregations inside aggregation '{name}'", call.position)
    if modifiers.ignore_nulls:
        raise not_supported(f"IGNORE NULLS of {name}", call.position)
    if modifiers.distinct and name != "count" and not all(is_plain(item.type) for item in call.values()):
        raise not_supported(f"DISTINCT in {name} of {call[0].type.name}", call.position)
    conditions = [modifiers.where] if modifiers.where else []
    if how.where:
        conditions.append(how.where.format(*call.sqls()))
    where = f" FILTER (WHERE {' AND '.join(f'({one})' for one in conditions)})" if conditions else ""
    order = modifiers.order or (how.own_order.format(*call.sqls()) if how.own_order else "")
    distinct = "DISTINCT " if modifiers.distinct else ""
    inner = f"{how.name}({distinct}{_fill(overload.emit, call)}{order}){where}{modifiers.over}"
    outer = _outer(how.outer, inner, call)
    if modifiers.over:
        return Expr(outer, call.result, call.position, traits=replace(traits, window=name, isolated=(outer,)))
    traits = replace(traits, loose=(), aggregate=name, opaque=True, isolated=(outer,))
    return Expr(outer, call.result, call.position, traits=traits)


def _outer(outer: str | Callable[[Call], str], inner: str, call: Call) -> str:
    if callable(outer):
        return outer(replace(call, arguments=[call.value(inner, call.result), *call.arguments]))
    return outer.format(inner, r=call.result.storage)


def _window(name: str, overload: Overload, call: Call, modifiers: Modifiers, traits: Traits) -> Expr:
    if not modifiers.over:
        raise QueryError("MISSING_OVER", f"Window function {name} requires an OVER clause", call.position)
    if modifiers.distinct or modifiers.where or modifiers.order:
        raise not_supported(f"DISTINCT, ORDER BY or FILTER of window function {name}", call.position)
    nulls = " IGNORE NULLS" if modifiers.ignore_nulls else ""
    template = _fill(overload.emit, call)
    head, _, tail = template.partition(";")  # ``call;SQL around it``
    sql = (tail or "{}").format(f"{head[:-1]}{nulls}){modifiers.over}")
    return Expr(sql, call.result, call.position, traits=replace(traits, window=name, isolated=(sql,)))
