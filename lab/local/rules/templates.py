"""Substitution templates: ``${expression}`` in the fields of actions.

An expression sees the message as it was published, not what SELECT made of it.
Source: https://docs.aws.amazon.com/iot/latest/developerguide/iot-substitution-templates.html
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from lab.local.rules import parse
from lab.local.rules.errors import SqlError
from lab.local.rules.evaluate import Evaluate, compiled
from lab.local.rules.message import Message
from lab.local.rules.values import UNDEFINED, to_text

Fill = Callable[[Message], str]


@lru_cache(maxsize=4096)
def template(text: str) -> Fill:
    """Return the function that fills a template in; Undefined and Null become empty texts.

    Raises: SqlError for an expression that is not accepted or not closed.
    """
    parts = _parts(text)
    if all(isinstance(part, str) for part in parts):
        return lambda _message: text

    def fill(message: Message) -> str:
        return "".join(part if isinstance(part, str) else _text(part, message) for part in parts)

    return fill


def _text(evaluate: Evaluate, message: Message) -> str:
    value = to_text(evaluate(message, message.document))
    return "" if value is UNDEFINED else str(value)


def _parts(text: str) -> list[str | Evaluate]:
    """Split into texts and compiled expressions. A ``}`` inside quotes or an object does not close an expression."""
    parts: list[str | Evaluate] = []
    at = 0
    while (start := text.find("${", at)) >= 0:
        end = _closing(text, start + 2)
        parts += [text[at:start], compiled(parse.expression(text[start + 2 : end]))]
        at = end + 1
    return [*parts, text[at:]]


def _closing(text: str, at: int) -> int:
    depth, quote = 0, ""
    for place in range(at, len(text)):
        sign = text[place]
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign == "{":
            depth += 1
        elif sign == "}":
            if depth == 0:
                return place
            depth -= 1
    raise SqlError(f"The substitution template {text!r} is not closed")
