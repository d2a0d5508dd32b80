"""What goes wrong with rules: SQL that does not parse, a rule that is refused, an action that fails."""

from __future__ import annotations


class SqlError(ValueError):
    """SQL or an expression that the rules engine does not accept."""


class RuleError(ValueError):
    """A rule whose actions are not accepted."""


class ActionError(Exception):
    """An action that failed. The text becomes ``errorMessage`` of the error action's document."""
