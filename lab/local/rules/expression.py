"""From rule SQL to its syntax tree: expressions and SELECT lists, by recursive descent."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final, NoReturn

from lab.local.rules import tree
from lab.local.rules.errors import SqlError
from lab.local.rules.tokens import Token, tokens
from lab.local.rules.values import UNDEFINED, number

DEEPEST: Final = 60
"""Levels of nesting; deeper statements are refused rather than met with an exhausted stack."""

COMPARISONS: Final = ("=", "<>", "!=", "<", ">", "<=", ">=")
WORDS: Final = {"TRUE": True, "FALSE": False, "NULL": None, "UNDEFINED": UNDEFINED}
TYPES: Final = frozenset(
    {"STRING", "NVARCHAR", "TEXT", "NTEXT", "VARCHAR", "DECIMAL", "DOUBLE", "INT", "INTEGER", "BOOL", "BOOLEAN"}
)
RESERVED: Final = frozenset(
    {"SELECT", "FROM", "WHERE", "AS", "AND", "OR", "NOT", "IN", "CASE", "WHEN", "THEN", "ELSE", "END", "EXISTS"}
    | {"LIKE", "BETWEEN", "IS", "VALUE"}
)


_CONSTANTS: Final[dict[str, Callable[[str], tree.Node]]] = {
    "text": tree.Literal,
    "quoted": tree.Literal,
    "number": lambda digits: tree.Literal(number(Decimal(digits))),
}


class Parser:
    """Reads one statement or expression, word by word."""

    def __init__(self, sql: str) -> None:
        self._tokens = tokens(sql)
        self._at = 0
        self._depth = 0

    # Words

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._next
        self._at += token.kind != "end"
        return token

    def accept(self, word: str) -> bool:
        """Take a keyword if it comes next."""
        if self._next.is_keyword(word):
            self._at += 1
            return True
        return False

    def _accept_sign(self, *signs: str) -> str | None:
        return self._take().value if self._next.is_sign(*signs) else None

    def keyword(self, word: str) -> None:
        """Take a keyword. Raises: SqlError when another word comes next."""
        if not self.accept(word):
            self._fail(word)

    def _sign(self, sign: str) -> None:
        if self._accept_sign(sign) is None:
            self._fail(f"'{sign}'")

    def text(self, what: str) -> str:
        """Take a text in single quotes. Raises: SqlError naming what was expected."""
        if self._next.kind != "text":
            self._fail(what)
        return self._take().value

    def end(self) -> None:
        """Raises: SqlError when a word is left."""
        if self._next.kind != "end":
            self._fail("the end of the statement")

    def _fail(self, expected: str) -> NoReturn:
        token = self._next
        found = f"'{token.value}'" if token.kind != "end" else "the end"
        raise SqlError(f"Unexpected token, {found} at position {token.at + 1}: expected {expected}")

    # SELECT lists

    def select_list(self) -> tuple[tuple[tree.Item, ...], bool]:
        """Return the entries and whether the list is ``VALUE expression``."""
        if self._next.is_keyword("VALUE") and self._is_keyword_here():
            self._at += 1
            return (tree.Item(self.expression(), ()),), True
        items = [self._item()]
        while self._accept_sign(","):
            items.append(self._item())
        return tuple(items), False

    def _is_keyword_here(self) -> bool:
        """Tell whether VALUE is the keyword, not a member of that name.

        Before a bracket it is one when the list ends with the bracket: ``VALUE [a, b]``, not ``value[0] AS x``.
        """
        at = self._at + 1
        after = self._tokens[at]
        if not after.is_sign("["):
            return after.kind != "end" and not after.is_sign(",", ".") and not after.is_keyword("FROM", "AS", "WHERE")
        open_brackets = 0
        while self._tokens[at].kind != "end":
            open_brackets += self._tokens[at].is_sign("[") - self._tokens[at].is_sign("]")
            at += 1
            if not open_brackets:
                break
        return self._tokens[at].kind == "end" or self._tokens[at].is_keyword("FROM", "WHERE")

    def _item(self) -> tree.Item:
        node = self.expression()
        spread = isinstance(node, tree.Star)
        if self._next.is_sign(".") and self._tokens[self._at + 1].is_sign("*"):
            self._at += 2
            spread = True
        if self.accept("AS"):
            path = [self._identifier()]
            while self._accept_sign("."):
                path.append(self._identifier())
            return tree.Item(node, tuple(path))
        return tree.Item(node, () if spread else (_default_name(node),))

    def _identifier(self) -> str:
        if self._next.kind not in ("name", "quoted"):
            self._fail("a name")
        return self._take().value

    # Expressions, from the weakest operator to the strongest

    def expression(self) -> tree.Node:
        """Return one expression. Raises: SqlError naming the word that does not fit."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise SqlError(f"The expression is nested deeper than {DEEPEST} levels")
        node = self._conjunction()
        while self.accept("OR"):
            node = tree.Binary("OR", node, self._conjunction())
        self._depth -= 1
        return node

    def _conjunction(self) -> tree.Node:
        node = self._negation()
        while self.accept("AND"):
            node = tree.Binary("AND", node, self._negation())
        return node

    def _negation(self) -> tree.Node:
        negations = 0
        while self.accept("NOT"):
            negations += 1
        node = self._comparison()
        for _ in range(min(negations, 2 + negations % 2)):
            node = tree.Unary("NOT", node)
        return node

    def _comparison(self) -> tree.Node:
        node = self._sum()
        sign = self._accept_sign(*COMPARISONS)
        if sign is not None:
            return tree.Binary("<>" if sign == "!=" else sign, node, self._sum())
        if self.accept("IN"):
            return tree.Contains(node, self._choices())
        return node

    def _choices(self) -> tree.Node:
        if self._next.is_sign("(") and not self._tokens[self._at + 1].is_keyword("SELECT"):
            self._at += 1
            return tree.Array(self._list(")"))
        return self._sum()

    def _sum(self) -> tree.Node:
        node = self._product()
        while (sign := self._accept_sign("+", "-")) is not None:
            node = tree.Binary(sign, node, self._product())
        return node

    def _product(self) -> tree.Node:
        node = self._signed()
        while (sign := self._accept_sign("*", "/", "%")) is not None:
            node = tree.Binary(sign, node, self._signed())
        return node

    def _signed(self) -> tree.Node:
        if self._accept_sign("-"):
            operand = self._path()
            if isinstance(operand, tree.Literal) and isinstance(operand.value, int | Decimal):
                return tree.Literal(-operand.value)
            return tree.Unary("-", operand)
        return self._path()

    def _path(self) -> tree.Node:
        node = self._operand()
        while True:
            if self._next.is_sign(".") and self._tokens[self._at + 1].kind == "name":
                self._at += 1
                node = tree.Member(node, self._take().value)
            elif self._accept_sign("["):
                node = tree.Element(node, self.expression())
                self._sign("]")
            else:
                return node

    def _operand(self) -> tree.Node:
        token = self._take()
        if token.kind in _CONSTANTS:
            return _CONSTANTS[token.kind](token.value)
        if token.kind == "name":
            return self._named(token)
        opened = {"(": self._bracketed, "[": self._array, "{": self._object, "*": tree.Star}.get(token.value)
        if opened is None or token.kind != "sign":
            self._at -= token.kind != "end"
            self._fail("an expression")
        return opened()

    def _array(self) -> tree.Node:
        return tree.Array(self._list("]"))

    def _named(self, token: Token) -> tree.Node:
        if self._next.is_sign("(") and token.value.upper() not in RESERVED:
            self._at += 1
            return self._cast() if token.is_keyword("CAST") else tree.Call(token.value.lower(), self._list(")"))
        if token.is_keyword("CASE"):
            return self._case()
        if token.value.upper() in WORDS:
            return tree.Literal(WORDS[token.value.upper()])
        if token.value.upper() in RESERVED and not token.is_keyword("VALUE"):
            self._at -= 1
            self._fail("an expression")
        return tree.Attribute(token.value)

    def _cast(self) -> tree.Node:
        """``cast(value AS type)``."""
        value = self.expression()
        self.keyword("AS")
        kind = self._identifier()
        if kind.upper() not in TYPES:
            raise SqlError(f"Unknown type: {kind}; a value is cast to one of {', '.join(sorted(TYPES))}")
        self._sign(")")
        return tree.Call("cast", (value, tree.Literal(kind)))

    def _list(self, closing: str) -> tuple[tree.Node, ...]:
        if self._accept_sign(closing):
            return ()
        nodes = [self.expression()]
        while self._accept_sign(","):
            nodes.append(self.expression())
        self._sign(closing)
        return tuple(nodes)

    def _object(self) -> tree.Node:
        members: list[tuple[str, tree.Node]] = []
        while not self._accept_sign("}"):
            if members:
                self._sign(",")
            if self._next.kind not in ("text", "quoted"):
                self._fail("a member's name in quotes")
            name = self._take().value
            self._sign(":")
            members.append((name, self.expression()))
        return tree.Object(tuple(members))

    def _case(self) -> tree.Node:
        value = self.expression()
        branches = []
        while self.accept("WHEN"):
            choice = self.expression()
            self.keyword("THEN")
            branches.append((choice, self.expression()))
        if not branches:
            self._fail("WHEN")
        otherwise = self.expression() if self.accept("ELSE") else None
        self.keyword("END")
        return tree.Case(value, tuple(branches), otherwise)

    def _bracketed(self) -> tree.Node:
        if self.accept("SELECT"):
            items, as_value = self.select_list()
            self.keyword("FROM")
            source = self._path()
            condition = self.expression() if self.accept("WHERE") else None
            self._sign(")")
            return tree.Subquery(items, as_value, source, condition)
        node = self.expression()
        self._sign(")")
        return node


def _default_name(node: tree.Node) -> str:
    """Return the member's name for an entry without alias: its last attribute or its function."""
    if isinstance(node, tree.Attribute | tree.Member | tree.Call):
        return node.name
    if isinstance(node, tree.Element):
        return _default_name(node.base)
    raise SqlError("An expression of a SELECT list needs a name: write AS and one")
