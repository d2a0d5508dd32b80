"""From rule SQL to its syntax tree: statements.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-reference.html
"""

from __future__ import annotations

from lab.local.rules.errors import SqlError
from lab.local.rules.expression import Parser
from lab.local.rules.tree import Node, Statement


def statement(sql: str) -> Statement:
    """Return a rule's statement.

    Raises: SqlError naming the word that does not fit.
    """
    parser = Parser(sql)
    parser.keyword("SELECT")
    items, as_value = parser.select_list()
    topic_filter = None
    if parser.accept("FROM"):
        topic_filter = parser.text("a topic filter in single quotes")
        _check_filter(topic_filter)
    condition = parser.expression() if parser.accept("WHERE") else None
    parser.end()
    return Statement(items, as_value, topic_filter, condition)


def expression(text: str) -> Node:
    """Return one expression, as it stands in a substitution template.

    Raises: SqlError naming the word that does not fit.
    """
    parser = Parser(text)
    node = parser.expression()
    parser.end()
    return node


def _check_filter(topic_filter: str) -> None:
    """Refuse a filter in which a wildcard is not a level of its own, or ``#`` is not the last."""
    levels = topic_filter.split("/")
    for place, level in enumerate(levels):
        misplaced = level == "#" and place != len(levels) - 1
        if misplaced or (len(level) > 1 and ("#" in level or "+" in level)):
            raise SqlError(f"Invalid topic filter {topic_filter!r}")
    if not topic_filter or len(topic_filter.encode()) > 256:
        raise SqlError(f"A topic filter has 1 to 256 bytes, this one has {len(topic_filter.encode())}")
