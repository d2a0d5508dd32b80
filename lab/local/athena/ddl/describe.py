"""DESCRIBE: the columns of a table or view, and which of them are partition columns.

Source: https://docs.aws.amazon.com/athena/latest/ug/describe-table.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from lab.local.athena import results
from lab.local.athena.ddl.databases import failed, table_not_found
from lab.local.athena.ddl.names import table_name
from lab.local.athena.errors import not_supported
from lab.local.athena.hive_text import columns, padded
from lab.local.athena.select import Tools
from lab.local.athena.task import Outcome, Task
from lab.local.athena.tokens import Tokens

_BLANK: Final = ["", " ", " "]


def answer(task: Task, tools: Tools) -> Outcome:
    """Answer DESCRIBE. Raises: QueryError, SyntaxProblem."""
    if task.catalogs.kind(task.context.catalog) != "GLUE":
        raise not_supported(f"DESCRIBE in the catalog {task.context.catalog}")
    tokens = Tokens(task.statement.sql)
    tokens.take()
    for word in ("EXTENDED", "FORMATTED"):
        if tokens.maybe(word):
            raise not_supported(f"DESCRIBE {word}")
    tokens.maybe("VIEW")
    name = table_name(tokens)
    if tokens.maybe("PARTITION"):
        raise not_supported("DESCRIBE … PARTITION")
    column = tokens.name() if tokens.peek().kind != "end" else None
    tokens.end()
    database = name.database or task.context.database
    document = task.catalogs.glue.document(database, name.name)
    if document is None:
        raise table_not_found(f"{database}.{name.name}")
    location = f"{task.output}.txt"
    results.write_text(tools.objects, location, _rows(document, column))
    return Outcome(location, columns("col_name", "data_type", "comment"))


def _rows(document: Mapping[str, Any], column: str | None) -> list[list[str]]:
    keys = document.get("PartitionKeys") or []
    rows = _lines([*(document["StorageDescriptor"].get("Columns") or []), *keys])
    if column is not None:
        found = [row for row in rows if row[0].rstrip() == column]
        if not found:
            raise failed(f"cannot find field {column} from {[row[0].rstrip() for row in rows]}")
        return found
    if keys:
        heading = padded(["# col_name", "data_type", "comment"])
        rows += [_BLANK, ["# Partition Information", " ", " "], heading, _BLANK, *_lines(keys)]
    return rows


def _lines(described: Iterable[Mapping[str, str]]) -> list[list[str]]:
    return [padded([column["Name"], column["Type"], column.get("Comment") or ""]) for column in described]
