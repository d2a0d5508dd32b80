"""Words of rule SQL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from lab.local.rules.errors import SqlError

LONGEST_SQL: Final = 65536
"""Characters of a statement. Source: https://docs.aws.amazon.com/general/latest/gr/iot-core.html#rule-limits"""

_WORD: Final = re.compile(
    r"(?P<text>'(?:[^']|'')*')"
    r'|(?P<quoted>"(?:[^"]|"")*")'
    r"|(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<sign><>|!=|<=|>=|[=<>+\-*/%()\[\]{},.:])"
)
_BLANK: Final = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class Token:
    """One word.

    kind: text in single quotes, quoted in double ones, which is a text too, number, name, sign or end; value: without
    quotes; at: its place in the SQL.
    """

    kind: str
    value: str
    at: int

    def is_keyword(self, *words: str) -> bool:
        """Tell whether it is one of the keywords, given in capitals."""
        return self.kind == "name" and self.value.upper() in words

    def is_sign(self, *signs: str) -> bool:
        """Tell whether it is one of the signs."""
        return self.kind == "sign" and self.value in signs


def tokens(sql: str) -> list[Token]:
    """Return the words of a statement, closed by a token of kind end.

    Raises: SqlError at a character that no word begins with.
    """
    if len(sql) > LONGEST_SQL:
        raise SqlError(f"The SQL has {len(sql)} characters, at most {LONGEST_SQL} are allowed")
    found = []
    at = _after_blank(sql, 0)
    while at < len(sql):
        match = _WORD.match(sql, at)
        if match is None:
            raise SqlError(f"Unexpected character {sql[at]!r} at position {at + 1}")
        found.append(_token(match))
        at = _after_blank(sql, match.end())
    return [*found, Token("end", "", len(sql))]


def _after_blank(sql: str, at: int) -> int:
    match = _BLANK.match(sql, at)
    return match.end() if match else at


def _token(match: re.Match[str]) -> Token:
    kind, value = str(match.lastgroup), match.group()
    if kind == "text":
        value = value[1:-1].replace("''", "'")
    elif kind == "quoted":
        value = value[1:-1].replace('""', '"')
    return Token(kind, value, match.start())
