"""The table that a statement writes to, and how its written partitions become known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lab.local.athena.ddl import partitions as definitions
from lab.local.athena.dml.write import Values, Written
from lab.local.athena.errors import not_supported
from lab.local.athena.query import OutputColumn
from lab.local.athena.results import METADATA
from lab.local.athena.select import Tools
from lab.local.athena.task import Outcome, Task
from lab.local.athena.tokens import Tokens
from lab.local.athena.types import BIGINT

ROWS = (OutputColumn("rows", BIGINT),)


@dataclass(frozen=True)
class TargetName:
    """A table's full name, in lower case."""

    catalog: str
    database: str
    name: str

    def __str__(self) -> str:  # noqa: D105
        return f"{self.catalog}.{self.database}.{self.name}"


def target_name(parts: Sequence[str], task: Task) -> TargetName:
    """The name with what the query's context adds. Raises: QueryError for a catalog that is not Glue's."""
    catalog = parts[-3] if len(parts) > 2 else task.context.catalog
    if task.catalogs.kind(catalog) != "GLUE":
        raise not_supported(f"Writing to the catalog {catalog}")
    return TargetName(catalog, parts[-2] if len(parts) > 1 else task.context.database, parts[-1])


def dotted(tokens: Tokens) -> tuple[str, ...]:
    """A table's name as written. Raises: SyntaxProblem when it has too many parts."""
    start = tokens.peek()
    parts = tokens.dotted()
    if len(parts) > 3:
        tokens.fail(f"a name of at most three parts instead of {start.text}")
    return tuple(parts)


def register(document: Any, wanted: dict[Values, str], known: Sequence[Values], glue: Any) -> None:
    """Make the written partitions known to Glue."""
    definitions.register(document, {values: place for values, place in wanted.items() if values not in known}, glue)


def outcome(result: Written, task: Task, tools: Tools) -> Outcome:
    """Write the manifest, which names each written object on a line, and say what was done.

    Source: https://docs.aws.amazon.com/athena/latest/ug/querying-finding-output-files.html
    """
    manifest = f"{task.output}-manifest.csv"
    tools.objects.put(manifest, "".join(f"{uri}\n" for uri in result.objects).encode(), "text/csv")
    tools.objects.put(f"{task.output}.metadata", METADATA)
    return Outcome(task.output, ROWS, result.scanned, result.rows, manifest)
