"""Names of tables in DDL."""

from __future__ import annotations

from lab.local.athena.ddl.ast import TableName
from lab.local.athena.errors import QueryError
from lab.local.athena.tokens import Tokens


def table_name(tokens: Tokens) -> TableName:
    """``table`` or ``database.table``; Hive knows no catalog before it. Raises: SyntaxProblem; QueryError."""
    start = tokens.peek()
    parts = tokens.dotted()
    if len(parts) > 3 or (len(parts) == 3 and parts[0] != "awsdatacatalog"):
        message = f"ParseException {tokens.position(start)} missing EOF at '.' near '{parts[-2]}'"
        raise QueryError("FAILED", message)
    return TableName(parts[-2] if len(parts) > 1 else None, parts[-1])
