"""Which module answers which statement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from lab.local.athena import explain, select, statements
from lab.local.athena.caller import Caller
from lab.local.athena.classify import Statement
from lab.local.athena.ddl import answer as ddl
from lab.local.athena.ddl import describe, show
from lab.local.athena.ddl.parse import parse as parse_ddl
from lab.local.athena.dml import ctas, insert, unload
from lab.local.athena.errors import QueryError, not_supported
from lab.local.athena.parse import parse_query
from lab.local.athena.prepared import PreparedStatements
from lab.local.athena.requests import invalid
from lab.local.athena.select import Tools
from lab.local.athena.task import Outcome, Task

Answer = Callable[[Task, Tools], Outcome]

_ANSWERS: Final[dict[str, Answer]] = {
    "SELECT": select.answer,
    "DDL": ddl.answer,
    "MSCK": ddl.answer,
    "SHOW": show.answer,
    "DESCRIBE": describe.answer,
    "EXPLAIN": explain.answer,
    "CTAS": ctas.answer,
    "INSERT": insert.answer,
    "UNLOAD": unload.answer,
}
_WITH_QUERY: Final[dict[str, Callable[[str], ctas.Ctas | insert.Insert | unload.Unload]]] = {
    "CTAS": ctas.parse,
    "INSERT": insert.parse,
    "UNLOAD": unload.parse,
}


def check(statement: Statement, parameters: Sequence[str]) -> None:
    """Refuse a text that is no statement before an execution is made. Raises: SyntaxProblem."""
    if statement.kind == "SELECT":
        parse_query(statement.sql, parameters)
    elif statement.kind in _WITH_QUERY:
        parse_query(_WITH_QUERY[statement.kind](statement.sql).sql, parameters)
    elif statement.kind in ("DDL", "MSCK"):
        with suppress(QueryError):  # a statement, but one that fails: the execution will say why
            parse_ddl(statement.sql)


def check_location(statement: Statement) -> None:
    """Refuse a place of its own for a new table where the workgroup decides about places. Raises: AwsError.

    Source: https://docs.aws.amazon.com/athena/latest/ug/workgroups-troubleshooting.html
    """
    if statement.kind == "CTAS" and "external_location" in ctas.parse(statement.sql).properties:
        raise invalid(ctas.ENFORCED)


class Engine:
    """Answers statements. Parameters: tools, makes those of a caller."""

    def __init__(self, tools: Callable[[Caller], Tools], prepared: PreparedStatements) -> None:
        self._tools = tools
        self._prepared = prepared

    def run(self, task: Task) -> Outcome:
        """Answer a statement. Raises: QueryError, SyntaxProblem, Cancelled, or an error of the layers below."""
        kind = task.statement.kind
        if kind == "PREPARE":
            return statements.prepare(task, self._prepared, self._tools(task.caller).objects)
        if kind == "DEALLOCATE":
            return statements.deallocate(task, self._prepared, self._tools(task.caller).objects)
        if kind == "EXECUTE":
            return self.run(statements.executed(task, self._prepared))
        answer = _ANSWERS.get(kind)
        if answer is None:
            raise not_supported(kind)
        return answer(task, self._tools(task.caller))
