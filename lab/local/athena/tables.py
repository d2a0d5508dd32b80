"""Names in FROM: queries named by WITH, views, and tables of the catalogue."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from lab.local.athena.cast import cast_sql
from lab.local.athena.catalog import Table, View
from lab.local.athena.coerce import can_coerce
from lab.local.athena.errors import QueryError, not_supported
from lab.local.athena.expr import Expr, Traits
from lab.local.athena.functions.reference import KNOWN
from lab.local.athena.parse import parse_query, place
from lab.local.athena.relation import Cte, Relation, derived
from lab.local.athena.scope import Field, Scope
from lab.local.athena.session import MAX_VIEW_DEPTH, Mention, Session
from lab.local.athena.types import quoted


def named(node: exp.Table, scope: Scope, session: Session) -> Relation:
    """The relation that a name stands for. Raises TABLE_NOT_FOUND, SCHEMA_NOT_FOUND, CATALOG_NOT_FOUND."""
    if not isinstance(node.this, exp.Identifier):
        name = node.this.name if isinstance(node.this, exp.Anonymous) else type(node.this).__name__
        if name in KNOWN or name == "TABLE":
            raise not_supported("a table function" if name == "TABLE" else f"function {name}", place(node))
        raise QueryError("FUNCTION_NOT_FOUND", f"Table function '{name}' not registered", place(node))
    parts = [part.name.lower() for part in node.parts]
    if len(parts) == 1 and parts[0] in scope.ctes:
        return _cte(parts[0], scope.ctes[parts[0]], session)
    if len(parts) > 3:
        raise QueryError("SYNTAX_ERROR", "Too many parts in table name", place(node))
    defaults = [session.context.catalog.lower(), session.context.database.lower()]
    catalog, database, name = [*defaults[: 3 - len(parts)], *parts]
    table = session.catalog.table(catalog, database, name)
    if table is not None:
        return _base(table, session)
    view = session.catalog.view(catalog, database, name)
    if view is not None:
        return _view(view, (catalog, database, name), session)
    if not session.catalog.has_catalog(catalog):
        raise QueryError("CATALOG_NOT_FOUND", f"Catalog '{catalog}' does not exist", place(node))
    if not session.catalog.has_database(catalog, database):
        raise QueryError("SCHEMA_NOT_FOUND", f"Schema '{database}' does not exist", place(node))
    raise QueryError("TABLE_NOT_FOUND", f"Table '{catalog}.{database}.{name}' does not exist", place(node))


def _cte(name: str, cte: Cte, session: Session) -> Relation:
    if cte.relation is not None:
        alias = session.fresh()
        fields = [
            Field(item.name, Expr(f"{alias}.c{i}", item.expr.type, traits=Traits(opaque=True)), (name,))
            for i, item in enumerate(cte.relation.fields)
        ]
        return Relation(f"{cte.relation.sql} AS {alias}", tuple(fields))
    query = session.query(session, cte.query, Scope(ctes=cte.scope.ctes))
    if cte.columns and len(cte.columns) != len(query.fields):
        raise QueryError(
            "MISMATCHED_COLUMN_ALIASES",
            f"Column alias list has {len(cte.columns)} entries but relation has {len(query.fields)} columns",
        )
    return derived(query, session, (name,), cte.columns)


def _base(table: Table, session: Session) -> Relation:
    mention = Mention(table, f"athena_table_{len(session.mentions)}")
    session.mentions.append(mention)
    fields = []
    for column in table.columns:
        sql, origin = f"{mention.relation}.{quoted(column.name)}", (mention.relation, column.name)
        session.base[sql] = origin
        expr = Expr(sql, column.type, traits=Traits(origins=frozenset({origin})))
        fields.append(Field(column.name, expr, (table.catalog, table.database, table.name), column.hidden))
    return Relation(mention.relation, tuple(fields), frozenset({mention.relation}))


def _view(view: View, qualifier: tuple[str, ...], session: Session) -> Relation:
    if session.depth >= MAX_VIEW_DEPTH:
        raise QueryError("VIEW_IS_RECURSIVE", f"Statement would create a recursive view: {'.'.join(qualifier)}")
    before = session.context
    session.context = replace(before, catalog=view.catalog, database=view.database)
    session.depth += 1
    try:
        query = session.query(session, parse_query(view.sql), Scope())
    except QueryError as error:
        if error.name in ("NOT_SUPPORTED", "INVALID_VIEW", "VIEW_IS_STALE", "VIEW_IS_RECURSIVE"):
            raise
        message = f"Failed analyzing stored view '{'.'.join(qualifier)}': {error.message}"
        raise QueryError("INVALID_VIEW", message) from error
    finally:
        session.context, session.depth = before, session.depth - 1
    found = derived(query, session, qualifier)
    if not view.columns:
        return found
    if len(view.columns) != len(found.fields):
        raise QueryError(
            "VIEW_IS_STALE", f"View '{'.'.join(qualifier)}' is stale or in invalid state; it must be re-created"
        )
    fields = []
    for column, item in zip(view.columns, found.fields, strict=True):
        if not can_coerce(item.expr.type, column.type):
            raise QueryError(
                "VIEW_IS_STALE",
                f"View '{'.'.join(qualifier)}' is stale or in invalid state: column [{column.name}] of type "
                f"{item.expr.type.name} cannot be coerced to type {column.type.name}; it must be re-created",
            )
        fields.append(replace(item, name=column.name, expr=cast_sql(item.expr, column.type)))
    return replace(found, fields=tuple(fields))
