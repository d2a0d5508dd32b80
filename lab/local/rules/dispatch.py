"""From a published message to the actions of every rule that it matches."""

from __future__ import annotations

import base64
import json
import logging
from typing import Any

from lab.local.rules import metrics
from lab.local.rules.action import Delivery
from lab.local.rules.actions import ACTIONS
from lab.local.rules.effects import Effects
from lab.local.rules.errors import ActionError, SqlError
from lab.local.rules.message import Message
from lab.local.rules.query import query
from lab.local.rules.values import UNDEFINED

logger = logging.getLogger("lab.rules")

Rule = dict[str, Any]
"""A stored rule: ruleName, sql, actions, errorAction, ruleDisabled."""


async def run(rule: Rule, message: Message) -> None:
    """Run one rule on a message: its actions in order, and its error action when one of them failed.

    An action that fails does not keep the others from running.
    """
    if rule.get("ruleDisabled"):
        return
    if message.document is UNDEFINED:
        metrics.not_parsed(rule["ruleName"], message)
    try:
        output = query(rule["sql"]).result(message)
    except SqlError as error:  # a rule stored before its SQL was refused
        logger.error("Rule %s cannot run: %s", rule["ruleName"], error)
        return
    if output is UNDEFINED:
        return
    failures = []
    for action in rule["actions"]:
        failure = await _attempt(rule["ruleName"], action, message, output)
        metrics.acted(rule["ruleName"], next(iter(action)), message, "Failure" if failure else "Success")
        if failure is not None:
            failures.append(failure)
    if failures:
        await _report(rule, message, failures)


async def _attempt(rule_name: str, action: dict[str, Any], message: Message, output: Any) -> dict[str, str] | None:
    """Perform an action and return how it failed, or None when it did not."""
    name, fields = next(iter(action.items()))
    try:
        kind = ACTIONS[name]
        effects = Effects(fields["roleArn"], message.account, message.region, rule_name)
        await kind.perform(fields, Delivery(rule_name, message, output, effects))
    except ActionError as error:
        reason = str(error)
    except Exception as error:
        # Whatever it is, the message is answered for by the error action, never lost without a word.
        logger.exception("Rule %s: the action %s failed in a way that is not foreseen", rule_name, name)
        reason = f"{type(error).__name__}: {error}"
    else:
        return None
    return {
        "failedAction": f"{name[0].upper()}{name[1:]}Action",
        "failedResource": ACTIONS[name].resource(fields) if name in ACTIONS else "",
        "errorMessage": reason,
    }


async def _report(rule: Rule, message: Message, failures: list[dict[str, str]]) -> None:
    """Give the failures to the rule's error action; without one, or when it fails too, they are logged."""
    document = error_document(rule["ruleName"], message, failures)
    action = rule.get("errorAction")
    if not action:
        logger.warning("Rule %s failed and has no error action: %s", rule["ruleName"], json.dumps(failures))
        return
    failure = await _attempt(rule["ruleName"], action, message, document)
    told = "ErrorActionFailure" if failure else "ErrorActionSuccess"
    metrics.acted(rule["ruleName"], next(iter(action)), message, told)
    if failure is not None:
        logger.warning("Rule %s: the error action failed: %s", rule["ruleName"], json.dumps(failure))


def error_document(rule_name: str, message: Message, failures: list[dict[str, str]]) -> dict[str, Any]:
    """Return what an error action is given.

    Source: https://docs.aws.amazon.com/iot/latest/developerguide/rule-error-handling.html
    """
    return {
        "ruleName": rule_name,
        "topic": message.topic,
        "cloudwatchTraceId": message.trace_id,
        "clientId": message.client_id or "N/A",
        "sourceIp": message.source_ip,
        "base64OriginalPayload": base64.b64encode(message.payload).decode("ascii"),
        "failures": failures,
    }
