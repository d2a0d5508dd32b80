"""json_exists, json_query and json_value for one input: a path evaluated, and what comes of no item and of an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lab.local.athena.sqljson import syntax
from lab.local.athena.sqljson.convert import convert
from lab.local.athena.sqljson.items import Item, PathError, Scalar, read, scalar, write
from lab.local.athena.sqljson.path import Evaluation
from lab.local.athena.types import Type

ENCODINGS: Mapping[str, str] = {
    "JSON": "utf-8",
    "JSON ENCODING UTF8": "utf-8",
    "JSON ENCODING UTF16": "utf-16-le",
    "JSON ENCODING UTF32": "utf-32-le",
}


@dataclass(frozen=True)
class Reader:
    """How an argument becomes items: ``kind`` is the type of an SQL value; None if it is JSON in that encoding."""

    encoding: str = "utf-8"
    kind: Type | None = None

    def items(self, value: Any) -> list[Item]:
        """The argument as a sequence: SQL's NULL is JSON's null, a NULL of JSON is nothing. Raises PathError."""
        if value is None:
            return [None] if self.kind else []
        return [Scalar(self.kind, value)] if self.kind else [read(decoded(value, self.encoding))]


def decoded(value: str | bytes, encoding: str) -> str:
    """The text of an argument. Raises PathError."""
    try:
        return value if isinstance(value, str) else bytes(value).decode(encoding)
    except UnicodeDecodeError:
        raise PathError("conversion to JSON failed: ", "JSON_INPUT_CONVERSION_ERROR") from None


@dataclass(frozen=True)
class Search:
    """A path with the arguments that it is given: the input first, then those with a name."""

    lax: bool
    path: syntax.Path
    input: Reader
    names: tuple[str, ...]
    readers: tuple[Reader, ...]

    def items(self, given: Any, passed: Sequence[Any]) -> list[Item]:
        """What the path finds in the input. Raises PathError."""
        found = self.input.items(given)
        values = [reader.items(value) for reader, value in zip(self.readers, passed, strict=True)]
        return Evaluation(self.lax, found[0], dict(zip(self.names, values, strict=True))).items(self.path)


def raised(error: PathError) -> ValueError:
    """The error as the engine tells it from DuckDB's."""
    prefix = "path evaluation failed: " if error.name == "PATH_EVALUATION_ERROR" else ""
    return ValueError(f"TRINO:{error.name}:{prefix}{error}:END")


def exists(search: Search, on_error: str) -> Callable[..., bool | None]:
    """json_exists with what it says ON ERROR: TRUE, FALSE, UNKNOWN or ERROR."""

    def json_exists(given: Any, *passed: Any) -> bool | None:
        if given is None:
            return None
        try:
            return bool(search.items(given, passed))
        except PathError as error:
            if on_error == "ERROR":
                raise raised(error) from None
            return {"TRUE": True, "FALSE": False, "UNKNOWN": None}[on_error]

    return json_exists


def query(
    search: Search, wrapper: str, on_empty: str, on_error: str, *, omit_quotes: bool
) -> Callable[..., str | None]:
    """json_query, as text: wrapper is WITHOUT, CONDITIONAL or UNCONDITIONAL."""

    def instead(said: str, error: PathError) -> str | None:
        if said == "ERROR":
            raise raised(error)
        return {"NULL": None, "EMPTY ARRAY": "[]", "EMPTY OBJECT": "{}"}[said]

    def one(found: list[Item]) -> Item:
        lonely = len(found) == 1 and isinstance(found[0], list | dict)
        if wrapper == "UNCONDITIONAL" or (wrapper == "CONDITIONAL" and not lonely):
            return found
        if len(found) > 1:
            raise _output("JSON path found multiple items")
        return found[0]

    def json_query(given: Any, *passed: Any) -> str | None:
        if given is None:
            return None
        try:
            found = search.items(given, passed)
            if not found:
                return instead(on_empty, _output("JSON path found no items"))
            item = one(found)
        except PathError as error:
            return instead(on_error, error)
        bare = item.value if isinstance(item, Scalar) else item
        return bare if omit_quotes and isinstance(bare, str) else write(item)

    return json_query


def _output(message: str) -> PathError:
    return PathError(f"conversion from JSON failed: {message}", "JSON_OUTPUT_CONVERSION_ERROR")


FOUND, EMPTY, FAILED = 0, 1, 2
"""What json_value's answer is: the value, or the default ON EMPTY, or that ON ERROR."""


def value(search: Search, target: Type, on_empty: str, on_error: str) -> Callable[..., dict[str, Any] | None]:
    """json_value, as a struct of ``s``, where the value comes from, and ``v``, the value."""

    def json_value(given: Any, *passed: Any) -> dict[str, Any] | None:
        if given is None:
            return None
        try:
            found = search.items(given, passed)
            if found:
                return {"s": FOUND, "v": _single(found, target)}
        except PathError as error:
            if on_error == "ERROR":
                raise raised(error) from None
            return {"s": FAILED, "v": None}
        if on_empty == "ERROR":
            raise raised(_result("JSON path found no items"))
        return {"s": EMPTY, "v": None}

    return json_value


def _single(found: list[Item], target: Type) -> Any:
    if len(found) > 1:
        raise _result("JSON path found multiple items")
    if found[0] is None:
        return None
    item = scalar(found[0])
    if item is None:
        raise _result("JSON path found an item that cannot be converted to an SQL value")
    return convert(item, target)


def _result(message: str) -> PathError:
    return PathError(f"cannot extract SQL scalar from JSON: {message}", "JSON_VALUE_RESULT_ERROR")
