"""The expressions by which GetPartitions chooses: SQL's conditions over the partition keys.

Source: https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartitions.html
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from lab.local.errors import AwsError

NUMBERS: Final = ("bigint", "decimal", "int", "long", "smallint", "tinyint")
TEXTS: Final = ("date", "string", "timestamp")
"""Dates and instants compare as their texts, which ISO 8601 orders."""
COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
DEEPEST: Final = 50
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>\w+|`\w+`|\"\w+\")"
    r"|(?P<sign><>|!=|<=|>=|[=<>(),]))"
)
_WORDS: Final = frozenset({"AND", "BETWEEN", "IN", "IS", "LIKE", "NOT", "NULL", "OR"})

Values = Mapping[str, str]
"""A partition's texts by the names of its keys, in lower case."""
Test = Callable[[Values], bool]


def compiled(text: str, kinds: Mapping[str, str]) -> Test:
    """Return what tells whether a partition is chosen. Parameters: kinds, of the keys, by name in lower case.

    Raises: AwsError InvalidInputException for an expression that is none, or that names no key.
    """
    parser = _Parser(text, kinds)
    found = parser.any_of(0)
    if parser.word():
        raise parser.wrong()
    return found


class _Parser:
    def __init__(self, text: str, kinds: Mapping[str, str]) -> None:
        self._text = text
        self._kinds = kinds
        self._tokens: list[tuple[str, str]] = []
        at, end = 0, len(text.rstrip())
        while at < end:
            match = _TOKEN.match(text, at)
            if match is None or match.lastgroup is None:
                raise self.wrong()
            self._tokens.append((match.lastgroup, match[match.lastgroup]))
            at = match.end()
        self._at = 0

    def wrong(self) -> AwsError:
        return AwsError("InvalidInputException", f"Unsupported expression '{self._text}'")

    def word(self) -> str:
        """Return the next word or sign in upper case; nothing at the end."""
        return self._tokens[self._at][1].upper() if self._at < len(self._tokens) else ""

    def _accept(self, *words: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at][0] != "text" and self.word() in words:
            self._at += 1
            return True
        return False

    def _need(self, word: str) -> None:
        if not self._accept(word):
            raise self.wrong()

    def any_of(self, depth: int) -> Test:
        tests = [self._all_of(depth)]
        while self._accept("OR"):
            tests.append(self._all_of(depth))
        return tests[0] if len(tests) == 1 else lambda values: any(test(values) for test in tests)

    def _all_of(self, depth: int) -> Test:
        tests = [self._one(depth)]
        while self._accept("AND"):
            tests.append(self._one(depth))
        return tests[0] if len(tests) == 1 else lambda values: all(test(values) for test in tests)

    def _one(self, depth: int) -> Test:
        if depth > DEEPEST:
            raise self.wrong()
        if self._accept("NOT"):
            inner = self._one(depth + 1)
            return lambda values: not inner(values)
        if self._accept("("):
            inner = self.any_of(depth + 1)
            self._need(")")
            return inner
        return self._condition()

    def _condition(self) -> Test:
        name = self._next("name").strip('`"').lower()
        if name not in self._kinds or name.upper() in _WORDS:
            raise self.wrong()
        read = self._reader(name)
        if self._accept("IS"):
            absent = not self._accept("NOT")
            self._need("NULL")
            return lambda values: (read(values[name]) is None) == absent
        wanted = not self._accept("NOT")
        test = self._predicate(read, wanted)

        def decide(values: Values) -> bool:
            found = read(values[name])
            return found is not None and test(found) == wanted

        return decide

    def _predicate(self, read: Callable[[str], Any], plain: bool) -> Callable[[Any], bool]:
        if self._accept("IN"):
            self._need("(")
            choices = [self._literal(read)]
            while self._accept(","):
                choices.append(self._literal(read))
            self._need(")")
            return lambda found: found in choices
        if self._accept("BETWEEN"):
            least = self._literal(read)
            self._need("AND")
            most = self._literal(read)
            return lambda found: bool(least <= found <= most)
        if self._accept("LIKE"):
            pattern = re.escape(self._next("text")[1:-1]).replace("%", ".*").replace("_", ".")
            return lambda found: re.fullmatch(pattern, str(found), re.DOTALL) is not None
        sign = self._next("sign") if plain else ""
        if sign not in COMPARISONS:
            raise self.wrong()
        compare, right = COMPARISONS[sign], self._literal(read)
        return lambda found: compare(found, right)

    def _reader(self, name: str) -> Callable[[str], Any]:
        kind = self._kinds[name].partition("(")[0].lower()
        if kind not in (*NUMBERS, *TEXTS):
            raise AwsError("InvalidInputException", f"The type {kind} of the partition key {name} is not supported.")
        return _number if kind in NUMBERS else str

    def _literal(self, read: Callable[[str], Any]) -> Any:
        kind, token = self._tokens[self._at] if self._at < len(self._tokens) else ("", "")
        self._at += 1
        value = read(token[1:-1].replace("''", "'")) if kind == "text" else read(token) if kind == "number" else None
        if value is None:
            raise self.wrong()
        return value

    def _next(self, kind: str) -> str:
        if self._at >= len(self._tokens) or self._tokens[self._at][0] != kind:
            raise self.wrong()
        self._at += 1
        return self._tokens[self._at - 1][1]


def _number(text: str) -> Decimal | None:
    """Return a number; None for a text that is none, as Hive's name for an absent value."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
