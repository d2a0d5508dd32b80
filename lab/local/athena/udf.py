"""Calling Python from the SQL, for what DuckDB has no function for.

The functions that a query calls are collected as it is analysed.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from lab.local.athena.query import Udf

_FLOATS: Final = ("DOUBLE", "FLOAT")
_COLLECTED: ContextVar[dict[str, Udf]] = ContextVar("_COLLECTED")


@contextmanager
def collecting() -> Iterator[dict[str, Udf]]:
    """Collect the functions that ``call`` names inside the block, by name."""
    found: dict[str, Udf] = {}
    token = _COLLECTED.set(found)
    try:
        yield found
    finally:
        _COLLECTED.reset(token)


def call(function: Callable[..., Any], returns: str, *arguments: tuple[str, str], variant: str = "") -> str:
    """SQL that calls ``function``; its result is NULL if an argument is.

    Parameters: returns, DuckDB type of the result; arguments, pairs (SQL, DuckDB type); variant, what tells functions
    of one name apart (a closure's parameters).
    """
    return _call(function, returns, arguments, variant, sees_null=False)


def call_with_nulls(function: Callable[..., Any], returns: str, *arguments: tuple[str, str], variant: str = "") -> str:
    """SQL that calls ``function``, which is given NULLs as None."""
    return _call(function, returns, arguments, variant, sees_null=True)


def _call(
    function: Callable[..., Any], returns: str, arguments: tuple[tuple[str, str], ...], variant: str, *, sees_null: bool
) -> str:
    types = tuple(kind for _, kind in arguments)
    mark = zlib.crc32(repr((types, returns, variant)).encode())
    name = f"trino_{function.__name__.strip('_')}_{mark:08x}"
    if returns in _FLOATS:
        _COLLECTED.get().setdefault(name, Udf(name, _as_text(function), types, "VARCHAR", sees_null))
        return f"CAST(CAST({name}({', '.join(sql for sql, _ in arguments)}) AS DOUBLE) AS {returns})"
    _COLLECTED.get().setdefault(name, Udf(name, function, types, returns, sees_null))
    return f"{name}({', '.join(sql for sql, _ in arguments)})"


def _as_text(function: Callable[..., float | None]) -> Callable[..., str | None]:
    """The function with its number as text: DuckDB takes a NaN that Python returns for NULL."""

    def call(*arguments: Any) -> str | None:
        found = function(*arguments)
        return None if found is None else repr(float(found))

    return call
