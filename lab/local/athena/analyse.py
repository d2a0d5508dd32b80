"""Analysing a SELECT: names, types, functions and Trino's strictness, and the DuckDB SQL that answers it."""

from __future__ import annotations

from collections.abc import Sequence

from lab.local.athena.catalog import Catalog, Context
from lab.local.athena.errors import not_supported
from lab.local.athena.query import Query


def analyse(sql: str, catalog: Catalog, context: Context, parameters: Sequence[str] = ()) -> Query:
    """Analyse a query (SELECT, VALUES, WITH, TABLE) against the catalogue.

    Parameters: parameters, the SQL texts of the values for each ``?``, in order (as in EXECUTE … USING).
    Raises: SyntaxProblem when the text is not a statement; QueryError with Trino's name for everything else.
    """
    raise not_supported("SELECT")
