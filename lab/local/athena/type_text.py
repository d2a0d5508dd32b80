"""Reading a type from text: Trino's ``row(a integer)`` and Hive's ``struct<a:int>`` alike.

Sources: https://trino.io/docs/current/language/types.html and
https://docs.aws.amazon.com/athena/latest/ug/data-types.html
"""

from __future__ import annotations

import re
from collections.abc import Callable

from lab.local.athena import types as t

_TOKEN = re.compile(r'\s*(?:(?P<word>[A-Za-z_$][\w$]*)|(?P<number>\d+)|"(?P<quoted>(?:[^"]|"")*)"|(?P<sign>[(),<>:]))')

_NAMES = {
    **{kind.name: kind for kind in (t.BOOLEAN, t.TINYINT, t.SMALLINT, t.INTEGER, t.BIGINT, t.REAL, t.DOUBLE)},
    **{kind.name: kind for kind in (t.VARBINARY, t.DATE, t.JSON, t.UUID, t.UNKNOWN)},
    "int": t.INTEGER,
    "float": t.REAL,
    "binary": t.VARBINARY,
    "string": t.VARCHAR,
    "dec": t.Decimal(),
}


class TypeReader:
    """Tokens of a type text, one step at a time."""

    def __init__(self, text: str, open_: str, close: str, colon: str | None) -> None:
        self.text, self.open, self.close, self.colon = text, open_, close, colon
        self.tokens: list[tuple[str, str]] = []
        at, text_end = 0, len(text.rstrip())
        while at < text_end:
            match = _TOKEN.match(text, at)
            if not match:
                raise ValueError(f"not a type: {text!r}")
            kind = str(match.lastgroup)
            self.tokens.append((kind, match.group(kind)))
            at = match.end()
        self.at = 0

    def peek(self, ahead: int = 0) -> tuple[str, str]:
        """The kind and text of a token ahead; ``end`` after the last."""
        index = self.at + ahead
        return self.tokens[index] if index < len(self.tokens) else ("end", "")

    def take(self) -> tuple[str, str]:
        """The next token."""
        token = self.peek()
        self.at += 1
        return token

    def expect(self, text: str) -> None:
        """Take a token that must have this text. Raises ValueError."""
        if self.take()[1].lower() != text:
            raise ValueError(f"not a type: {self.text!r}, {text!r} expected")

    def maybe(self, *words: str) -> bool:
        """Take these words if they come next."""
        found = all(self.peek(i)[1].lower() == word for i, word in enumerate(words))
        if found:
            self.at += len(words)
        return found

    def type(self) -> t.Type:
        """The type that begins here. Raises ValueError."""
        word = self.take()[1].lower()
        reader = _PARAMETRIC.get(word)
        if reader:
            return reader(self)
        if word == "double" and self.maybe("precision"):
            return t.DOUBLE
        if word == "interval":
            return t.YEAR_MONTH if self.maybe("year", "to", "month") else self._day_second()
        if word not in _NAMES:
            raise ValueError(f"unknown type {word!r} in {self.text!r}")
        return _NAMES[word]

    def _day_second(self) -> t.Type:
        for word in ("day", "to", "second"):
            self.expect(word)
        return t.DAY_SECOND

    def numbers(self) -> list[int]:
        """Numbers in round brackets, which Hive and Trino write alike; none when there are no brackets."""
        found: list[int] = []
        if self.maybe("("):
            while not self.maybe(")"):
                found.append(int(self.take()[1]))
                self.maybe(",")
        return found

    def types(self) -> list[t.Type]:
        """Types in brackets."""
        self.expect(self.open)
        found = [self.type()]
        while self.maybe(","):
            found.append(self.type())
        self.expect(self.close)
        return found

    def fields(self) -> tuple[tuple[str | None, t.Type], ...]:
        """Fields in brackets."""
        self.expect(self.open)
        found: list[tuple[str | None, t.Type]] = []
        while not self.maybe(self.close):
            found.append(self.field())
            self.maybe(",")
        return tuple(found)

    def field(self) -> tuple[str | None, t.Type]:
        """A name, which may be missing, and a type."""
        # A field without a name is a type followed at once by a separator or its own parameters.
        start = self.at
        kind, word = self.take()
        if self.colon:
            self.expect(self.colon)
            return word, self.type()
        if kind == "word" and self.peek()[1] in (",", self.close, "("):
            self.at = start
            return None, self.type()
        return (word if kind == "quoted" else word.lower()), self.type()


def _one(numbers: list[int], default: int) -> int:
    return numbers[0] if numbers else default


def _timestamp(reader: TypeReader) -> t.Type:
    precision = _one(reader.numbers(), 3)
    zoned = reader.maybe("with", "time", "zone")
    return t.ZonedTimestamp(precision) if zoned else t.Timestamp(precision)


def _decimal(reader: TypeReader) -> t.Type:
    numbers = reader.numbers()
    default = 38 if reader.colon is None else 10  # Hive's bare decimal is decimal(10,0)
    return t.Decimal(_one(numbers, default), numbers[1] if len(numbers) > 1 else 0)


def _only(reader: TypeReader) -> t.Type:
    kinds = reader.types()
    if len(kinds) != 1:
        raise ValueError(f"not a type: {reader.text!r}, an array has one type of elements")
    return kinds[0]


def _map(reader: TypeReader) -> t.Type:
    kinds = reader.types()
    if len(kinds) != 2:
        raise ValueError(f"not a type: {reader.text!r}, a map has a key and a value")
    return t.Map(*kinds)


def _varchar(reader: TypeReader) -> t.Type:
    numbers = reader.numbers()
    return t.Varchar(numbers[0] if numbers and numbers[0] < t.MAX_VARCHAR else None)


_PARAMETRIC: dict[str, Callable[[TypeReader], t.Type]] = {
    "varchar": _varchar,
    "char": lambda reader: t.Char(_one(reader.numbers(), 1)),
    "decimal": _decimal,
    "timestamp": _timestamp,
    "time": lambda reader: t.Time(_one(reader.numbers(), 3)),
    "array": lambda reader: t.Array(_only(reader)),
    "map": _map,
    "row": lambda reader: t.Row(reader.fields()),
    "struct": lambda reader: t.Row(reader.fields()),
}


def from_trino(text: str) -> t.Type:
    """Read Trino's type text, such as ``map(varchar(3), row(a integer, b double))``. Raises ValueError."""
    return _whole(TypeReader(text, "(", ")", None))


def from_hive(text: str) -> t.Type:
    """Read a Glue or Hive type text, such as ``array<struct<a:int,b:decimal(10,2)>>``. Raises ValueError."""
    return _whole(TypeReader(text, "<", ">", ":"))


def _whole(reader: TypeReader) -> t.Type:
    kind = reader.type()
    if reader.peek()[0] != "end":
        raise ValueError(f"not a type: {reader.text!r}")
    return kind
