"""Reading Hive DDL.

Source: https://docs.aws.amazon.com/athena/latest/ug/ddl-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from lab.local.athena.ddl import ast
from lab.local.athena.ddl.create_table import column, columns, create_table, properties
from lab.local.athena.ddl.names import table_name
from lab.local.athena.errors import not_supported
from lab.local.athena.tokens import Tokens, unquoted


def parse(sql: str) -> ast.Ddl:
    """Read a DDL statement. Raises: SyntaxProblem; QueryError NOT_SUPPORTED for one that is not answered."""
    tokens = Tokens(sql)
    first = tokens.peek().upper
    tokens.take()
    statement = _FIRST[first](tokens) if first in _FIRST else None
    if statement is None:
        raise not_supported(re.sub(r"\s+", " ", sql.strip())[:60])
    tokens.end()
    return statement


def _create(tokens: Tokens) -> ast.Ddl:
    if tokens.maybe("DATABASE") or tokens.maybe("SCHEMA"):
        return _create_database(tokens)
    if tokens.maybe("OR", "REPLACE", "VIEW"):
        return _create_view(tokens, replace=True)
    if tokens.maybe("VIEW"):
        return _create_view(tokens, replace=False)
    if tokens.maybe("EXTERNAL", "TABLE"):
        return create_table(tokens, external=True)
    if tokens.maybe("TABLE"):
        return create_table(tokens, external=False)
    return tokens.fail("'DATABASE', 'EXTERNAL', 'OR', 'SCHEMA', 'TABLE', 'VIEW'")


def _create_database(tokens: Tokens) -> ast.CreateDatabase:
    lenient = tokens.maybe("IF", "NOT", "EXISTS")
    name = tokens.name()
    comment = tokens.string() if tokens.maybe("COMMENT") else None
    location = tokens.string() if tokens.maybe("LOCATION") else None
    given = properties(tokens) if tokens.maybe("WITH", "DBPROPERTIES") else {}
    return ast.CreateDatabase(name, lenient, comment, location, given)


def _create_view(tokens: Tokens, *, replace: bool) -> ast.CreateView:
    name = table_name(tokens)
    tokens.expect("AS")
    start = tokens.peek().start
    blanked = tokens.blanked(start, len(tokens.text))
    sql = tokens.rest()
    while tokens.peek().kind != "end":
        tokens.take()
    return ast.CreateView(name, replace, sql, blanked)


def _drop(tokens: Tokens) -> ast.Ddl:
    if tokens.maybe("DATABASE") or tokens.maybe("SCHEMA"):
        lenient = tokens.maybe("IF", "EXISTS")
        name = tokens.name()
        cascade = tokens.maybe("CASCADE")
        if not cascade:
            tokens.maybe("RESTRICT")
        return ast.DropDatabase(name, lenient, cascade)
    if tokens.maybe("TABLE"):
        lenient = tokens.maybe("IF", "EXISTS")
        table = table_name(tokens)
        tokens.maybe("PURGE")
        return ast.DropTable(table, lenient)
    if tokens.maybe("VIEW"):
        lenient = tokens.maybe("IF", "EXISTS")
        return ast.DropView(table_name(tokens), lenient)
    return tokens.fail("'DATABASE', 'SCHEMA', 'TABLE', 'VIEW'")


def _alter(tokens: Tokens) -> ast.Ddl | None:
    if tokens.maybe("DATABASE") or tokens.maybe("SCHEMA"):
        name = tokens.name()
        tokens.expect("SET", "DBPROPERTIES")
        return ast.AlterDatabase(name, properties(tokens))
    tokens.expect("TABLE")
    table = table_name(tokens)
    for words, read in _ALTERATIONS:
        if tokens.maybe(*words):
            return read(tokens, table)
    return None


def _add(tokens: Tokens, table: ast.TableName) -> ast.Ddl:
    if tokens.maybe("COLUMNS"):
        return ast.ChangeColumns(table, columns(tokens), replace=False)
    lenient = tokens.maybe("IF", "NOT", "EXISTS")
    found = []
    while tokens.maybe("PARTITION"):
        values = _spec(tokens)
        location = tokens.string() if tokens.maybe("LOCATION") else None
        found.append(ast.PartitionSpec(values, location))
    if not found:
        tokens.fail("'COLUMNS', 'PARTITION'")
    return ast.AddPartitions(table, lenient, tuple(found))


def _drop_partitions(tokens: Tokens, table: ast.TableName) -> ast.Ddl:
    lenient = tokens.maybe("IF", "EXISTS")
    found = []
    tokens.expect("PARTITION")
    while True:
        found.append(_conditions(tokens))
        if not tokens.maybe(","):
            break
        tokens.expect("PARTITION")
    return ast.DropPartitions(table, lenient, tuple(found))


def _conditions(tokens: Tokens) -> tuple[ast.Comparison, ...]:
    tokens.expect("(")
    found = []
    while True:
        column = tokens.name()
        operator = tokens.take().text
        if operator not in ("=", "<", ">", "<=", ">=", "<>", "!="):
            tokens.fail("a comparison")
        found.append(ast.Comparison(column, operator, unquoted(tokens.take())))
        if not tokens.maybe(","):
            break
    tokens.expect(")")
    return tuple(found)


def _spec(tokens: Tokens) -> tuple[tuple[str, str], ...]:
    return tuple((entry.column, entry.value) for entry in _conditions(tokens))


def _partition(tokens: Tokens, table: ast.TableName) -> ast.Ddl:
    old = ast.PartitionSpec(_spec(tokens))
    if tokens.maybe("RENAME", "TO", "PARTITION"):
        return ast.RenamePartition(table, old, ast.PartitionSpec(_spec(tokens)))
    tokens.expect("SET", "LOCATION")
    return ast.SetLocation(table, old, tokens.string())


def _replace_columns(tokens: Tokens, table: ast.TableName) -> ast.Ddl:
    return ast.ChangeColumns(table, columns(tokens), replace=True)


def _change(tokens: Tokens, table: ast.TableName) -> ast.Ddl:
    tokens.maybe("COLUMN")
    old = tokens.name()
    return ast.ChangeColumn(table, old, column(tokens))


def _set_location(tokens: Tokens, table: ast.TableName) -> ast.Ddl:
    return ast.SetLocation(table, None, tokens.string())


def _set_properties(tokens: Tokens, table: ast.TableName) -> ast.Ddl:
    return ast.SetProperties(table, properties(tokens))


def _msck(tokens: Tokens) -> ast.Ddl:
    tokens.expect("REPAIR", "TABLE")
    return ast.RepairTable(table_name(tokens))


_ALTERATIONS: Final[tuple[tuple[tuple[str, ...], Callable[[Tokens, ast.TableName], ast.Ddl]], ...]] = (
    (("ADD",), _add),
    (("DROP",), _drop_partitions),
    (("PARTITION",), _partition),
    (("REPLACE", "COLUMNS"), _replace_columns),
    (("CHANGE",), _change),
    (("SET", "LOCATION"), _set_location),
    (("SET", "TBLPROPERTIES"), _set_properties),
)
_FIRST: Final[dict[str, Callable[[Tokens], ast.Ddl | None]]] = {
    "CREATE": _create,
    "DROP": _drop,
    "ALTER": _alter,
    "MSCK": _msck,
}
