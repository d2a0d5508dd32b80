"""The JSON path language: a path's text as a tree.

Grammar: https://github.com/trinodb/trino/blob/master/core/trino-grammar/src/main/antlr4/io/trino/grammar/jsonpath/JsonPath.g4
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NoReturn

from lab.local.athena import types as t
from lab.local.athena.sqljson.items import Item, PathError, Scalar, decimal_literal, whole


class PathSyntaxError(Exception):
    """The text is no path. ``at`` is the place in it, counted from 0; ``name`` is Trino's name of the error."""

    def __init__(self, message: str, at: int, name: str = "SYNTAX_ERROR") -> None:
        super().__init__(message)
        self.at = at
        self.name = name


@dataclass(frozen=True)
class Literal:
    """A value written in the path."""

    item: Item


@dataclass(frozen=True)
class Context:
    """``$``: the input."""


@dataclass(frozen=True)
class Named:
    """``$name``: a value that is passed."""

    name: str


@dataclass(frozen=True)
class Current:
    """``@``: the item that a filter looks at."""


@dataclass(frozen=True)
class Last:
    """``last``: the last index of the array around."""


@dataclass(frozen=True)
class Signed:
    """A path with a sign before it."""

    sign: str
    base: Path


@dataclass(frozen=True)
class Arithmetic:
    """Two paths with a sign between them."""

    sign: str
    left: Path
    right: Path


@dataclass(frozen=True)
class Member:
    """``.key``, or ``.*`` without a key."""

    base: Path
    key: str | None


@dataclass(frozen=True)
class Descendants:
    """``..key``."""

    base: Path
    key: str


@dataclass(frozen=True)
class Elements:
    """``[a, b to c]``, or ``[*]`` without subscripts."""

    base: Path
    subscripts: tuple[tuple[Path, Path | None], ...]


@dataclass(frozen=True)
class Filter:
    """``?(predicate)``."""

    base: Path
    predicate: Predicate


@dataclass(frozen=True)
class Method:
    """``.name()``."""

    base: Path
    name: str


Path = (
    Literal | Context | Named | Current | Last | Signed | Arithmetic | Member | Descendants | Elements | Filter | Method
)


@dataclass(frozen=True)
class Comparison:
    """Whether an item of the one path is so to an item of the other."""

    sign: str
    left: Path
    right: Path


@dataclass(frozen=True)
class Both:
    """``&&``."""

    left: Predicate
    right: Predicate


@dataclass(frozen=True)
class Either:
    """``||``."""

    left: Predicate
    right: Predicate


@dataclass(frozen=True)
class Negation:
    """``!``."""

    predicate: Predicate


@dataclass(frozen=True)
class Exists:
    """``exists(path)``."""

    path: Path


@dataclass(frozen=True)
class StartsWith:
    """``path starts with "text"``."""

    path: Path
    prefix: Path


@dataclass(frozen=True)
class IsUnknown:
    """``(predicate) is unknown``."""

    predicate: Predicate


Predicate = Comparison | Both | Either | Negation | Exists | StartsWith | IsUnknown

METHODS: Final = ("type", "size", "double", "ceiling", "floor", "abs", "keyvalue")
_COMPARISONS: Final = ("==", "<>", "!=", "<", ">", "<=", ">=")
_TOKEN: Final = re.compile(
    r"""(?P<space>[ \r\n\t]+)
    |(?P<string>"(?:[^"]|"")*")
    |(?P<number>(?:[0-9]+(?:\.(?!\.)[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<named>\$[A-Za-z_][A-Za-z0-9_]*)
    |(?P<word>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign>\.\.|==|<>|!=|<=|>=|&&|\|\||.)""",
    re.X | re.S,
)


def parse(text: str) -> tuple[bool, Path]:
    """Whether the path is lax, and the path. Raises PathSyntaxError."""
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        found = [match for match in _TOKEN.finditer(text) if match.lastgroup != "space"]
        self._tokens = [(str(match.lastgroup), match.group(), match.start()) for match in found]
        self._tokens.append(("end", "<EOF>", len(text)))
        self._at = 0

    def whole(self) -> tuple[bool, Path]:
        if not (self._next("lax") or self._next("strict")):
            self._fail("{'lax', 'strict'}")
        lax = self._take() == "lax"
        path = self._sum()
        if self._tokens[self._at][0] != "end":
            self._fail("<EOF>")
        return lax, path

    def _next(self, *texts: str) -> bool:
        kind, text, _ = self._tokens[self._at]
        return kind in ("word", "sign") and text in texts

    def _take(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1][1]

    def _maybe(self, *texts: str) -> bool:
        start = self._at
        for text in texts:
            if not self._next(text):
                self._at = start
                return False
            self._take()
        return True

    def _expect(self, *texts: str) -> None:
        for text in texts:
            if not self._maybe(text):
                self._fail(f"'{text}'")

    def _fail(self, expected: str) -> NoReturn:
        _, text, at = self._tokens[self._at]
        raise PathSyntaxError(f"mismatched input '{text}' expecting {expected}", at)

    # Paths

    def _sum(self) -> Path:
        found = self._product()
        while self._next("+", "-"):
            found = Arithmetic(self._take(), found, self._product())
        return found

    def _product(self) -> Path:
        found = self._signed()
        while self._next("*", "/", "%"):
            found = Arithmetic(self._take(), found, self._signed())
        return found

    def _signed(self) -> Path:
        return Signed(self._take(), self._signed()) if self._next("+", "-") else self._accessors()

    def _accessors(self) -> Path:
        found = self._primary()
        while self._next(".", "..", "[", "?"):
            found = self._accessor(found, self._take())
        return found

    def _accessor(self, base: Path, sign: str) -> Path:
        if sign == "[":
            return Elements(base, self._subscripts())
        if sign == "?":
            self._expect("(")
            predicate = self._either()
            self._expect(")")
            return Filter(base, predicate)
        if sign == "..":
            return Descendants(base, self._key())
        if self._maybe("*"):
            return Member(base, None)
        start = self._tokens[self._at][2]
        quoted = self._tokens[self._at][0] == "string"
        key = self._key()
        if quoted or not self._next("("):
            return Member(base, key)
        if key == "datetime":
            raise PathSyntaxError("datetime method in JSON path is not yet supported", start, "NOT_SUPPORTED")
        if key not in METHODS:
            self._fail("<EOF>")
        self._expect("(", ")")
        return Method(base, key)

    def _key(self) -> str:
        kind, text, _ = self._tokens[self._at]
        if kind not in ("word", "string"):
            self._fail("{IDENTIFIER, STRING}")
        self._take()
        return _unquoted(text) if kind == "string" else text

    def _subscripts(self) -> tuple[tuple[Path, Path | None], ...]:
        if self._maybe("*", "]"):
            return ()
        found = []
        while True:
            first = self._sum()
            found.append((first, self._sum() if self._maybe("to") else None))
            if not self._maybe(","):
                self._expect("]")
                return tuple(found)

    def _primary(self) -> Path:
        kind, text, at = self._tokens[self._at]
        constants: dict[str, Path] = {
            "$": Context(),
            "@": Current(),
            "last": Last(),
            "null": Literal(None),
            "true": Literal(Scalar(t.BOOLEAN, True)),
            "false": Literal(Scalar(t.BOOLEAN, False)),
        }
        if self._maybe("("):
            found = self._sum()
            self._expect(")")
            return found
        if kind in ("word", "sign") and text in constants:
            found = constants[text]
        elif kind == "named":
            found = Named(text[1:])
        elif kind == "string":
            value = _unquoted(text)
            found = Literal(Scalar(t.Varchar(len(value)), value))
        elif kind == "number":
            found = Literal(_number(text, at))
        else:
            self._fail("{'$', '@', '(', <literal>}")
        self._take()
        return found

    # Predicates

    def _either(self) -> Predicate:
        found = self._both()
        while self._maybe("||"):
            found = Either(found, self._both())
        return found

    def _both(self) -> Predicate:
        found = self._test()
        while self._maybe("&&"):
            found = Both(found, self._test())
        return found

    def _test(self) -> Predicate:
        if self._maybe("!"):
            return Negation(self._delimited())
        if self._next("exists"):
            return self._delimited()
        if self._next("("):
            start = self._at
            try:
                found = self._delimited()
            except PathSyntaxError:
                found = None  # a path in brackets
            if found is not None and (self._next(")", "&&", "||") or self._next("is")):
                return IsUnknown(found) if self._maybe("is", "unknown") else found
            self._at = start
        return self._comparison()

    def _delimited(self) -> Predicate:
        if self._maybe("exists"):
            self._expect("(")
            path = self._sum()
            self._expect(")")
            return Exists(path)
        self._expect("(")
        found = self._either()
        self._expect(")")
        return found

    def _comparison(self) -> Predicate:
        left = self._sum()
        if self._maybe("starts", "with"):
            if self._tokens[self._at][0] not in ("string", "named"):
                self._fail("{NAMED_VARIABLE, STRING}")
            return StartsWith(left, self._primary())
        if self._next("like_regex"):
            at = self._tokens[self._at][2]
            raise PathSyntaxError("like_regex predicate in JSON path is not yet supported", at, "NOT_SUPPORTED")
        if not self._next(*_COMPARISONS):
            self._fail("{'==', '<>', '!=', '<', '>', '<=', '>=', 'like_regex', 'starts'}")
        return Comparison(self._take(), left, self._sum())


def _unquoted(text: str) -> str:
    return text[1:-1].replace('""', '"')


def _number(digits: str, at: int) -> Scalar:
    if "e" in digits.lower():
        return Scalar(t.DOUBLE, float(digits))
    try:
        return decimal_literal(digits) if "." in digits else whole(int(digits))
    except PathError as error:
        raise PathSyntaxError(str(error), at, "INVALID_LITERAL") from None
