"""SHOW: what the catalog holds.

Source: https://docs.aws.amazon.com/athena/latest/ug/ddl-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lab.local.athena import partitions, projection, results, views
from lab.local.athena.catalogs import Catalogs
from lab.local.athena.ddl.databases import failed, schema_not_found, table_not_found
from lab.local.athena.ddl.names import table_name
from lab.local.athena.ddl.show_create import create_table
from lab.local.athena.errors import not_supported
from lab.local.athena.glue_catalog import glue_table
from lab.local.athena.hive_text import columns, padded
from lab.local.athena.select import Tools
from lab.local.athena.task import Outcome, Task
from lab.local.athena.tokens import Tokens

Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class _Asked:
    """What a SHOW is about: the words still to read, and where names are found."""

    tokens: Tokens
    task: Task
    tools: Tools

    @property
    def catalogs(self) -> Catalogs:
        return self.task.catalogs

    @property
    def in_connector(self) -> bool:
        return self.catalogs.kind(self.task.context.catalog) == "LAMBDA"


def answer(task: Task, tools: Tools) -> Outcome:
    """Answer SHOW. Raises: QueryError, SyntaxProblem."""
    tokens = Tokens(task.statement.sql)
    tokens.take()
    asked = _Asked(tokens, task, tools)
    for words, names, find in _KINDS:
        if tokens.maybe(*words):
            rows = find(asked)
            location = f"{task.output}.txt"
            results.write_text(tools.objects, location, rows)
            return Outcome(location, columns(*names))
    raise not_supported(f"SHOW {tokens.peek().text}")


def _databases(asked: _Asked) -> Rows:
    fits = _pattern(asked.tokens)
    if asked.in_connector:
        return [[name] for name in sorted(asked.catalogs.dynamodb.databases()) if fits(name)]
    pages = asked.tools.glue().get_paginator("get_databases").paginate()
    names = {document["Name"] for page in pages for document in page["DatabaseList"]} | {"default"}
    return [[name] for name in sorted(names) if fits(name)]


def _tables(asked: _Asked) -> Rows:
    database = _database(asked)
    fits = _pattern(asked.tokens)
    if asked.in_connector:
        return [[name] for name in sorted(asked.catalogs.dynamodb.tables(database)) if fits(name)]
    return [[document["Name"]] for document in _documents(asked, database) if fits(document["Name"])]


def _views(asked: _Asked) -> Rows:
    database = _database(asked)
    fits = _pattern(asked.tokens)
    found = (document for document in _documents(asked, database) if document.get("TableType") == "VIRTUAL_VIEW")
    return [[document["Name"]] for document in found if fits(document["Name"])]


def _documents(asked: _Asked, database: str) -> list[dict[str, Any]]:
    if not asked.catalogs.glue.has_database(database):
        raise schema_not_found(database)
    pages = asked.tools.glue().get_paginator("get_tables").paginate(DatabaseName=database)
    return sorted((found for page in pages for found in page["TableList"]), key=lambda found: str(found["Name"]))


def _columns(asked: _Asked) -> Rows:
    if not asked.tokens.maybe("IN"):
        asked.tokens.expect("FROM")
    document = _described(asked, within=True)
    names = [*(document["StorageDescriptor"].get("Columns") or []), *(document.get("PartitionKeys") or [])]
    return [padded([column["Name"]]) for column in names]


def _partitions(asked: _Asked) -> Rows:
    document = _described(asked)
    table = glue_table(document)
    if not table.partition_columns:
        raise failed(f"Table {table.name} is not a partitioned table")
    if projection.enabled(table):
        found = [values for values, _ in projection.partitions(table, {})]
    else:
        found = [partition.values for partition in partitions.registered(table, asked.tools.glue())]
    return [[partitions.name(table, values)] for values in found]


def _properties(asked: _Asked) -> Rows:
    document = _described(asked, last=False)
    given = document.get("Parameters") or {}
    if not asked.tokens.maybe("("):
        asked.tokens.end()
        return [[key, value] for key, value in sorted(given.items())]
    key = asked.tokens.string()
    asked.tokens.expect(")")
    asked.tokens.end()
    return [[key, given.get(key, f"Table {document['Name']} does not have property: {key}")]]


def _create_table(asked: _Asked) -> Rows:
    document = _described(asked)
    if document.get("TableType") == "VIRTUAL_VIEW":
        raise failed(f"{document['Name']} is a view: use SHOW CREATE VIEW")
    return [[line] for line in create_table(document).split("\n")]


def _create_view(asked: _Asked) -> Rows:
    document = _described(asked)
    if document.get("TableType") != "VIRTUAL_VIEW":
        raise failed(f"{document['Name']} is not a view: use SHOW CREATE TABLE")
    text = f"CREATE VIEW {document['DatabaseName']}.{document['Name']} AS\n{views.decode(document).sql}"
    return [[line] for line in text.split("\n")]


def _described(asked: _Asked, *, within: bool = False, last: bool = True) -> dict[str, Any]:
    """Glue's description of the table that comes next. Parameters: within, ``IN database`` may follow; last, nothing
    else may follow.
    """
    if asked.in_connector:
        raise not_supported(f"This SHOW in the catalog {asked.task.context.catalog}")
    name = table_name(asked.tokens)
    database = name.database or asked.task.context.database
    if within and (asked.tokens.maybe("IN") or asked.tokens.maybe("FROM")):
        database = asked.tokens.name()
    if last:
        asked.tokens.end()
    document = asked.catalogs.glue.document(database, name.name)
    if document is None:
        raise table_not_found(f"{database}.{name.name}")
    return document


def _database(asked: _Asked) -> str:
    if not (asked.tokens.maybe("IN") or asked.tokens.maybe("FROM")):
        return asked.task.context.database
    parts = asked.tokens.dotted()
    if len(parts) > 1:
        raise not_supported("A catalog in SHOW … IN; give it in the query's context")
    return parts[0]


def _pattern(tokens: Tokens) -> Callable[[str], bool]:
    """Hive's pattern: ``*`` for any text, ``|`` between alternatives."""
    tokens.maybe("LIKE")
    text = tokens.string() if tokens.peek().kind in ("string", "double") else "*"
    tokens.end()
    pattern = re.compile("|".join(re.escape(part).replace(r"\*", ".*") for part in text.split("|")), re.IGNORECASE)
    return lambda name: pattern.fullmatch(name) is not None


_KINDS: Final[tuple[tuple[tuple[str, ...], tuple[str, ...], Callable[[_Asked], Rows]], ...]] = (
    (("DATABASES",), ("database_name",), _databases),
    (("SCHEMAS",), ("database_name",), _databases),
    (("TABLES",), ("tab_name",), _tables),
    (("VIEWS",), ("views",), _views),
    (("COLUMNS",), ("field",), _columns),
    (("PARTITIONS",), ("partition",), _partitions),
    (("TBLPROPERTIES",), ("prpt_name", "prpt_value"), _properties),
    (("CREATE", "TABLE"), ("createtab_stmt",), _create_table),
    (("CREATE", "VIEW"), ("Create View",), _create_view),
)
