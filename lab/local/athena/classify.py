"""What kind of statement a text is, decided by its first words: who answers it, and what Athena calls it.

StatementType and SubstatementType: https://docs.aws.amazon.com/athena/latest/APIReference/API_QueryExecution.html.
A CTAS is reported as DDL, because awswrangler reads its result only then.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lab.local.athena.errors import Position, SyntaxProblem

_NOISE = re.compile(r"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/)*", re.S)
_WORD = re.compile(r"[A-Za-z_]+|\S")
_CTAS = re.compile(r"\bAS\b\s*(?:\(\s*)*(?:SELECT|WITH|VALUES|TABLE)\b", re.I)
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|--[^\n]*|/\*.*?\*/", re.S)


@dataclass(frozen=True)
class Statement:
    """``kind`` says who answers; ``statement_type`` and ``substatement_type`` are what Athena reports; ``sql`` has no
    trailing semicolon.
    """

    kind: str
    statement_type: str
    substatement_type: str
    sql: str


_FIRST = {
    "SELECT": ("SELECT", "DML", "SELECT"),
    "WITH": ("SELECT", "DML", "SELECT"),
    "VALUES": ("SELECT", "DML", "SELECT"),
    "TABLE": ("SELECT", "DML", "SELECT"),
    "(": ("SELECT", "DML", "SELECT"),
    "INSERT": ("INSERT", "DML", "INSERT"),
    "UPDATE": ("UPDATE", "DML", "UPDATE"),
    "DELETE": ("DELETE", "DML", "DELETE"),
    "MERGE": ("MERGE", "DML", "MERGE"),
    "UNLOAD": ("UNLOAD", "DML", "UNLOAD"),
    "PREPARE": ("PREPARE", "UTILITY", "PREPARE"),
    "EXECUTE": ("EXECUTE", "DML", "EXECUTE"),
    "DEALLOCATE": ("DEALLOCATE", "UTILITY", "DEALLOCATE"),
    "EXPLAIN": ("EXPLAIN", "UTILITY", "EXPLAIN"),
    "SHOW": ("SHOW", "UTILITY", "SHOW"),
    "DESCRIBE": ("DESCRIBE", "UTILITY", "DESCRIBE"),
    "DESC": ("DESCRIBE", "UTILITY", "DESCRIBE"),
    "MSCK": ("MSCK", "DDL", "MSCK_REPAIR_TABLE"),
    "VACUUM": ("VACUUM", "DML", "VACUUM_TABLE"),
    "OPTIMIZE": ("OPTIMIZE", "DML", "OPTIMIZE"),
    "ALTER": ("DDL", "DDL", ""),
    "DROP": ("DDL", "DDL", ""),
    "CREATE": ("DDL", "DDL", ""),
}


def classify(sql: str) -> Statement:
    """Name the statement. Raises SyntaxProblem when no statement starts like this."""
    text = sql.strip()
    while text.endswith(";"):
        text = text[:-1].rstrip()
    words = _words(text)
    if not words:
        raise SyntaxProblem("mismatched input '<EOF>'. Expecting: <query>")
    first = words[0].upper()
    if first not in _FIRST:
        raise SyntaxProblem(
            f"mismatched input '{words[0]}'. Expecting: 'ALTER', 'CREATE', 'DELETE', 'DESCRIBE', 'DROP', 'EXECUTE', "
            "'EXPLAIN', 'INSERT', 'MERGE', 'MSCK', 'PREPARE', 'SHOW', 'UNLOAD', 'UPDATE', 'VACUUM', <query>",
            _position(sql),
        )
    kind, statement_type, substatement = _FIRST[first]
    if kind == "DDL":
        kind, substatement = _definition(text, [word.upper() for word in words])
    return Statement(kind, statement_type, substatement, text)


def _definition(text: str, words: list[str]) -> tuple[str, str]:
    what = next((word for word in words[1:] if word not in ("OR", "REPLACE", "EXTERNAL", "IF", "NOT", "EXISTS")), "")
    what = "DATABASE" if what == "SCHEMA" else what
    if words[0] == "CREATE" and what == "TABLE" and _CTAS.search(_QUOTED.sub(" x ", text)):
        return "CTAS", "CREATE_TABLE_AS_SELECT"
    return "DDL", f"{words[0]}_{what}"


def _words(text: str, count: int = 8) -> list[str]:
    """The first words after comments and white space."""
    found: list[str] = []
    at = 0
    while len(found) < count:
        at = _skip(text, at)
        match = _WORD.match(text, at)
        if not match:
            break
        found.append(match.group())
        at = match.end()
    return found


def _skip(text: str, at: int) -> int:
    match = _NOISE.match(text, at)
    return match.end() if match else at


def _position(sql: str) -> Position:
    before = sql[: _skip(sql, 0)]
    return Position(before.count("\n") + 1, len(before) - before.rfind("\n"))
