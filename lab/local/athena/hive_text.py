"""What Hive's statements answer with: columns of text, the cells filled up with spaces.

Source: https://docs.aws.amazon.com/athena/latest/ug/ddl-reference.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lab.local.athena.query import OutputColumn
from lab.local.athena.types import ColumnInfo, Type

WIDTH: Final = 20


@dataclass(frozen=True)
class HiveString(Type):
    """The type ``string``, which Athena reports for the answers of SHOW and DESCRIBE and for nothing else."""

    @property
    def name(self) -> str:  # noqa: D102
        return "string"

    @property
    def storage(self) -> str:  # noqa: D102
        return "VARCHAR"

    @property
    def info(self) -> ColumnInfo:  # noqa: D102
        return ColumnInfo("string", 0, 0)


def columns(*names: str) -> tuple[OutputColumn, ...]:
    """Columns of text with these names."""
    return tuple(OutputColumn(name, HiveString()) for name in names)


def padded(cells: Sequence[str]) -> list[str]:
    """The cells, each at least twenty characters wide."""
    return [cell.ljust(WIDTH) for cell in cells]
