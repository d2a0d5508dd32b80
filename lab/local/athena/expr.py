"""A typed expression: the DuckDB SQL that computes it and what the analyser must remember about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from lab.local.athena.errors import Position
from lab.local.athena.types import Type


class _Missing:
    """The constant of an expression that is not one (None is the constant NULL)."""


MISSING = _Missing()


@dataclass(frozen=True)
class Loose:
    """A column that is neither a grouping key nor inside an aggregate: an error in a grouped query."""

    text: str
    position: Position | None


@dataclass(frozen=True)
class Traits:
    """What holds for an expression because it holds for a part of it.

    Parameters: loose, columns of the current query block outside aggregates; origins, base columns (relation, column)
    read; opaque, whether anything else than base columns and constants is read (a subquery, an outer column, a derived
    column, a random number), so that it says nothing about a partition; aggregate, window: the name of a first such
    call; isolated, the SQL of aggregates, windows and subqueries, which DuckDB's TRY cannot hold.
    """

    loose: tuple[Loose, ...] = ()
    origins: frozenset[tuple[str, str]] = frozenset()
    opaque: bool = False
    aggregate: str | None = None
    window: str | None = None
    isolated: tuple[str, ...] = ()


@dataclass(frozen=True)
class Expr:
    """SQL text, Trino type, place in the statement, the Python value if it is a literal, and traits.

    ``zoned``: for a timestamp with time zone, the SQL of its UTC time and of its zone, where they are known apart.
    """

    sql: str
    type: Type
    position: Position | None = None
    constant: Any = MISSING
    traits: Traits = field(default_factory=Traits)
    zoned: tuple[str, str] | None = None

    @property
    def is_constant(self) -> bool:
        """Whether the value is a literal of the statement."""
        return self.constant is not MISSING

    def emit(self, sql: str, kind: Type, zoned: tuple[str, str] | None = None) -> Expr:
        """Another expression made of this one."""
        return replace(self, sql=sql, type=kind, constant=MISSING, zoned=zoned)


def merge(parts: Iterable[Traits]) -> Traits:
    """The traits of an expression with these parts."""
    found = list(parts)
    if not found:
        return Traits()
    if len(found) == 1:
        return found[0]
    return Traits(
        tuple(loose for traits in found for loose in traits.loose),
        frozenset().union(*(traits.origins for traits in found)),
        any(traits.opaque for traits in found),
        next((traits.aggregate for traits in found if traits.aggregate), None),
        next((traits.window for traits in found if traits.window), None),
        tuple(sql for traits in found for sql in traits.isolated),
    )


def attempt_sql(value: Expr, name: str) -> str:
    """SQL that is NULL where the value's fails. What TRY cannot hold is computed outside and handed in by a lambda.

    Parameters: name, a name for the lambda's parameter that nothing else has.
    """
    isolated = sorted(set(value.traits.isolated), key=len, reverse=True)
    inner = value.sql
    members = []
    for i, sql in enumerate(isolated):
        if sql in inner:
            inner = inner.replace(sql, f"{name}.a{i}")
            members.append(f"'a{i}': {sql}")
    if not members:
        return f"TRY({inner})"
    return f"list_transform([{{{', '.join(members)}}}], lambda {name}: TRY({inner}))[1]"


def text(value: str) -> str:
    """A string literal of DuckDB."""
    return "'" + value.replace("'", "''") + "'"


def failing(name: str, message_sql: str, kind: str = "BIGINT") -> str:
    """SQL that fails with the Trino error ``name`` when it is evaluated, and only then.

    A cast that cannot succeed is used: ``error()`` is volatile, which TRY refuses and which hinders pruning.
    ``message_sql`` is SQL of type VARCHAR; kind, the DuckDB type that the surrounding expression needs.
    """
    cast = f"CAST(({text(f'TRINO:{name}:')} || {message_sql} || ':END') AS BIGINT)"
    return cast if kind == "BIGINT" else f"[CAST(NULL AS {kind})][{cast}]"
