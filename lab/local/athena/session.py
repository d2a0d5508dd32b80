"""What one analysis keeps: the catalogue it asks, the names it made, the tables it met."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from lab.local.athena.catalog import Catalog, Context, Table

if TYPE_CHECKING:
    from lab.local.athena.relation import Relation
    from lab.local.athena.scope import Scope

MAX_VIEW_DEPTH = 16


@dataclass
class Mention:
    """A base table in FROM: what was read of it and what is known of its partitions."""

    table: Table
    relation: str
    columns: set[str] = field(default_factory=set)
    conditions: list[str] = field(default_factory=list)
    values: dict[str, frozenset[Any]] = field(default_factory=dict)


@dataclass
class Session:
    """State of one analysis.

    Parameters: query, analyses a query in a scope; base, the base column (relation, name) that a column's SQL is.
    """

    catalog: Catalog
    context: Context
    query: Callable[[Session, exp.Expr, Scope], Relation]
    mentions: list[Mention] = field(default_factory=list)
    base: dict[str, tuple[str, str]] = field(default_factory=dict)
    numbers: count[int] = field(default_factory=count)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    depth: int = 0

    def fresh(self) -> str:
        """A name that nothing else has."""
        return f"n{next(self.numbers)}"

    def mention(self, name: str) -> Mention:
        """The base table behind a relation's name."""
        return next(item for item in self.mentions if item.relation == name)
