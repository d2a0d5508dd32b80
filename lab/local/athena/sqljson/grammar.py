"""How the calls of SQL/JSON are written: clauses instead of a list of arguments.

Grammar: jsonExists, jsonValue, jsonQuery, jsonArray and jsonObject in SqlBase.g4 of
https://github.com/trinodb/trino/tree/master/core/trino-grammar
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sqlglot import exp
from sqlglot.parser import Parser
from sqlglot.tokens import TokenType


class JsonArgument(exp.Expression):
    """A value with its ``format`` (``JSON``, ``JSON ENCODING UTF8`` …), perhaps with a ``name`` or a ``key``."""

    arg_types = {"this": True, "format": False, "name": False, "key": False}  # noqa: RUF012 - sqlglot's own form


class JsonCall(exp.Expression):
    """A call; ``this`` is its name, ``expressions`` the input or the elements, the rest what the clauses say."""

    arg_types = {  # noqa: RUF012
        "this": True,
        "expressions": True,
        "path": False,
        "passing": False,
        "returning": False,
        "output": False,
        "wrapper": False,
        "quotes": False,
        "empty": False,
        "empty_default": False,
        "error": False,
        "error_default": False,
        "nulls": False,
        "unique": False,
    }


def _words(parser: Parser, *choices: str) -> str | None:
    """The first of some runs of words that comes next, stepped over."""
    return next((choice for choice in choices if parser._match_text_seq(*choice.split())), None)


def _expect(parser: Parser, *choices: str) -> str:
    found = _words(parser, *choices)
    if found is None:
        parser.raise_error(f"Expecting: {', '.join(repr(choice) for choice in choices)}")
    return found or ""


def _format(parser: Parser) -> str | None:
    if not _words(parser, "FORMAT JSON"):
        return None
    return f"JSON ENCODING {_expect(parser, 'UTF8', 'UTF16', 'UTF32')}" if _words(parser, "ENCODING") else "JSON"


def _argument(parser: Parser, key: Any = None) -> JsonArgument:
    value = parser._parse_disjunction()
    if value is None:
        parser.raise_error("Expecting: <expression>")
    return JsonArgument(this=value, format=_format(parser), key=key)


def _passed(parser: Parser) -> JsonArgument:
    found = _argument(parser)
    _expect(parser, "AS")
    name = parser._parse_id_var()
    if name is None:
        parser.raise_error("Expecting: <identifier>")
    found.set("name", name.name if name and name.args.get("quoted") else (name.name.upper() if name else ""))
    return found


def _query(parser: Parser, name: str) -> JsonCall:
    """Input, path and PASSING, which all three queries begin with."""
    call = JsonCall(this=name, expressions=[_argument(parser)])
    if not parser._match(TokenType.COMMA):
        parser.raise_error("Expecting: ','")
    if not parser._match(TokenType.STRING):
        parser.raise_error("Expecting: <string>")
    call.set("path", exp.Literal.string(parser._prev.text).update_positions(parser._prev))
    if _words(parser, "PASSING"):
        call.set("passing", parser._parse_csv(lambda: _passed(parser)))
    return call


def _exists(parser: Parser) -> JsonCall:
    call = _query(parser, "json_exists")
    found = _words(parser, "TRUE ON ERROR", "FALSE ON ERROR", "UNKNOWN ON ERROR", "ERROR ON ERROR")
    call.set("error", (found or "FALSE").split()[0])
    return call


def _returning(parser: Parser, call: JsonCall) -> None:
    if _words(parser, "RETURNING"):
        call.set("returning", parser._parse_types())
        call.set("output", _format(parser))


def _value(parser: Parser) -> JsonCall:
    call = _query(parser, "json_value")
    _returning(parser, call)
    for event in ("EMPTY", "ERROR"):
        start = parser._index
        said = _words(parser, "NULL", "ERROR", "DEFAULT")
        default = parser._parse_disjunction() if said == "DEFAULT" else None
        if said and not _words(parser, f"ON {event}"):
            said, default = None, None
            parser._retreat(start)
        call.set(event.lower(), said or "NULL")
        call.set(f"{event.lower()}_default", default)
    return call


_WRAPPERS: Final = {
    "WITHOUT": ("WITHOUT ARRAY WRAPPER", "WITHOUT WRAPPER"),
    "CONDITIONAL": ("WITH CONDITIONAL ARRAY WRAPPER", "WITH CONDITIONAL WRAPPER"),
    "UNCONDITIONAL": (
        "WITH UNCONDITIONAL ARRAY WRAPPER",
        "WITH UNCONDITIONAL WRAPPER",
        "WITH ARRAY WRAPPER",
        "WITH WRAPPER",
    ),
}
_RESULTS: Final = ("ERROR", "NULL", "EMPTY ARRAY", "EMPTY OBJECT")


def _json(parser: Parser) -> JsonCall:
    call = _query(parser, "json_query")
    _returning(parser, call)
    for behaviour, texts in _WRAPPERS.items():
        if _words(parser, *texts):
            call.set("wrapper", behaviour)
            break
    quotes = _words(parser, "KEEP QUOTES", "OMIT QUOTES")
    if quotes:
        call.set("quotes", quotes.split()[0])
        _words(parser, "ON SCALAR STRING")
    for event in ("EMPTY", "ERROR"):
        found = _words(parser, *(f"{result} ON {event}" for result in _RESULTS))
        call.set(event.lower(), found.removesuffix(f" ON {event}") if found else "NULL")
    return call


def _nulls(parser: Parser, call: JsonCall, default: str) -> None:
    found = _words(parser, "NULL ON NULL", "ABSENT ON NULL")
    call.set("nulls", found.split()[0] if found else default)


def _array(parser: Parser) -> JsonCall:
    call = JsonCall(this="json_array", expressions=[])
    if not _ends(parser):
        call.set("expressions", parser._parse_csv(lambda: _argument(parser)))
    _nulls(parser, call, "ABSENT")
    _returning(parser, call)
    return call


def _ends(parser: Parser) -> bool:
    token = parser._curr
    return token is not None and (token.token_type == TokenType.R_PAREN or token.text.upper() == "RETURNING")


def _member(parser: Parser) -> JsonArgument:
    _words(parser, "KEY")
    key = parser._parse_disjunction()
    if key is None:
        parser.raise_error("Expecting: <expression>")
    if not parser._match(TokenType.COLON):
        _expect(parser, "VALUE")
    return _argument(parser, key)


def _object(parser: Parser) -> JsonCall:
    call = JsonCall(this="json_object", expressions=[])
    if not _ends(parser):
        call.set("expressions", parser._parse_csv(lambda: _member(parser)))
    _nulls(parser, call, "NULL")
    unique = _words(parser, "WITH UNIQUE", "WITHOUT UNIQUE")
    if unique:
        _words(parser, "KEYS")
    call.set("unique", unique == "WITH UNIQUE")
    _returning(parser, call)
    return call


def _table(parser: Parser) -> exp.Expr:
    """JSON_TABLE, whose clauses are stepped over: it is refused by its name."""
    depth = 1
    while parser._curr is not None and depth:
        depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(parser._curr.token_type, 0)
        if depth:
            parser._advance()
    return exp.Anonymous(this="json_table")


PARSERS: Final[dict[str, Callable[[Parser], exp.Expr]]] = {
    "JSON_EXISTS": _exists,
    "JSON_VALUE": _value,
    "JSON_QUERY": _json,
    "JSON_ARRAY": _array,
    "JSON_OBJECT": _object,
    "JSON_TABLE": _table,
}
"""How to parse what stands between the brackets of each call."""
