"""What the rules engine tells CloudWatch.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/metrics_dimensions.html#rulemetrics
"""

from __future__ import annotations

from typing import Final

from lab.local.monitoring.metrics import Metrics
from lab.local.rules.message import Message

NAMESPACE: Final = "AWS/IoT"


def matched(rule_name: str, message: Message) -> None:
    """Tell that a message came in on a topic that a rule listens to."""
    _metrics(message).count("TopicMatch", {"RuleName": rule_name})


def not_parsed(rule_name: str, message: Message) -> None:
    """Tell that a rule listens and its payload is not JSON."""
    _metrics(message).count("ParseError", {"RuleName": rule_name})


def acted(rule_name: str, action: str, message: Message, name: str) -> None:
    """Tell how an action ended.

    Parameters: action, its name in the API; name, of the metric: Success, Failure, ErrorActionSuccess or
    ErrorActionFailure. The dimension ActionType is the action's type. AWS documents no list of its values: it has the
    name under which the error document shows the action, without its last word.
    """
    _metrics(message).count(name, {"RuleName": rule_name, "ActionType": action[0].upper() + action[1:]})


def _metrics(message: Message) -> Metrics:
    return Metrics(NAMESPACE, message.account, message.region)
