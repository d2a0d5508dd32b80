"""LIMIT, OFFSET and FETCH FIRST … [WITH TIES]."""

# ruff: noqa: S608 - SQL is composed of parts that the analyser made
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from lab.local.athena import types as t
from lab.local.athena.errors import QueryError
from lab.local.athena.expressions import analyse_expression
from lab.local.athena.parse import place
from lab.local.athena.scope import Scope
from lab.local.athena.session import Session


@dataclass(frozen=True)
class Limit:
    """How many rows, after how many; ``ties``: and those equal to the last."""

    count: int | None = None
    offset: int = 0
    ties: bool = False

    @property
    def text(self) -> str:
        """The clause, for a query without ties."""
        count = f" LIMIT {self.count}" if self.count is not None else ""
        return f"{count} OFFSET {self.offset}" if self.offset else count

    def applied(self, sql: str, order: Sequence[str], *, distinct: bool) -> str:
        """The query with the limit; ties are found by rank.

        Parameters: order, its sort keys as a window has them; distinct, whether it is SELECT DISTINCT.
        """
        if not self.ties:
            return sql + self.text
        if distinct or self.offset:
            raise QueryError("NOT_SUPPORTED", "FETCH FIRST WITH TIES with DISTINCT or OFFSET")
        at = sql.rindex(" ORDER BY ")
        rank = f"rank() OVER (ORDER BY {', '.join(order)}) AS ties"
        ranked = f"SELECT {rank}, {sql[:at].removeprefix('SELECT ')}"
        return f"SELECT * EXCLUDE (ties) FROM ({ranked}) WHERE ties <= {self.count} ORDER BY ties"


def analyse_limit(node: exp.Expr, session: Session) -> Limit:
    """The limit of a query or block."""
    limit, offset = node.args.get("limit"), node.args.get("offset")
    skipped = _whole(offset.expression, session) if offset else 0
    if limit is None:
        return Limit(None, skipped)
    if isinstance(limit, exp.Fetch):
        options = limit.args.get("limit_options")
        ties = bool(options and options.args.get("with_ties"))
        if ties and not node.args.get("order"):
            raise QueryError("MISSING_ORDER_BY", "FETCH FIRST WITH TIES clause requires ORDER BY", place(limit))
        count = limit.args.get("count")
        return Limit(_whole(count, session) if count else 1, skipped, ties)
    if isinstance(limit.expression, exp.Var | exp.Column) and limit.expression.name.upper() == "ALL":
        return Limit(None, skipped)
    return Limit(_whole(limit.expression, session), skipped)


def _whole(node: exp.Expr, session: Session) -> int:
    found = analyse_expression(node, Scope(), session)
    if not (t.is_integer(found.type) and isinstance(found.constant, int) and found.constant >= 0):
        raise QueryError(
            "TYPE_MISMATCH", f"Non constant parameter value for LIMIT or OFFSET: {node.sql()}", place(node)
        )
    return found.constant
