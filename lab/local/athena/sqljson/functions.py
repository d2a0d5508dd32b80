"""The calls of SQL/JSON as typed expressions.

Source: https://trino.io/docs/current/functions/json.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sqlglot import exp

from lab.local.athena import cast_json, datatype, render, udf
from lab.local.athena import types as t
from lab.local.athena.cast import cast_sql
from lab.local.athena.coerce import can_coerce, coerce
from lab.local.athena.errors import Position, QueryError, not_supported
from lab.local.athena.expr import Expr, failing
from lab.local.athena.operators import made
from lab.local.athena.parse import place
from lab.local.athena.scope import Scope
from lab.local.athena.session import Session
from lab.local.athena.sqljson import query, syntax
from lab.local.athena.sqljson.check import InvalidPath, check
from lab.local.athena.sqljson.convert import can_return
from lab.local.athena.sqljson.grammar import JsonArgument, JsonCall
from lab.local.athena.sqljson.items import PathError, read, write
from lab.local.athena.sqljson.query import ENCODINGS, Reader, Search
from lab.local.athena.types import Type

Each = Callable[[exp.Expr], Expr]
_MAKES_JSON: Final = ("json_array", "json_object", "json_query")


def analyse_json_call(node: exp.Expr, each: Each, _: tuple[Scope, Session]) -> Expr:
    """A call of SQL/JSON. Raises QueryError."""
    assert isinstance(node, JsonCall)  # noqa: S101 - the rule is found by the type
    return _RULES[node.this](node, each)


# Arguments of the three queries


def _reader(node: JsonArgument, value: Expr, *, passed: bool) -> tuple[Reader, tuple[str, str]]:
    """How an argument is read, and its SQL with DuckDB's type."""
    form = node.args.get("format")
    if passed and form is None and not _makes_json(node.this):
        return _sql_value(value)
    form = form or "JSON"
    if value.type == t.UNKNOWN:
        return Reader(), ("CAST(NULL AS VARCHAR)", "VARCHAR")
    if value.type == t.VARBINARY or (t.is_text(value.type) and form == "JSON"):
        return Reader(ENCODINGS[form]), (value.sql, value.type.storage)
    message = f"Cannot read input of type {value.type.name} as JSON using formatting {form}"
    raise QueryError("TYPE_MISMATCH", message, value.position)


def _sql_value(value: Expr) -> tuple[Reader, tuple[str, str]]:
    kind = value.type
    if kind == t.UNKNOWN:
        return Reader(kind=t.VARCHAR), ("CAST(NULL AS VARCHAR)", "VARCHAR")
    if kind == t.BOOLEAN or t.is_text(kind) or (t.is_numeric(kind) and kind != t.REAL):
        return Reader(kind=kind), (value.sql, kind.storage)
    if kind in (t.YEAR_MONTH, t.DAY_SECOND, t.UUID):
        return Reader(kind=t.VARCHAR), (render.as_varchar(value), "VARCHAR")
    raise not_supported(f"PASSING of a {kind.name}", value.position)


def _makes_json(node: exp.Expr) -> bool:
    while isinstance(node, exp.Paren):
        node = node.this
    return isinstance(node, JsonCall) and node.this in _MAKES_JSON


def _search(node: JsonCall, each: Each) -> tuple[Search, list[Expr], list[tuple[str, str]]]:
    """The path with its readers, the arguments, and their SQL and DuckDB types."""
    given, passing = node.expressions[0], node.args.get("passing") or []
    values = [each(given.this), *(each(part.this) for part in passing)]
    reader, first = _reader(given, values[0], passed=False)
    read_as = [_reader(part, value, passed=True) for part, value in zip(passing, values[1:], strict=True)]
    names = tuple(part.args["name"] for part in passing)
    lax, path = _path(node.args["path"], names)
    search = Search(lax, path, reader, names, tuple(found for found, _ in read_as))
    return search, values, [first, *(sql for _, sql in read_as)]


def _path(node: exp.Expr, names: Sequence[str]) -> tuple[bool, syntax.Path]:
    at = place(node)
    if len(set(names)) < len(names):
        raise QueryError("DUPLICATE_PARAMETER_NAME", "a JSON path parameter is specified more than once", at)
    try:
        lax, path = syntax.parse(node.name)
        check(path, names)
    except syntax.PathSyntaxError as error:
        inside = Position(at.line, at.column + 1 + error.at) if at and error.name == "SYNTAX_ERROR" else at
        raise QueryError(error.name, str(error), inside) from None
    except InvalidPath as error:
        raise QueryError("INVALID_PATH", str(error), at) from None
    return lax, path


def _exists(node: JsonCall, each: Each) -> Expr:
    search, values, arguments = _search(node, each)
    function = query.exists(search, node.args["error"])
    sql = udf.call_with_nulls(function, "BOOLEAN", *arguments, variant=f"{search} {node.args['error']}")
    return made(sql, t.BOOLEAN, place(node), *values)


def _query(node: JsonCall, each: Each) -> Expr:
    search, values, arguments = _search(node, each)
    wrapper, quotes = node.args.get("wrapper") or "WITHOUT", node.args.get("quotes")
    if wrapper != "WITHOUT" and quotes:
        message = f"{quotes} QUOTES behavior specified with WITH {wrapper} ARRAY WRAPPER behavior"
        raise QueryError("INVALID_FUNCTION_ARGUMENT", message, place(node))
    said = (wrapper, node.args["empty"], node.args["error"])
    function = query.query(search, *said, omit_quotes=quotes == "OMIT")
    sql = udf.call_with_nulls(function, "VARCHAR", *arguments, variant=f"{search} {said} {quotes}")
    return _output(made(sql, t.VARCHAR, place(node), *values), node)


def _value(node: JsonCall, each: Each) -> Expr:
    search, values, arguments = _search(node, each)
    at = place(node)
    target = datatype.read(node.args["returning"], at) if node.args.get("returning") else t.VARCHAR
    if node.args.get("output") or not can_return(target):
        raise QueryError("TYPE_MISMATCH", f"Invalid return type of function JSON_VALUE: {target.name}", at)
    said = node.args["empty"], node.args["error"]
    function = query.value(search, target, *said)
    kind = f"STRUCT(s TINYINT, v {target.storage})"
    answer = udf.call_with_nulls(function, kind, *arguments, variant=f"{search} {said} {target.name}")
    defaults = {
        number: _default(node.args.get(f"{event}_default"), event, target, each)
        for number, event in ((query.EMPTY, "empty"), (query.FAILED, "error"))
    }
    given = {number: value for number, value in defaults.items() if value is not None}
    branches = " ".join(f"WHEN {number} THEN {value.sql}" for number, value in given.items())
    found = f"struct_extract({answer}, 'v')"
    sql = f"CASE struct_extract({answer}, 's') {branches} ELSE {found} END" if given else found
    return made(sql, target, at, *values, *given.values())


def _default(node: exp.Expr | None, event: str, target: Type, each: Each) -> Expr | None:
    if node is None:
        return None
    value = each(node)
    if not can_coerce(value.type, target):
        message = f"Function JSON_VALUE default ON {event.upper()} result must evaluate to a {target.name}"
        raise QueryError("TYPE_MISMATCH", f"{message} (actual: {value.type.name})", value.position)
    return coerce(value, target)


# Constructors


def read_json(value: str) -> str:
    """JSON text in compact form. Raises ValueError with Trino's name."""
    try:
        return write(read(value))
    except PathError as error:
        raise query.raised(error) from None


def _decode(encoding: str) -> Callable[[bytes], str]:
    def read_json_bytes(value: bytes) -> str:
        try:
            return write(read(query.decoded(value, encoding)))
        except PathError as error:
            raise query.raised(error) from None

    return read_json_bytes


def _item(node: JsonArgument, value: Expr) -> str:
    """SQL of the JSON text of an element; NULL for NULL."""
    form, kind = node.args.get("format"), value.type
    if form is None and _makes_json(node.this) and t.is_text(kind):
        return value.sql
    if form is not None and kind == t.UNKNOWN:
        return "CAST(NULL AS VARCHAR)"
    if form == "JSON" and t.is_text(kind):
        return udf.call(read_json, "VARCHAR", (value.sql, "VARCHAR"))
    if form is not None or _makes_json(node.this):
        if kind != t.VARBINARY:
            message = f"Cannot read input of type {kind.name} as JSON using formatting {form or 'JSON'}"
            raise QueryError("TYPE_MISMATCH", message, value.position)
        encoding = ENCODINGS[form or "JSON"]
        return udf.call(_decode(encoding), "VARCHAR", (value.sql, "BLOB"), variant=encoding)
    if kind in (t.BOOLEAN, t.UNKNOWN) or t.is_numeric(kind) or t.is_text(kind):
        return cast_json.to_json(value)
    if kind in (t.JSON, t.VARBINARY) or isinstance(kind, t.Array | t.Map | t.Row):
        raise not_supported(f"a {kind.name} without FORMAT JSON in {node.parent.this}", value.position)  # type: ignore[union-attr]
    return f"('\"' || {render.as_varchar(value)} || '\"')"


def _array(node: JsonCall, each: Each) -> Expr:
    values = [each(part.this) for part in node.expressions]
    found = [_item(part, value) for part, value in zip(node.expressions, values, strict=True)]
    if node.args["nulls"] == "NULL":
        found = [f"coalesce({sql}, 'null')" for sql in found]
    return _output(made(f"('[' || {_listed(found)} || ']')", t.VARCHAR, place(node), *values), node)


def _listed(texts: Sequence[str]) -> str:
    """SQL of the texts with commas between them, NULLs left out."""
    return f"coalesce(array_to_string(CAST([{', '.join(texts)}] AS VARCHAR[]), ','), '')"


def _object(node: JsonCall, each: Each) -> Expr:
    at = place(node)
    keys = [each(part.args["key"]) for part in node.expressions]
    for key in keys:
        if not (t.is_text(key.type) or key.type == t.UNKNOWN):
            message = f"Invalid type of JSON object key: {key.type.name}. Must be a character string"
            raise QueryError("INVALID_FUNCTION_ARGUMENT", message, key.position)
    if node.args["unique"] and any(part.args.get("format") for part in node.expressions):
        message = "WITH UNIQUE KEYS behavior is not supported for JSON_OBJECT function when input expression has FORMAT"
        raise QueryError("NOT_SUPPORTED", message, at)
    values = [each(part.this) for part in node.expressions]
    found = [_item(part, value) for part, value in zip(node.expressions, values, strict=True)]
    members = [_member(key, sql, node.args["nulls"]) for key, sql in zip(keys, found, strict=True)]
    sql = _distinct(node, keys, f"('{{' || {_listed(members)} || '}}')")
    return _output(made(sql, t.VARCHAR, at, *keys, *values), node)


def _member(key: Expr, sql: str, nulls: str) -> str:
    name = f"CAST(to_json(CAST({key.sql} AS VARCHAR)) AS VARCHAR)"
    missing = failing(
        "INVALID_FUNCTION_ARGUMENT", "'null value passed for JSON object key to JSON_OBJECT function'", "VARCHAR"
    )
    shown = f"coalesce({sql}, 'null')" if nulls == "NULL" else sql
    return f"CASE WHEN {key.sql} IS NULL THEN {missing} ELSE {name} || ':' || {shown} END"


def _distinct(node: JsonCall, keys: Sequence[Expr], sql: str) -> str:
    """The SQL where no key stands twice; else it fails, as an object of Trino holds a key once."""
    if len(keys) < 2:
        return sql
    if node.args["unique"]:
        fails = failing("INVALID_FUNCTION_ARGUMENT", "'duplicate key passed to JSON_OBJECT function'", "VARCHAR")
    else:
        fails = failing("NOT_SUPPORTED", "'cannot construct a JSON object with duplicate key'", "VARCHAR")
    listed = f"[{', '.join(key.sql for key in keys)}]"
    twice = f"list_count({listed}) = {len(keys)} AND list_unique({listed}) < {len(keys)}"
    return f"CASE WHEN {twice} THEN {fails} ELSE {sql} END"


def _output(found: Expr, node: JsonCall) -> Expr:
    """The JSON text as the type that RETURNING names. Raises TYPE_MISMATCH for one that holds no text."""
    form, wanted = node.args.get("output") or "JSON", node.args.get("returning")
    target = datatype.read(wanted, found.position) if wanted else t.VARCHAR
    if target == t.VARBINARY:
        encoding = ENCODINGS[form]
        call = udf.call(_encode(encoding), "BLOB", (found.sql, "VARCHAR"), variant=encoding)
        return found.emit(call, target)
    if not t.is_text(target) or form != "JSON":
        message = f"Cannot output JSON value as {target.name} using formatting {form}"
        raise QueryError("TYPE_MISMATCH", message, found.position)
    return cast_sql(found, target)


def _encode(encoding: str) -> Callable[[str], bytes]:
    def write_json_bytes(value: str) -> bytes:
        return value.encode(encoding)

    return write_json_bytes


_RULES: Final[dict[str, Callable[[JsonCall, Each], Expr]]] = {
    "json_exists": _exists,
    "json_query": _query,
    "json_value": _value,
    "json_array": _array,
    "json_object": _object,
}
