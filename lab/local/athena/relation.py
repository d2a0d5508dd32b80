"""The result of analysing something that has rows: SQL for FROM, and its columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from lab.local.athena.coerce import coerce
from lab.local.athena.errors import QueryError
from lab.local.athena.expr import Expr, Traits
from lab.local.athena.parse import place
from lab.local.athena.scope import Field, Scope
from lab.local.athena.session import Session
from lab.local.athena.special import typed
from lab.local.athena.types import Type


@dataclass(frozen=True)
class Relation:
    """Rows. ``sql`` is a query or a FROM item; its columns are ``fields``, whose SQL holds where the relation stands.

    ``prunable``: the base tables of which a row can be left out when a condition on it is not true.
    """

    sql: str
    fields: tuple[Field, ...]
    prunable: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Cte:
    """A query named by WITH, analysed at each mention (as Trino inlines it); ``relation`` if it is recursive."""

    query: exp.Expr
    scope: Scope
    columns: tuple[str, ...]
    relation: Relation | None = None


def derived(query: Relation, session: Session, qualifier: tuple[str, ...], names: Sequence[str] = ()) -> Relation:
    """A query as an item of FROM; ``names`` rename its columns. A base column stays one if the query is prunable."""
    alias = session.fresh()
    fields = []
    for i, item in enumerate(query.fields):
        sql = f"{alias}.c{i}"
        traits = Traits(opaque=True)
        base = session.base.get(item.expr.sql)
        if base and base[0] in query.prunable:
            session.base[sql] = base
            traits = Traits(origins=frozenset({base}))
        expr = Expr(sql, item.expr.type, traits=traits)
        fields.append(Field(names[i] if names else item.name, expr, qualifier))
    return Relation(f"({query.sql}) AS {alias}", tuple(fields), query.prunable)


def renamed(relation: Relation, alias: exp.TableAlias | None) -> Relation:
    """A relation under a new name, with new names of columns if the alias lists them."""
    if alias is None or not (alias.this or alias.args.get("columns")):
        return relation
    names = [item.name for item in alias.args.get("columns") or []]
    visible = [item for item in relation.fields if not item.hidden]
    if names and len(names) != len(visible):
        raise QueryError(
            "MISMATCHED_COLUMN_ALIASES",
            f"Column alias list has {len(names)} entries but '{alias.name}' has {len(visible)} columns available",
            place(alias),
        )
    qualifier = (alias.name.lower(),)
    fields = [
        replace(item, qualifier=qualifier, name=names[i] if names else item.name) for i, item in enumerate(visible)
    ]
    hidden = [replace(item, qualifier=qualifier) for item in relation.fields if item.hidden and not names]
    return replace(relation, fields=(*fields, *hidden))


def converted(relation: Relation, kinds: Sequence[Type], session: Session) -> str:
    """The query in brackets, its columns coerced."""
    if all(item.expr.type == kind for item, kind in zip(relation.fields, kinds, strict=True)):
        return f"({relation.sql})"
    alias = session.fresh()
    columns = [
        f"{typed(coerce(Expr(f'{alias}.c{i}', item.expr.type), kind))} AS c{i}"
        for i, (item, kind) in enumerate(zip(relation.fields, kinds, strict=True))
    ]
    return f"(SELECT {', '.join(columns)} FROM ({relation.sql}) AS {alias})"  # noqa: S608 - the analyser's own SQL
