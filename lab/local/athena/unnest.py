"""UNNEST of arrays and maps, side by side, the shorter ones padded with NULL."""

from __future__ import annotations

from sqlglot import exp

from lab.local.athena import types as t
from lab.local.athena.errors import QueryError
from lab.local.athena.expr import Expr, Traits, text
from lab.local.athena.expressions import analyse_expression
from lab.local.athena.parse import place
from lab.local.athena.relation import Relation, renamed
from lab.local.athena.scope import Field, Scope
from lab.local.athena.session import Session


def unnest(node: exp.Unnest, scope: Scope, session: Session, lateral: str) -> Relation:
    """The relation of UNNEST(…) [WITH ORDINALITY]; ``lateral`` is ``LATERAL `` where columns before it are read."""
    values = [analyse_expression(item, scope, session) for item in node.expressions]
    alias = session.fresh()
    items, fields = [], []
    for i, value in enumerate(values):
        kind, sql = value.type, value.sql
        if isinstance(kind, t.Map):
            items.append(f"unnest(map_entries({sql})) AS u{i}")
            fields += [_field(f"{alias}.u{i}.key", kind.key), _field(f"{alias}.u{i}.value", kind.value)]
        elif isinstance(kind, t.Array) and isinstance(kind.element, t.Row):
            items.append(f"unnest({sql}) AS u{i}")
            members = zip(kind.element.keys, kind.element.fields, strict=True)
            fields += [
                _field(f"struct_extract({alias}.u{i}, {text(key)})", part, name) for key, (name, part) in members
            ]
        elif isinstance(kind, t.Array):
            items.append(f"unnest({sql}) AS u{i}")
            fields.append(_field(f"{alias}.u{i}", kind.element))
        else:
            raise QueryError("TYPE_MISMATCH", f"Cannot unnest type: {kind.name}", place(node))
    offset, table_alias = node.args.get("offset"), node.args.get("alias")
    if offset:
        lengths = ", ".join(_length(value) for value in values)
        longest = f"greatest({lengths})" if len(values) > 1 else lengths
        items.append(f"unnest(range(1, {longest} + 1)) AS o")
        fields.append(_field(f"{alias}.o", t.BIGINT, "ordinality"))
        if table_alias is not None and isinstance(offset, exp.Identifier) and table_alias.args.get("columns"):
            # sqlglot takes the last name of the alias list for the ordinality.
            table_alias = table_alias.copy()
            table_alias.append("columns", offset.copy())
    relation = Relation(f"{lateral}(SELECT {', '.join(items)}) AS {alias}", tuple(fields))
    return renamed(relation, table_alias)


def _length(value: Expr) -> str:
    function = "cardinality" if isinstance(value.type, t.Map) else "len"
    return f"coalesce(CAST({function}({value.sql}) AS BIGINT), 0)"


def _field(sql: str, kind: t.Type, name: str | None = None) -> Field:
    return Field(name, Expr(sql, kind, traits=Traits(opaque=True)))
