"""Which names an expression may use, and what each stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sqlglot import exp

from lab.local.athena import render
from lab.local.athena import types as t
from lab.local.athena.errors import Position, QueryError, not_supported
from lab.local.athena.expr import Expr, Loose

if TYPE_CHECKING:
    from lab.local.athena.relation import Cte


@dataclass(frozen=True)
class Field:
    """A column of a relation. ``qualifier`` is the relation's name, in parts; ``hidden`` columns are not in ``*``."""

    name: str | None
    expr: Expr
    qualifier: tuple[str, ...] = ()
    hidden: bool = False


@dataclass
class Scope:
    """Names visible in a query block, and the blocks around it.

    Parameters: fields, columns of FROM; parent, the enclosing block; lambdas, parameters of lambdas by name; keys, the
    SQL of each grouping expression and of what DuckDB groups by (None: the query is not grouped); clause, the clause
    that may not hold aggregates or windows (None: it may); windows, named windows; ctes, queries named by WITH.
    """

    fields: Sequence[Field] = ()
    parent: Scope | None = None
    lambdas: dict[str, Expr] = field(default_factory=dict)
    keys: Mapping[str, str] | None = None
    clause: str | None = None
    windows: dict[str, exp.Window] = field(default_factory=dict)
    ctes: dict[str, Cte] = field(default_factory=dict)

    def inside(self, clause: str) -> Scope:
        """The same names in a clause that holds no aggregates."""
        return replace(self, clause=clause, keys=None)

    def with_lambda(self, parameters: dict[str, Expr]) -> Scope:
        """The same names and a lambda's parameters, which hide columns."""
        return replace(self, lambdas={**self.lambdas, **parameters})


def of_group(value: Expr, keys: Mapping[str, str]) -> Expr:
    """What a grouped query sees of a value: a key is the same in all rows of a group, or one of equal values is."""
    if value.sql not in keys:
        return value
    traits = replace(value.traits, loose=())
    if keys[value.sql] == value.sql:
        return replace(value, traits=traits)
    sql = f"any_value({value.sql})"
    return replace(value.emit(sql, value.type), traits=replace(traits, isolated=(*traits.isolated, sql)))


def resolve(scope: Scope, parts: Sequence[str], position: Position | None) -> Expr:
    """What a dotted name stands for: a lambda's parameter, a column, or a field of one.

    Raises: QueryError COLUMN_NOT_FOUND, AMBIGUOUS_NAME.
    """
    names = [part.lower() for part in parts]
    if names[0] in scope.lambdas:
        return _fields_of(replace(scope.lambdas[names[0]], position=position), names[1:], position)
    block: Scope | None = scope
    while block is not None:
        found = _in_block(block, names, position)
        if found is not None:
            return _seen_from(scope, block, found, ".".join(parts), position)
        block = block.parent
    raise QueryError(
        "COLUMN_NOT_FOUND",
        f"Column '{'.'.join(parts)}' cannot be resolved or requester is not authorized to access requested resources",
        position,
    )


def _in_block(block: Scope, names: list[str], position: Position | None) -> Expr | None:
    # The longest name of a relation wins: t.x is column x of t before it is field x of column t.
    for split in range(len(names) - 1, -1, -1):
        qualifier, name, rest = tuple(names[:split]), names[split], names[split + 1 :]
        found = [item for item in block.fields if item.name and item.name.lower() == name and _belongs(item, qualifier)]
        if len(found) > 1:
            raise QueryError("AMBIGUOUS_NAME", f"Column '{'.'.join(names)}' is ambiguous", position)
        if found:
            return _fields_of(found[0].expr, rest, position)
    return None


def _belongs(item: Field, qualifier: tuple[str, ...]) -> bool:
    return not qualifier or item.qualifier[-len(qualifier) :] == qualifier


def _fields_of(value: Expr, names: Sequence[str], position: Position | None) -> Expr:
    for name in names:
        value = member(value, name, position)
    return value


def member(value: Expr, name: str, position: Position | None) -> Expr:
    """The field ``name`` of a row. Raises QueryError when it is no row or has no such field."""
    if not isinstance(value.type, t.Row):
        raise QueryError("TYPE_MISMATCH", f"Expression is not of type ROW: {value.type.name}", position)
    for key, (field_name, kind) in zip(value.type.keys, value.type.fields, strict=True):
        if field_name and field_name.lower() == name.lower():
            return value.emit(render.field_sql(value.sql, key), kind)
    raise QueryError("COLUMN_NOT_FOUND", f"Column '{name}' cannot be resolved", position)


def _seen_from(scope: Scope, block: Scope, found: Expr, text: str, position: Position | None) -> Expr:
    if block is not scope and (block.keys or {}).get(found.sql, found.sql) != found.sql:
        raise not_supported(
            f"'{text}' of type {found.type.name} in a subquery of the query that groups by it", position
        )
    # A column of an enclosing block is a constant here: it is read, but says nothing about this block's rows.
    loose = (Loose(text, position),) if block is scope else ()
    traits = replace(found.traits, loose=loose, opaque=found.traits.opaque or block is not scope)
    return replace(found, traits=traits, position=position)
