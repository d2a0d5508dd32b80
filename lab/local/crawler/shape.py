"""What a crawler knows of an object or a table: its classification and its columns; when two of them are one table.

Source: https://docs.aws.amazon.com/glue/latest/dg/crawler-s3-folder-table-partition.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from lab.local.crawler import types
from lab.local.crawler.types import Type

SIMILAR: Final = 0.7
UNKNOWN: Final = "UNKNOWN"


@dataclass(frozen=True)
class Shape:
    """Of an object, or of several.

    classification: parquet, json, csv or UNKNOWN; columns: lower-case names with their types, in order; compression:
    none or gzip; details: further facts of the format, such as the delimiter; paths: the JSON names of the columns.
    """

    classification: str
    columns: dict[str, Type]
    compression: str
    details: dict[str, str]
    paths: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return the shape as JSON holds it."""
        return {**self.__dict__, "columns": list(self.columns.items()), "paths": list(self.paths)}

    @staticmethod
    def read(document: dict[str, Any]) -> Shape:
        """Return the shape that ``document`` wrote."""
        return Shape(**{**document, "columns": dict(document["columns"]), "paths": tuple(document["paths"])})


def merged(shapes: Iterable[Shape]) -> Shape:
    """Return one shape with the columns of all, of the first one's classification; at least one is given."""
    first, *others = shapes
    columns, paths = dict(first.columns), dict.fromkeys(first.paths)
    for other in others:
        if other.classification != first.classification:
            continue
        for name, kind in other.columns.items():
            columns[name] = types.widen(columns.get(name), kind)
        paths |= dict.fromkeys(other.paths)
    return Shape(first.classification, columns, first.compression, first.details, tuple(paths))


def similar(first: Shape, second: Shape) -> bool:
    """Tell whether two shapes are those of one table: the same format, and more than 70 % of their columns agree."""
    if (first.classification, first.details) != (second.classification, second.details):
        return False
    names = {**first.columns, **second.columns}
    agree = [
        name
        for name in names
        if name in first.columns
        and name in second.columns
        and types.compatible(first.columns[name], second.columns[name])
    ]
    return not names or len(agree) / len(names) > SIMILAR


def clusters(shapes: dict[str, Shape]) -> list[list[str]]:
    """Return the names of similar shapes together, the largest cluster first."""
    found: list[tuple[Shape, list[str]]] = []
    for name, shape in shapes.items():
        for index, (known, names) in enumerate(found):
            if similar(known, shape):
                found[index] = merged((known, shape)), [*names, name]
                break
        else:
            found.append((shape, [name]))
    return sorted((names for _, names in found), key=len, reverse=True)
