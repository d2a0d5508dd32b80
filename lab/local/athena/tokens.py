"""The words of a statement, one step at a time: for DDL and for the heads of CTAS, INSERT and UNLOAD.

Athena parses DDL with Hive's grammar, in which names stand in backticks and double quotes hold strings, and the rest
with Trino's, in which double quotes hold names. Which is which the reader of a token decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NoReturn

from lab.local.athena.errors import Position, SyntaxProblem

_TOKEN: Final = re.compile(
    r"""(?P<space>\s+|--[^\n]*|/\*.*?\*/)
    |(?P<string>'(?:[^'\\]|''|\\.)*')
    |(?P<double>"(?:[^"\\]|""|\\.)*")
    |(?P<back>`(?:[^`]|``)*`)
    |(?P<number>\d+(?:\.\d+)?(?![A-Za-z_]))
    |(?P<word>[A-Za-z0-9_$@]+)
    |(?P<sign><>|<=|>=|!=|.)""",
    re.X | re.S,
)
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "'": "'", '"': '"', "\\": "\\"}


@dataclass(frozen=True)
class Token:
    """``kind`` is word, string, double, back, number, sign or end; ``start`` and ``end`` are places in the text."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def upper(self) -> str:
        """A word in capitals, a sign as it is; nothing for quoted things, which are never keywords."""
        return self.text.upper() if self.kind in ("word", "sign", "number") else ""


class Tokens:
    """Reads a statement from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = [
            Token(str(match.lastgroup), match.group(), match.start(), match.end())
            for match in _TOKEN.finditer(text)
            if match.lastgroup != "space"
        ]
        self._at = 0

    def peek(self, ahead: int = 0) -> Token:
        """The token to come; at the end, an empty one of kind ``end``."""
        index = self._at + ahead
        length = len(self.text)
        return self._tokens[index] if index < len(self._tokens) else Token("end", "<EOF>", length, length)

    def take(self) -> Token:
        """The next token."""
        token = self.peek()
        self._at += 1
        return token

    def maybe(self, *words: str) -> bool:
        """Step over these words if they come next."""
        found = all(self.peek(i).upper == word for i, word in enumerate(words))
        if found:
            self._at += len(words)
        return found

    def expect(self, *words: str) -> None:
        """Step over words that must come next. Raises: SyntaxProblem."""
        for word in words:
            if not self.maybe(word):
                self.fail(f"'{word}'" if word.isalpha() else word)

    def end(self) -> None:
        """Nothing may follow. Raises: SyntaxProblem."""
        if self.peek().kind != "end":
            token = self.peek()
            raise SyntaxProblem(f"missing EOF at '{token.text}'", self.position(token))

    def fail(self, expected: str) -> NoReturn:
        """Raises: SyntaxProblem at the next token."""
        token = self.peek()
        raise SyntaxProblem(f"mismatched input '{token.text}'. Expecting: {expected}", self.position(token))

    def position(self, token: Token) -> Position:
        """Where a token stands."""
        before = self.text[: token.start]
        return Position(before.count("\n") + 1, len(before) - before.rfind("\n"))

    def string(self) -> str:
        """The content of a string. Raises: SyntaxProblem."""
        if self.peek().kind not in ("string", "double"):
            self.fail("<string>")
        return unquoted(self.take())

    def name(self) -> str:
        """A name, quoted or not, in lower case as the catalog keeps it. Raises: SyntaxProblem."""
        if self.peek().kind not in ("word", "number", "back", "double"):
            self.fail("<identifier>")
        return unquoted(self.take()).lower()

    def dotted(self) -> list[str]:
        """``a.b.c``. Raises: SyntaxProblem."""
        parts = [self.name()]
        while self.maybe("."):
            parts.append(self.name())
        return parts

    def rest(self) -> str:
        """Everything to come, as written."""
        return self.text[self.peek().start :]

    def trailing(self, *words: str) -> int | None:
        """Where the last words of the text begin, if they are these."""
        last = self._tokens[-len(words) :]
        return last[0].start if tuple(token.upper for token in last) == words else None

    def bracketed(self) -> str:
        """The text between the bracket that comes next and its partner. Raises: SyntaxProblem."""
        opening = self.peek()
        self.expect("(")
        depth = 1
        while depth:
            token = self.take()
            if token.kind == "end":
                self.fail("')'")
            depth += {"(": 1, ")": -1}.get(token.upper, 0)
        return self.text[opening.end : token.start]

    def blanked(self, start: int, end: int) -> str:
        """The part of the text from start to end with blanks before it, so that positions stay those of the whole."""
        return re.sub(r"[^\n]", " ", self.text[:start]) + self.text[start:end]


def unquoted(token: Token) -> str:
    """What a token means: without its quotes, with its escapes resolved."""
    if token.kind == "string":
        return re.sub(
            r"''|\\(.)", lambda match: _ESCAPES.get(match[1], match[1]) if match[1] else "'", token.text[1:-1]
        )
    if token.kind == "double":
        return re.sub(
            r'""|\\(.)', lambda match: _ESCAPES.get(match[1], match[1]) if match[1] else '"', token.text[1:-1]
        )
    if token.kind == "back":
        return token.text[1:-1].replace("``", "`")
    return token.text
