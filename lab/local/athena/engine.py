"""Which module answers which statement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from lab.local.athena import explain, select, statements
from lab.local.athena.classify import Statement
from lab.local.athena.ddl import answer as ddl
from lab.local.athena.ddl import describe, show
from lab.local.athena.ddl.parse import parse as parse_ddl
from lab.local.athena.errors import QueryError, not_supported
from lab.local.athena.parse import parse_query
from lab.local.athena.prepared import PreparedStatements
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
}


def check(statement: Statement) -> None:
    """Refuse a text that is no statement before an execution is made. Raises: SyntaxProblem."""
    if statement.kind == "SELECT":
        parse_query(statement.sql)
    elif statement.kind in ("DDL", "MSCK"):
        try:
            parse_ddl(statement.sql)
        except QueryError:
            return  # a statement, but one that fails: the execution will say why


class Engine:
    """Answers statements."""

    def __init__(self, tools: Tools, prepared: PreparedStatements) -> None:
        self._tools = tools
        self._prepared = prepared

    def run(self, task: Task) -> Outcome:
        """Answer a statement. Raises: QueryError, SyntaxProblem, Cancelled, or an error of the layers below."""
        kind = task.statement.kind
        if kind == "PREPARE":
            return statements.prepare(task, self._prepared, self._tools.objects)
        if kind == "DEALLOCATE":
            return statements.deallocate(task, self._prepared, self._tools.objects)
        if kind == "EXECUTE":
            return self.run(statements.executed(task, self._prepared))
        answer = _ANSWERS.get(kind)
        if answer is None:
            raise not_supported(kind)
        return answer(task, self._tools)
