"""Names of columns that become a table's."""

from __future__ import annotations

from collections.abc import Sequence

from lab.local.athena.errors import Position, QueryError
from lab.local.athena.query import OutputColumn
from lab.local.athena.types import UNKNOWN

_START = Position(1, 1)


def check_names(columns: Sequence[OutputColumn]) -> None:
    """Refuse columns that a table cannot have: nameless, twice the same, or without a type.

    Raises: QueryError, with the words that awswrangler looks for.
    """
    seen: set[str] = set()
    for place, column in enumerate(columns, 1):
        if not column.named:
            raise QueryError("MISSING_COLUMN_NAME", f"Column name not specified at position {place}", _START)
        if column.type == UNKNOWN:
            raise QueryError("COLUMN_TYPE_UNKNOWN", f"Column type is unknown: {column.name}", _START)
        if column.name.lower() in seen:
            message = f"Column name '{column.name}' specified more than once"
            raise QueryError("DUPLICATE_COLUMN_NAME", message, _START)
        seen.add(column.name.lower())
