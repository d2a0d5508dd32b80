"""Text to syntax tree: sqlglot's Trino grammar, with calls kept as written and foreign syntax refused.

sqlglot is lenient (it reads many dialects through one grammar), so the tokens are checked first: what Trino's
grammar does not know is a syntax error. Grammar: SqlBase.g4 in
https://github.com/trinodb/trino/tree/master/core/trino-grammar
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any

from sqlglot import exp
from sqlglot.dialects.trino import Trino
from sqlglot.errors import ParseError, TokenError
from sqlglot.parsers.trino import TrinoParser
from sqlglot.tokens import Token, TokenType

from lab.local.athena.errors import Position, SyntaxProblem
from lab.local.athena.sqljson import grammar

# Calls whose arguments have a syntax of their own; every other call stays a name with arguments.
_SPECIAL_CALLS = ("CAST", "TRY_CAST", "EXTRACT", "POSITION", "TRIM", "SUBSTRING", "LISTAGG", "NORMALIZE")

# Operators and brackets of other dialects.
_FOREIGN = {
    TokenType.DCOLON,
    TokenType.AMP,
    TokenType.PIPE,
    TokenType.TILDE,
    TokenType.CARET,
    TokenType.DQMARK,
    TokenType.L_BRACE,
    TokenType.R_BRACE,
    TokenType.ILIKE,
    TokenType.RLIKE,
    TokenType.DIV,
    TokenType.HASH,
    TokenType.DARROW,
    TokenType.LT_AT,
    TokenType.AT_GT,
    TokenType.DAMP,
    TokenType.NULLSAFE_EQ,
    TokenType.COLON_EQ,
    TokenType.QUALIFY,
    TokenType.PIVOT,
    TokenType.UNPIVOT,
    TokenType.ASOF,
}
# Words that end no value, and words that cannot follow a comma of a list.
_NO_VALUES = set(
    [
        "SELECT",
        "DISTINCT",
        "ALL",
        "FROM",
        "WHERE",
        "AND",
        "OR",
        "NOT",
        "IN",
        "ON",
        "BY",
        "HAVING",
        "THEN",
        "ELSE",
        "WHEN",
        "CASE",
        "LIKE",
        "BETWEEN",
        "LIMIT",
    ]
)
# Words that are names only in double quotes: https://trino.io/docs/current/language/reserved.html
_RESERVED_WORDS = """
    ALTER AND AS BETWEEN BY CASE CAST CONSTRAINT CREATE CROSS CUBE CURRENT_CATALOG CURRENT_DATE CURRENT_PATH
    CURRENT_ROLE CURRENT_SCHEMA CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DEALLOCATE DELETE DESCRIBE DISTINCT DROP
    ELSE END ESCAPE EXCEPT EXECUTE EXISTS EXTRACT FALSE FOR FROM FULL GROUP GROUPING HAVING IN INNER INSERT INTERSECT
    INTO IS JOIN JSON_ARRAY JSON_EXISTS JSON_OBJECT JSON_QUERY JSON_TABLE JSON_VALUE LEFT LIKE LISTAGG LOCALTIME
    LOCALTIMESTAMP NATURAL NORMALIZE NOT NULL ON OR ORDER OUTER PREPARE RECURSIVE RIGHT ROLLUP SELECT TABLE THEN TRIM
    TRUE UESCAPE UNION UNNEST USING VALUES WHEN WHERE WITH
"""
_RESERVED = frozenset(_RESERVED_WORDS.split())
_AFTER_LIST = {"FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "UNION", ")"}
_QUOTED = {TokenType.STRING, TokenType.IDENTIFIER}
_WORDS_OPEN_BRACKET = {TokenType.IDENTIFIER, TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.VAR}


def _positioned(parser: Callable[[TrinoParser], exp.Expr]) -> Callable[[TrinoParser], exp.Expr]:
    """Give the node of a special call the position of its name, which sqlglot gives to plain calls only."""

    def parse(self: TrinoParser) -> exp.Expr:
        token = self._tokens[self._index - 2]
        node = parser(self)
        return node.update_positions(token) if isinstance(node, exp.Expr) else node

    return parse


class _Parser(TrinoParser):
    FUNCTIONS = {}  # noqa: RUF012 - sqlglot's own form
    FUNCTION_PARSERS = {  # noqa: RUF012
        name: _positioned(parser)
        for name, parser in {**TrinoParser.FUNCTION_PARSERS, **grammar.PARSERS}.items()
        if name in (*_SPECIAL_CALLS, *grammar.PARSERS)
    }
    NO_PAREN_FUNCTIONS = {  # noqa: RUF012
        **TrinoParser.NO_PAREN_FUNCTIONS,
        TokenType.CURRENT_SCHEMA: exp.CurrentSchema,
    }
    PLACEHOLDER_PARSERS = {  # noqa: RUF012
        TokenType.PLACEHOLDER: lambda self: self.expression(exp.Placeholder(), token=self._prev),
    }
    NO_PAREN_FUNCTION_PARSERS = {  # noqa: RUF012
        "CASE": TrinoParser.NO_PAREN_FUNCTION_PARSERS["CASE"],
        "ANY": lambda self: self.expression(exp.Any(this=self._parse_bitwise())),
        "SOME": lambda self: self.expression(exp.Any(this=self._parse_bitwise())),
        "ALL": lambda self: self.expression(exp.All(this=self._parse_bitwise())),
    }

    def _parse_derived_table_values(self, *args: Any, **options: Any) -> exp.Values | None:
        """Leave ``(VALUES 1 UNION VALUES 2)`` to the rule of subqueries."""
        rule = super()._parse_derived_table_values
        return self._try_parse(lambda: rule(*args, **options))

    def _parse_table(self, *args: Any, **options: Any) -> exp.Expr | None:
        """Read a sample of VALUES and UNNEST too, which sqlglot would take for a clause of the whole query."""
        found = super()._parse_table(*args, **options)
        if isinstance(found, exp.Values | exp.Unnest):
            found.set("sample", self._parse_table_sample())
        return found


class LabTrino(Trino):
    """Trino as this engine reads it. Subscripts keep the number that was written."""

    INDEX_OFFSET = 0
    Parser = _Parser


_DIALECT = LabTrino()


def parse_query(sql: str, parameters: Sequence[str] = ()) -> exp.Expr:
    """Parse a query. Each ``?`` becomes the expression at its place in ``parameters``.

    Raises: SyntaxProblem, also when the number of parameters is not the number of ``?``.
    """
    tree = _parse(sql)
    if not isinstance(tree, exp.Query | exp.Values):
        raise SyntaxProblem(
            f"mismatched input '{sql.split(maxsplit=1)[0] if sql.split() else '<EOF>'}'. Expecting: <query>"
        )
    return _bind(tree, [parse_expression(text) for text in parameters])


def parse_expression(sql: str) -> exp.Expr:
    """Parse a value expression, such as one of EXECUTE … USING. Raises SyntaxProblem."""
    tree = _parse(f"SELECT {sql}")
    found = tree.expressions if isinstance(tree, exp.Select) else []
    if len(found) != 1 or set(key for key, value in tree.args.items() if value) != {"expressions"}:
        raise SyntaxProblem(f"mismatched input '{sql}'. Expecting: <expression>")
    expression: exp.Expr = found[0]
    return expression


def _parse(sql: str) -> exp.Expr:
    """The tree of a text whose names are names: sqlglot takes strings, numbers and reserved words for them too."""
    try:
        tokens = _DIALECT.tokenize(sql)
        _check_tokens(tokens, sql)
        trees = _DIALECT.parser().parse(tokens, sql)
    except ParseError as error:
        raise _problem(error) from None
    except TokenError as error:
        raise SyntaxProblem(f"mismatched input. {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise SyntaxProblem("statement is too large (stack overflow while parsing)") from None
    if tokens and tokens[-1].token_type in (TokenType.COMMA, TokenType.ALIAS):
        raise SyntaxProblem("mismatched input '<EOF>'", position(tokens[-1]))
    found = [tree for tree in trees if tree is not None]
    if len(found) != 1:
        raise SyntaxProblem("mismatched input ';'. Only one sql statement is allowed")
    _check_names(found[0], tokens, sql)
    _locate_operators(found[0], tokens)
    return found[0]


def _check_names(tree: exp.Expr, tokens: Sequence[Token], sql: str) -> None:
    by_start = {token.start: token for token in tokens}
    for name in tree.find_all(exp.Identifier):
        token = by_start.get(name.meta.get("start", -1))
        if token is not None and _is_no_name(token):
            written = sql[token.start : token.end + 1]
            raise SyntaxProblem(f"mismatched input '{written}'. Expecting: <identifier>", _beginning(token, sql))


def _beginning(token: Token, sql: str) -> Position:
    """Where a token begins, its quote included."""
    return Position(token.line, token.start - sql.rfind("\n", 0, token.start))


def _is_no_name(token: Token) -> bool:
    if token.token_type == TokenType.IDENTIFIER:
        return False
    return token.token_type in (TokenType.STRING, TokenType.NUMBER) or token.text.upper() in _RESERVED


_OPERATORS: dict[type[exp.Expr], tuple[TokenType, ...]] = {
    exp.Add: (TokenType.PLUS,),
    exp.Sub: (TokenType.DASH,),
    exp.Mul: (TokenType.STAR,),
    exp.Div: (TokenType.SLASH,),
    exp.Mod: (TokenType.MOD,),
    exp.DPipe: (TokenType.DPIPE,),
    exp.EQ: (TokenType.EQ,),
    exp.NEQ: (TokenType.NEQ,),
    exp.LT: (TokenType.LT,),
    exp.LTE: (TokenType.LTE,),
    exp.GT: (TokenType.GT,),
    exp.GTE: (TokenType.GTE,),
}


def _locate_operators(tree: exp.Expr, tokens: Sequence[Token]) -> None:
    """Trino reports an operator at its sign: find the sign before the right operand and note its place in the node."""
    starts = [token.start for token in tokens]
    for node in tree.find_all(*_OPERATORS):
        first = _start(node.expression)
        if first is None:
            continue
        at = bisect_left(starts, first) - 1
        while at >= 0 and tokens[at].token_type not in _OPERATORS[type(node)]:
            at -= 1
        if at >= 0:
            node.update_positions(tokens[at])


def _start(node: exp.Expr) -> int | None:
    starts = [part.meta["start"] for part in node.walk() if "start" in part.meta]
    return min(starts, default=None)


def place(node: exp.Expr) -> Position | None:
    """Where a node is written: its own place, else that of its first part."""
    meta = node.meta
    if "start" not in meta:
        parts = [part.meta for part in node.walk() if "start" in part.meta]
        meta = min(parts, key=lambda part: part["start"], default={})
    if "line" not in meta:
        return None
    width = meta["end"] - meta["start"] + 1
    return Position(meta["line"], max(meta["col"] - width + 1, 1))


def _problem(error: ParseError) -> SyntaxProblem:
    detail = error.errors[0] if error.errors else {}
    text = detail.get("highlight") or "<EOF>"
    line = detail.get("line") or 1
    # sqlglot counts the column at the token's end.
    column = max((detail.get("col") or 1) - len(text) + 1, 1)
    return SyntaxProblem(
        f"mismatched input '{text}'. {detail.get('description') or ''}".strip(), Position(line, column)
    )


def _check_tokens(tokens: Sequence[Token], sql: str) -> None:
    for before, token in zip([None, *tokens], tokens, strict=False):
        foreign = token.token_type in _FOREIGN
        if token.token_type == TokenType.L_BRACKET:
            foreign = before is None or not _may_be_subscripted(before)
        if token.token_type == TokenType.EQ and token.text == "==":
            foreign = True
        if before is not None and before.token_type == TokenType.NUMBER and before.end + 1 == token.start:
            foreign = foreign or token.token_type == TokenType.VAR  # a name that begins with a digit
        if before is not None and before.token_type == TokenType.DOT:
            foreign = foreign or token.token_type == TokenType.STRING
        if before is not None and before.token_type == TokenType.ALIAS:
            foreign = foreign or token.token_type in (TokenType.COMMA, TokenType.R_PAREN)
        if before is not None and before.token_type == TokenType.COMMA:
            foreign = foreign or (token.token_type not in _QUOTED and token.text.upper() in _AFTER_LIST)
        if foreign:
            raise SyntaxProblem(f"mismatched input '{sql[token.start : token.end + 1]}'", _beginning(token, sql))


def _may_be_subscripted(token: Token) -> bool:
    # A string is no value to take an element of; a number neither. ``ARRAY[`` and ``name[`` are words.
    if token.token_type in _WORDS_OPEN_BRACKET:
        return True
    word = token.text.upper()
    return word[:1].isalpha() and token.token_type != TokenType.STRING and word not in _NO_VALUES


def position(token: Token) -> Position:
    """Where a token begins."""
    return Position(token.line, max(token.col - len(token.text) + 1, 1))


def _bind(tree: exp.Expr, values: Sequence[exp.Expr]) -> exp.Expr:
    marks = sorted(tree.find_all(exp.Placeholder), key=lambda mark: mark.meta.get("start", 0))
    if len(marks) != len(values):
        raise SyntaxProblem(f"Incorrect number of parameters: expected {len(marks)} but found {len(values)}")
    for mark, value in zip(marks, values, strict=True):
        mark.replace(exp.Paren(this=value.copy()))
    return tree
