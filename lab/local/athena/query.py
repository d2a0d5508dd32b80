"""The result of analysing a SELECT: everything that is needed to run it and to write its result.

How to run one: open a DuckDB database with ``SET TimeZone='UTC'``; for each ``TableUse`` create a view or
relation named ``use.relation`` with the columns ``use.columns`` (lower-case names, exactly the types'
``storage``); register each of ``udfs``; lock the database; then execute ``sql`` for values (Parquet: CTAS,
UNLOAD, INSERT) or ``text_sql`` for cells (CSV, API). Both give the same rows in the same order with columns
``c0``, ``c1`` …; ``columns`` holds the names and types to report.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Any

from lab.local.athena.catalog import Table
from lab.local.athena.types import Type

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class OutputColumn:
    """A column of the result. ``name`` as Athena reports it; ``named`` is False when it is a made-up ``_col<i>``
    (CTAS and UNLOAD must refuse those: ``Column name not specified``).
    """

    name: str
    type: Type
    named: bool = True


@dataclass(frozen=True)
class TableUse:
    """One mention of a base table in the query.

    Parameters: relation, the DuckDB name to create; columns, the referenced columns (for bytes scanned; the relation
    may hold more, it must hold these); partition_filter, a DuckDB boolean expression over the quoted partition column
    names: a partition for which it is not TRUE cannot contribute rows (None = all can). Evaluate it over a relation of
    the partitions' typed values; it may call the query's ``udfs``. partition_values: for equality and IN on a partition
    column, the possible values (Python str, int, date …): for injected partition projection.
    """

    table: Table
    relation: str
    columns: tuple[str, ...]
    partition_filter: str | None = None
    partition_values: dict[str, frozenset[Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Udf:
    """A Python function that the SQL calls; NULL in gives NULL out unless ``sees_null``."""

    name: str
    function: Callable[..., Any]
    parameters: tuple[str, ...]
    returns: str
    sees_null: bool = False

    def register(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make the function known to the connection's database; not as volatile, or TRY could not hold it."""
        connection.create_function(  # type: ignore[call-overload]
            self.name,
            _of_arity(self.function if self.sees_null else _strict(self.function), len(self.parameters)),
            list(self.parameters),
            self.returns,
            null_handling="special",
        )


def _strict(function: Callable[..., Any]) -> Callable[..., Any]:
    # DuckDB's own NULL handling forbids the function to return NULL, so it is done here.
    def call(*arguments: Any) -> Any:
        return None if any(argument is None for argument in arguments) else function(*arguments)

    return call


def _of_arity(function: Callable[..., Any], count: int) -> Callable[..., Any]:
    """The function with so many parameters to see: DuckDB compares their number with that of the types."""

    def call(*arguments: Any) -> Any:
        return function(*arguments)

    names = [Parameter(f"a{i}", Parameter.POSITIONAL_ONLY) for i in range(count)]
    call.__signature__ = Signature(names)  # type: ignore[attr-defined]
    return call


@dataclass(frozen=True)
class Query:
    """An analysed SELECT. ``parameters`` is the number of ``?`` it holds."""

    columns: tuple[OutputColumn, ...]
    tables: tuple[TableUse, ...]
    sql: str
    text_sql: str
    udfs: tuple[Udf, ...]

    @property
    def settings(self) -> tuple[str, ...]:
        """Statements that come before the query.

        DuckDB computes a repeated expression once, ahead of the TRY around it: its failure would not be caught.
        """
        return ("SET disabled_optimizers = 'common_subexpressions'",) if "TRY(" in self.sql else ()
