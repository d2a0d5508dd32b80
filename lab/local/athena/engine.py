"""Which module answers which statement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from lab.local.athena import select
from lab.local.athena.classify import Statement
from lab.local.athena.errors import not_supported
from lab.local.athena.parse import parse_query
from lab.local.athena.prepared import PreparedStatements
from lab.local.athena.select import Tools
from lab.local.athena.task import Outcome, Task

Answer = Callable[[Task, Tools], Outcome]

_ANSWERS: Final[dict[str, Answer]] = {"SELECT": select.answer}


def check(statement: Statement) -> None:
    """Refuse a text that is no statement before an execution is made. Raises: SyntaxProblem."""
    if statement.kind == "SELECT":
        parse_query(statement.sql)


class Engine:
    """Answers statements."""

    def __init__(self, tools: Tools, prepared: PreparedStatements) -> None:
        self._tools = tools
        self._prepared = prepared

    def run(self, task: Task) -> Outcome:
        """Answer a statement. Raises: QueryError, SyntaxProblem, Cancelled, or an error of the layers below."""
        answer = _ANSWERS.get(task.statement.kind)
        if answer is None:
            raise not_supported(task.statement.kind)
        return answer(task, self._tools)
