"""``WITH (name = value, …)`` of CREATE TABLE AS and UNLOAD, and what the properties say of the files.

Sources: https://docs.aws.amazon.com/athena/latest/ug/create-table-as.html and
https://docs.aws.amazon.com/athena/latest/ug/unload.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lab.local.athena.dml.encoding import Encoding, encoding
from lab.local.athena.errors import QueryError, not_supported
from lab.local.athena.tokens import Tokens

Value = str | tuple[str, ...]
COMPRESSIONS: Final = ("write_compression", "parquet_compression", "compression")


def properties(tokens: Tokens) -> dict[str, Value]:
    """Read the brackets after WITH; a value is a text, or texts for an ARRAY. Raises: SyntaxProblem."""
    tokens.expect("(")
    found: dict[str, Value] = {}
    while True:
        key = tokens.name()
        tokens.expect("=")
        found[key] = _array(tokens) if tokens.maybe("ARRAY") else _scalar(tokens)
        if tokens.maybe(")"):
            return found
        tokens.expect(",")


def _scalar(tokens: Tokens) -> str:
    return tokens.string() if tokens.peek().kind == "string" else tokens.take().text


def _array(tokens: Tokens) -> tuple[str, ...]:
    tokens.expect("[")
    found = []
    while not tokens.maybe("]"):
        found.append(tokens.string())
        if tokens.peek().upper != "]":
            tokens.expect(",")
    return tuple(found)


def check_known(given: Mapping[str, Value], known: tuple[str, ...], refused: tuple[str, ...]) -> None:
    """Refuse properties that Athena does not have, and by name those that it has and this engine has not.

    Raises: QueryError.
    """
    for key in given:
        if key in refused:
            raise not_supported(f"The table property {key}")
        if key not in known:
            raise QueryError(
                "INVALID_TABLE_PROPERTY", f"line 1:1: Catalog 'awsdatacatalog' table property '{key}' does not exist"
            )


def text(given: Mapping[str, Value], key: str) -> str | None:
    """A property that is one text. Raises: QueryError when it is an array."""
    value = given.get(key)
    if isinstance(value, tuple):
        raise QueryError("INVALID_TABLE_PROPERTY", f"line 1:1: Invalid value for table property '{key}': {list(value)}")
    return value


def texts(given: Mapping[str, Value], key: str) -> tuple[str, ...]:
    """A property that is an array of names, in lower case; empty when it is not given. Raises: QueryError."""
    value = given.get(key, ())
    if isinstance(value, str):
        raise QueryError("INVALID_TABLE_PROPERTY", f"line 1:1: Invalid value for table property '{key}': '{value}'")
    return tuple(name.lower() for name in value)


def encoding_of(given: Mapping[str, Value], default: str | None) -> Encoding:
    """How the files are to be written. Parameters: default, the format when none is given; None = it must be.

    Raises: QueryError for a format or compression that this engine does not write.
    """
    kind = text(given, "format") or default
    if kind is None:
        raise QueryError("INVALID_PROCEDURE_ARGUMENT", "UNLOAD needs the property format")
    compression = next((text(given, key) for key in COMPRESSIONS if key in given), None)
    return encoding(kind, compression, text(given, "field_delimiter"))
