"""What CreateTopicRule and ReplaceTopicRule refuse.

Source: https://docs.aws.amazon.com/iot/latest/apireference/API_CreateTopicRule.html
"""

from __future__ import annotations

from typing import Any, Final

from lab.local.rules.actions import ACTIONS
from lab.local.rules.errors import RuleError, SqlError
from lab.local.rules.query import query
from lab.local.rules.templates import template

MOST_ACTIONS: Final = 10
VERSIONS: Final = ("2016-03-23",)


def check_rule(payload: dict[str, Any]) -> None:
    """Return when a TopicRulePayload is accepted.

    Raises: SqlError for its SQL, RuleError for its actions.
    """
    sql = payload.get("sql")
    if not isinstance(sql, str) or not sql:
        raise SqlError("sql is required")
    version = payload.get("awsIotSqlVersion") or VERSIONS[0]
    if version not in VERSIONS:
        raise SqlError(f"SQL version {version} is not served by this AWS; use {VERSIONS[0]}")
    query(sql)
    actions = payload.get("actions")
    if not isinstance(actions, list) or len(actions) > MOST_ACTIONS:
        raise RuleError(f"actions must be a list of at most {MOST_ACTIONS} actions")
    for action in actions:
        check_action(action)
    if payload.get("errorAction"):
        check_action(payload["errorAction"])


def check_action(action: Any) -> None:
    """Return when an action is one that is served and its fields are complete.

    Raises: RuleError naming the action and the field.
    """
    if not isinstance(action, dict) or len(action) != 1:
        raise RuleError("Each action must have exactly one kind")
    name, fields = next(iter(action.items()))
    kind = ACTIONS.get(name)
    if kind is None:
        raise RuleError(f"The action {name} is not served by this AWS; it serves {', '.join(sorted(ACTIONS))}")
    if not isinstance(fields, dict):
        raise RuleError(f"The action {name} must be an object")
    missing = [field for field in kind.required if not fields.get(field)]
    unknown = sorted(set(fields) - set(kind.required) - set(kind.optional))
    if missing:
        raise RuleError(f"The action {name} needs {', '.join(missing)}")
    if unknown:
        raise RuleError(f"The action {name} with {', '.join(unknown)} is not served by this AWS")
    kind.check(fields)
    for text in _texts(fields):
        try:
            template(text)
        except SqlError as error:
            raise RuleError(f"The action {name} has a substitution template that is not accepted: {error}") from None


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for member in value.values() for text in _texts(member)]
    return [value] if isinstance(value, str) else []
