"""How a query fails: Trino's error names, and the words in which Athena tells them.

Names: https://github.com/trinodb/trino/blob/master/core/trino-spi/src/main/java/io/trino/spi/StandardErrorCode.java
Categories: https://docs.aws.amazon.com/athena/latest/APIReference/API_AthenaError.html
"""

from __future__ import annotations

from dataclasses import dataclass

SYSTEM, USER = 1, 2


@dataclass(frozen=True)
class Position:
    """Where in the statement: line and column, both counted from 1."""

    line: int
    column: int

    def __str__(self) -> str:  # noqa: D105
        return f"line {self.line}:{self.column}"


class QueryError(Exception):
    """The execution ends FAILED. ``str()`` is the StateChangeReason: ``NAME: line L:C: message``.

    Parameters: name, Trino's error name; message, its sentence; position, where in the statement, if known;
    category, 1 system, 2 user, 3 other.
    """

    def __init__(self, name: str, message: str, position: Position | None = None, category: int = USER) -> None:
        place = f"{position}: " if position else ""
        super().__init__(f"{name}: {place}{message}")
        self.name = name
        self.message = f"{place}{message}"
        self.position = position
        self.category = category


class SyntaxProblem(Exception):  # noqa: N818 - a problem of the request, not an error of the query
    """The statement is refused at StartQueryExecution (InvalidRequestException, MALFORMED_QUERY)."""

    def __init__(self, message: str, position: Position | None = None) -> None:
        super().__init__(f"{position or Position(1, 1)}: {message}")
        self.message = message
        self.position = position or Position(1, 1)


def not_supported(what: str, position: Position | None = None) -> QueryError:
    """The error of everything that Athena can do and this engine cannot."""
    return QueryError("NOT_SUPPORTED", f"{what} is not supported by this engine", position)
