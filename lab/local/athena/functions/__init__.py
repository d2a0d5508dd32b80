"""Trino's functions, a table for each family: signature, result type and how it is computed."""

from __future__ import annotations

from types import ModuleType

from lab.local.athena.functions import (
    aggregates,
    arrays,
    binary,
    bitwise,
    conversion,
    dates,
    hashes,
    json_functions,
    lambdas,
    maps,
    mathematics,
    regular,
    strings,
    urls,
    windows,
)
from lab.local.athena.functions.signature import Table

_FAMILIES: tuple[ModuleType, ...] = (aggregates, arrays, binary, bitwise, conversion, dates, hashes, json_functions)
_FAMILIES += (lambdas, maps, mathematics, regular, strings, urls, windows)


def _joined() -> Table:
    table: Table = {}
    for family in _FAMILIES:
        for name, overloads in family.TABLE.items():
            table.setdefault(name, []).extend(overloads)
    return table


TABLE: Table = _joined()
