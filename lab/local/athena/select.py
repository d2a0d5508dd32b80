"""Answering a SELECT: analyse, open, run, write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from lab.local.athena import results
from lab.local.athena.analyse import analyse
from lab.local.athena.objects import Objects
from lab.local.athena.query import Query
from lab.local.athena.reader import Opened, Reader
from lab.local.athena.task import Cancelled, Outcome, Task


@dataclass(frozen=True)
class Tools:
    """What statements are answered with. Parameters: glue, makes a client."""

    objects: Objects
    reader: Reader
    glue: Callable[[], Any]


@contextmanager
def opened(query: Query, task: Task, tools: Tools) -> Iterator[Opened]:
    """The query's data, ready to be read, within the workgroup's limit on bytes scanned.

    Raises: Cancelled when the query would read more; QueryError when it cannot read.
    """
    with tools.reader.opened(query, task.catalogs) as ready:
        if task.cutoff is not None and ready.scanned > task.cutoff:
            raise Cancelled("Bytes scanned limit was exceeded", ready.scanned)
        task.planned()
        task.cancellation.watch(ready.connection)
        yield ready


def answer(task: Task, tools: Tools) -> Outcome:
    """Write the rows of a query as CSV. Raises: QueryError, Cancelled, duckdb.Error."""
    query = analyse(task.statement.sql, task.catalogs, task.context, task.parameters)
    location = f"{task.output}.csv"
    with opened(query, task, tools) as ready:
        results.write_csv(
            tools.objects,
            location,
            query.columns,
            connection=ready.connection,
            text_sql=query.text_sql,
            cancellation=task.cancellation,
        )
    return Outcome(location, query.columns, ready.scanned)
