"""Answering DDL: each statement to the function that carries it out."""

from __future__ import annotations

from typing import Any

from lab.local.athena import results
from lab.local.athena.ddl import ast, databases, partitions, tables, view
from lab.local.athena.ddl.parse import parse
from lab.local.athena.errors import not_supported
from lab.local.athena.query import OutputColumn
from lab.local.athena.select import Tools
from lab.local.athena.task import Outcome, Task
from lab.local.athena.types import VARCHAR


def answer(task: Task, tools: Tools) -> Outcome:
    """Carry out a DDL statement in Glue and write its messages. Raises: QueryError, SyntaxProblem."""
    if task.catalogs.kind(task.context.catalog) != "GLUE":
        raise not_supported(f"DDL in the catalog {task.context.catalog}")
    statement = parse(task.statement.sql)
    messages = _carry_out(statement, task, tools)
    location = f"{task.output}.txt"
    results.write_text(tools.objects, location, [[message] for message in messages])
    return Outcome(location, (OutputColumn("result", VARCHAR),) if messages else ())


def _carry_out(statement: ast.Ddl, task: Task, tools: Tools) -> list[str]:
    glue = tools.glue()
    match statement:
        case ast.CreateDatabase():
            databases.create(statement, glue)
        case ast.DropDatabase():
            databases.drop(statement, glue)
        case ast.AlterDatabase():
            databases.alter(statement, glue)
        case _:
            return _on_table(statement, statement.name.database or task.context.database, task, tools, glue)
    return []


def _on_table(statement: Any, database: str, task: Task, tools: Tools, glue: Any) -> list[str]:
    match statement:
        case ast.CreateTable():
            tables.create(statement, database, glue)
        case ast.DropTable() | ast.DropView():
            tables.drop(statement, database, glue)
        case ast.CreateView():
            view.create(statement, database, task, glue)
        case ast.AddPartitions():
            partitions.add(statement, database, glue)
        case ast.DropPartitions():
            partitions.drop(statement, database, glue)
        case ast.RenamePartition():
            partitions.rename(statement, database, glue)
        case ast.ChangeColumns():
            tables.change_columns(statement, database, glue)
        case ast.ChangeColumn():
            tables.change_column(statement, database, glue)
        case ast.SetProperties():
            tables.set_properties(statement, database, glue)
        case ast.SetLocation(partition=None):
            tables.set_location(statement.name.name, statement.location, database, glue)
        case ast.SetLocation(partition=ast.PartitionSpec() as spec):
            partitions.set_location(statement, spec, database, glue)
        case ast.RepairTable():
            return partitions.repair(statement, database, glue, tools.objects)
    return []
