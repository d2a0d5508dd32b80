"""GROUP BY: keys, positions, GROUPING SETS, CUBE, ROLLUP, and the rule that everything else is aggregated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations, product

from sqlglot import exp

from lab.local.athena.errors import QueryError, not_supported
from lab.local.athena.expr import Expr
from lab.local.athena.expressions import analyse_expression
from lab.local.athena.nested import is_plain
from lab.local.athena.operators import comparable
from lab.local.athena.parse import place
from lab.local.athena.scope import Scope
from lab.local.athena.session import Session


@dataclass
class Grouping:
    """The clause's SQL and, for the SQL of each key, what DuckDB groups by."""

    sql: str = ""
    keys: dict[str, str] = field(default_factory=dict)


def analyse_group(node: exp.Select, scope: Scope, session: Session) -> Grouping | None:
    """The grouping of a block, or None if it has no GROUP BY."""
    clause = node.args.get("group")
    if clause is None:
        return None
    if clause.args.get("all") or clause.args.get("totals"):
        raise not_supported("GROUP BY ALL", place(clause))
    grouping = Grouping()
    analyser = _Analyser(node, scope.inside("GROUP BY clause"), session, grouping)
    parts = [analyser.element(item) for item in clause.expressions]
    for key in ("grouping_sets", "cube", "rollup"):
        parts += [analyser.element(item) for item in clause.args.get(key) or []]
    grouping.sql = ", ".join(part for part in parts if part)
    if clause.args.get("all") is False:  # GROUP BY DISTINCT
        grouping.sql = _distinct([analyser.sets(item) for item in clause.expressions])
    return grouping


def _distinct(elements: Sequence[Sequence[frozenset[str]]]) -> str:
    """The grouping sets that the elements make together, each once."""
    together = dict.fromkeys(frozenset[str]().union(*chosen) for chosen in product(*elements))
    written = [f"({', '.join(sorted(keys))})" for keys in together]
    return f"GROUPING SETS ({', '.join(written)})"


@dataclass
class _Analyser:
    node: exp.Select
    scope: Scope
    session: Session
    grouping: Grouping

    def element(self, item: exp.Expr) -> str:
        if isinstance(item, exp.Cube | exp.Rollup):
            return f"{type(item).__name__.upper()} ({', '.join(self._set(part) for part in item.expressions)})"
        if isinstance(item, exp.GroupingSets):
            return f"GROUPING SETS ({', '.join(self._set(part) for part in item.expressions)})"
        if isinstance(item, exp.Tuple):
            return self._set(item) if not item.expressions else ", ".join(self.key(part) for part in item.expressions)
        return self.key(item)

    def sets(self, item: exp.Expr) -> list[frozenset[str]]:
        """The sets of keys that an element stands for."""
        if isinstance(item, exp.GroupingSets):
            return [found for part in item.expressions for found in self.sets(part)]
        if isinstance(item, exp.Cube | exp.Rollup):
            parts = [self._keys(part) for part in item.expressions]
            chosen = (
                chain.from_iterable(combinations(parts, size) for size in range(len(parts), -1, -1))
                if isinstance(item, exp.Cube)
                else (parts[:size] for size in range(len(parts), -1, -1))
            )
            return [frozenset[str]().union(*some) for some in chosen]
        return [self._keys(item)]

    def _keys(self, item: exp.Expr) -> frozenset[str]:
        if isinstance(item, exp.Tuple):
            return frozenset(self.key(part) for part in item.expressions)
        return frozenset([self.key(item.this if isinstance(item, exp.Paren) else item)])

    def _set(self, item: exp.Expr) -> str:
        if isinstance(item, exp.Tuple):
            return f"({', '.join(self.key(part) for part in item.expressions)})"
        if isinstance(item, exp.Paren):
            return f"({self.key(item.this)})"
        return self.element(item)

    def key(self, item: exp.Expr) -> str:
        source = self._position(item)
        found = analyse_expression(source, self.scope, self.session)
        if found.is_constant:  # a constant in GROUP BY would be a position to DuckDB
            found = found.emit(f"CAST({found.sql} AS {found.type.storage})", found.type)
        if not is_plain(found.type) and self.node.args["group"].find(exp.GroupingSets, exp.Cube, exp.Rollup):
            raise not_supported(f"{found.type.name} in GROUPING SETS, CUBE or ROLLUP", place(item))
        return self.grouping.keys.setdefault(found.sql, comparable(found))

    def _position(self, item: exp.Expr) -> exp.Expr:
        if not (isinstance(item, exp.Literal) and not item.is_string):
            return item
        index = int(item.name) - 1 if item.name.isdigit() else -1
        if not 0 <= index < len(self.node.expressions):
            raise QueryError(
                "INVALID_COLUMN_REFERENCE", f"GROUP BY position {item.name} is not in select list", place(item)
            )
        chosen = self.node.expressions[index]
        if isinstance(chosen, exp.Star) or (isinstance(chosen, exp.Column) and isinstance(chosen.this, exp.Star)):
            raise not_supported("GROUP BY a position in a list with *", place(item))
        return chosen.this if isinstance(chosen, exp.Alias) else chosen


def check_grouped(expr: Expr) -> None:
    """Raise EXPRESSION_NOT_AGGREGATE for a column that is neither a key nor aggregated."""
    for loose in expr.traits.loose:
        raise QueryError(
            "EXPRESSION_NOT_AGGREGATE",
            f"'{loose.text}' must be an aggregate expression or appear in GROUP BY clause",
            loose.position,
        )
