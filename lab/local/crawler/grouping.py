"""Which folders are tables and which are partitions.

Source: https://docs.aws.amazon.com/glue/latest/dg/crawler-s3-folder-table-partition.html and
https://docs.aws.amazon.com/glue/latest/dg/crawler-table-level.html
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from lab.local.crawler.shape import Shape, clusters, merged

_NAMED: Final = re.compile(r"^([^=/]+)=([^/]*)$")


@dataclass(frozen=True)
class Table:
    """A table that was found.

    place: its folder, or its object when several tables share a folder; shape: of all its objects; keys: the names of
    its partition keys; partitions: by their values, the folder and its shape; left_out: folders that do not fit.
    """

    place: str
    shape: Shape
    keys: tuple[str, ...]
    partitions: dict[tuple[str, ...], tuple[str, Shape]]
    left_out: tuple[str, ...]


def tables(root: str, shapes: Mapping[str, Shape]) -> list[Table]:
    """Return the tables below a folder: one where most of what lies side by side is similar, else a level deeper.

    Parameters: root, the folder; shapes, of the objects below it by key.
    """
    below: dict[str, dict[str, Shape]] = {}
    for key, shape in shapes.items():
        name, slash, _ = key[len(root) :].partition("/")
        below.setdefault(root + name + slash, {})[key] = shape
    alike = clusters({child: merged(found.values()) for child, found in below.items()})
    if 2 * len(alike[0]) > len(below):
        first, others = alike[0], [child for names in alike[1:] for child in names]
        chosen = {key: shape for child in first for key, shape in below[child].items()}
        found = [table(root, chosen)]
    else:
        others, found = list(below), []
    for child in others:
        found += tables(child, below[child]) if child.endswith("/") else [table(child, below[child])]
    return found


def level_tables(root: str, level: int, shapes: Mapping[str, Shape]) -> list[Table]:
    """Return one table for each folder of a level, whatever the objects look like.

    Parameters: level, 1 for the bucket, 2 for the folders in it, and so on. Objects above the level make no table.
    """
    groups: dict[str, dict[str, Shape]] = {}
    for key, shape in shapes.items():
        parts = key.split("/")[:-1]
        if len(parts) >= level - 1:
            place = "".join(f"{part}/" for part in parts[: level - 1])
            groups.setdefault(place if len(place) >= len(root) else root, {})[key] = shape
    return [combined(place, found) for place, found in groups.items()]


def combined(root: str, shapes: Mapping[str, Shape]) -> Table:
    """Return one table for a folder: that of the format that most of its objects have."""
    formats = Counter((shape.classification, tuple(sorted(shape.details.items()))) for shape in shapes.values())
    (wanted, _), *_ = formats.most_common(1)
    fitting = {
        key: shape
        for key, shape in shapes.items()
        if (shape.classification, tuple(sorted(shape.details.items()))) == wanted
    }
    return table(root, fitting)


def table(place: str, shapes: Mapping[str, Shape]) -> Table:
    """Return the table of similar objects below a folder, or of one object."""
    folders: dict[str, list[Shape]] = {}
    for key, shape in shapes.items():
        folders.setdefault(key[: key.rfind("/") + 1], []).append(shape)
    parts = {folder: tuple(folder[len(place) :].split("/")[:-1]) for folder in folders}
    (depth, _), *_ = Counter(len(names) for names in parts.values()).most_common(1)
    fitting = {folder: names for folder, names in parts.items() if len(names) == depth}
    keys = _keys(list(fitting.values()), depth)
    partitions = {
        tuple(_value(name) for name in names): (folder, merged(folders[folder])) for folder, names in fitting.items()
    }
    return Table(
        place,
        merged(shape for folder in fitting for shape in folders[folder]),
        keys,
        partitions if depth else {},
        tuple(sorted(set(folders) - set(fitting))),
    )


def _keys(rows: list[tuple[str, ...]], depth: int) -> tuple[str, ...]:
    """Return the names of the partition keys: those of ``key=value``, else ``partition_0`` and so on."""
    found = []
    for level in range(depth):
        names = {match[1].lower() if (match := _NAMED.match(row[level])) else "" for row in rows}
        (name,) = names if len(names) == 1 else ("",)
        found.append(name or f"partition_{level}")
    return tuple(found)


def _value(name: str) -> str:
    match = _NAMED.match(name)
    return unquote(match[2]) if match else name
