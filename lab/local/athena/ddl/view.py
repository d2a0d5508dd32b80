"""Views made."""

from __future__ import annotations

from typing import Any

from lab.local.athena import views
from lab.local.athena.analyse import analyse
from lab.local.athena.ddl import ast, tables
from lab.local.athena.ddl.databases import ensure_default
from lab.local.athena.errors import QueryError, not_supported
from lab.local.athena.output_names import check_names
from lab.local.athena.task import Task


def create(statement: ast.CreateView, database: str, task: Task, glue: Any) -> None:
    """CREATE VIEW: the query is analysed now, its columns are kept. Raises: QueryError."""
    if task.catalogs.kind(task.context.catalog) != "GLUE":
        raise not_supported(f"CREATE VIEW in the catalog {task.context.catalog}")
    query = analyse(statement.blanked, task.catalogs, task.context, task.parameters)
    check_names(query.columns)
    document = views.table_input(
        statement.name.name, statement.sql, query.columns, task.context.catalog, task.context.database
    )
    known = task.catalogs.glue.document(database, statement.name.name)
    if known is None:
        ensure_default(database, glue)
        tables.store(document, database, glue, lenient=False)
        return
    if known.get("TableType") != "VIRTUAL_VIEW" or not statement.replace:
        what = "View" if known.get("TableType") == "VIRTUAL_VIEW" else "Table"
        raise QueryError("TABLE_ALREADY_EXISTS", f"line 1:1: {what} already exists: '{database}.{statement.name.name}'")
    glue.update_table(DatabaseName=database, TableInput=document)
