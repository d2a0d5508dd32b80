"""A rule's SQL, ready to run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lab.local.rules import parse
from lab.local.rules.evaluate import Evaluate, compiled, projection
from lab.local.rules.message import Message
from lab.local.rules.values import UNDEFINED, to_boolean


@dataclass(frozen=True)
class Query:
    """A compiled statement. topic_filter: None for Basic Ingest only."""

    topic_filter: str | None
    project: Evaluate
    condition: Evaluate | None

    def result(self, message: Message) -> Any:
        """Return what the rule's actions are given; Undefined when the rule does not apply to the message.

        A payload that is not JSON comes through as bytes where the whole message is selected.
        """
        document = message.document
        if self.condition is not None and to_boolean(self.condition(message, document)) is not True:
            return UNDEFINED
        return self.project(message, document)


@lru_cache(maxsize=1024)
def query(sql: str) -> Query:
    """Compile a rule's SQL.

    Raises: SqlError saying what is not accepted.
    """
    statement = parse.statement(sql)
    condition = compiled(statement.condition) if statement.condition is not None else None
    return Query(statement.topic_filter, projection(statement.items, statement.as_value), condition)
