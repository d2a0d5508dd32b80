"""How a function of rule SQL is described."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lab.local.rules.message import Message
from lab.local.rules.values import UNDEFINED


@dataclass(frozen=True)
class Function:
    """A function. fewest, most: how many arguments it takes; with another number its result is Undefined.

    apply: takes the message and the arguments' values.
    """

    fewest: int
    most: int
    apply: Callable[..., Any]

    def __call__(self, message: Message, *values: Any) -> Any:
        """Return the result; Undefined for a wrong number of arguments."""
        if not self.fewest <= len(values) <= self.most:
            return UNDEFINED
        return self.apply(message, *values)


def pure(count: int, apply: Callable[..., Any]) -> Function:
    """Return a function of its arguments alone, of which it takes exactly ``count``."""
    return Function(count, count, lambda _message, *values: apply(*values))
