"""What an action of a rule is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from lab.local.rules.effects import Effects
from lab.local.rules.message import Message
from lab.local.rules.templates import template
from lab.local.rules.values import dumps

Fields = dict[str, Any]
"""An action's fields as CreateTopicRule takes them, in camel case."""


@dataclass(frozen=True)
class Delivery:
    """One rule's result on its way to an action. output: what SELECT gave, bytes when the payload is not JSON."""

    rule_name: str
    message: Message
    output: Any
    effects: Effects

    def fill(self, text: Any) -> str:
        """Return a field with its substitution templates filled in."""
        return template(str(text))(self.message)

    @property
    def body(self) -> bytes:
        """The output as it is sent on."""
        return self.output if isinstance(self.output, bytes) else dumps(self.output).encode()

    @property
    def text(self) -> str:
        """The output as text."""
        return self.body.decode("utf-8", errors="replace")


@dataclass(frozen=True)
class Action:
    """A kind of action.

    required: fields that must be there; optional: others that are understood; templates: fields in which ``${…}`` is
    filled in; resource: what ``failedResource`` names; perform: does it, raising ActionError; check: raises RuleError
    for fields whose values are refused.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...]
    templates: tuple[str, ...]
    resource: Callable[[Fields], str]
    perform: Callable[[Fields, Delivery], Awaitable[None]]
    check: Callable[[Fields], None] = lambda _fields: None
