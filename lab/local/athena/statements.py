"""PREPARE, EXECUTE and DEALLOCATE PREPARE.

Source: https://docs.aws.amazon.com/athena/latest/ug/sql-prepare.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lab.local.athena import results
from lab.local.athena.classify import classify
from lab.local.athena.errors import QueryError, SyntaxProblem, not_supported
from lab.local.athena.objects import Objects
from lab.local.athena.prepared import PreparedStatements
from lab.local.athena.task import Outcome, Task
from lab.local.athena.tokens import Tokens


def prepare(task: Task, prepared: PreparedStatements, objects: Objects) -> Outcome:
    """Keep a statement under a name in the workgroup. Raises: SyntaxProblem, AwsError for an impossible name."""
    tokens = Tokens(task.statement.sql)
    tokens.take()
    name = tokens.name()
    tokens.expect("FROM")
    text = tokens.rest()
    kind = classify(text).kind
    if kind in ("PREPARE", "EXECUTE", "DEALLOCATE"):
        raise QueryError("NOT_SUPPORTED", f"Invalid statement type for prepared statement: {kind.title()}")
    prepared.put(task.workgroup, name, text)
    return _nothing(task, objects)


def deallocate(task: Task, prepared: PreparedStatements, objects: Objects) -> Outcome:
    """Forget a statement. Raises: QueryError when there is none of that name."""
    tokens = Tokens(task.statement.sql)
    tokens.take()
    tokens.expect("PREPARE")
    name = tokens.name()
    tokens.end()
    if prepared.find(task.workgroup, name) is None:
        raise _not_found(name)
    prepared.remove(task.workgroup, name)
    return _nothing(task, objects)


def executed(task: Task, prepared: PreparedStatements) -> Task:
    """The task that EXECUTE stands for: the statement, with the values of USING or the request's own parameters.

    Raises: QueryError when there is no such statement; SyntaxProblem.
    """
    tokens = Tokens(task.statement.sql)
    tokens.take()
    if tokens.maybe("IMMEDIATE"):
        raise not_supported("EXECUTE IMMEDIATE")
    name = tokens.name()
    given = tuple(_values(tokens)) if tokens.maybe("USING") else ()
    tokens.end()
    text = prepared.find(task.workgroup, name)
    if text is None:
        raise _not_found(name)
    return replace(task, statement=classify(text), parameters=given or task.parameters)


def _values(tokens: Tokens) -> Iterator[str]:
    """The expressions of USING, as written."""
    start, depth = tokens.peek().start, 0
    while True:
        token = tokens.take()
        if token.kind == "end" or (token.upper == "," and depth == 0):
            text = tokens.text[start : token.start].strip()
            if not text:
                raise SyntaxProblem(f"mismatched input '{token.text}'. Expecting: <expression>", tokens.position(token))
            yield text
            if token.kind == "end":
                return
            start = token.end
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.upper, 0)


def _not_found(name: str) -> QueryError:
    return QueryError("NOT_FOUND", f"Prepared statement not found: {name}")


def _nothing(task: Task, objects: Objects) -> Outcome:
    location = f"{task.output}.txt"
    results.write_text(objects, location, [])
    return Outcome(location)
