"""Alarms joined to MiniStack, which stores them, tells SNS and keeps their history: what they watch, when they change.

An alarm sees the whole minutes that have passed, each as soon as it is over; on AWS the data come some minutes later.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from lab.local import admission
from lab.local.context import Caller
from lab.local.errors import AwsError
from lab.local.monitoring import evaluation
from lab.local.monitoring.evaluation import COMPARISONS, EXTRA_PERIODS, MISSING, Judgement
from lab.local.service_events import Tell

PRINCIPAL: Final = "cloudwatch.amazonaws.com"
DETAIL_TYPE: Final = "CloudWatch Alarm State Change"
MINUTE_SECONDS: Final = 60
HOUR_SECONDS, DAY_SECONDS, WEEK_SECONDS = 3600, 86400, 604800
SHORT_PERIODS: Final = (10, 20, 30)
STATISTICS: Final = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
ACTIONS: Final = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}
UNSERVED: Final = ("Metrics", "ThresholdMetricId", "EvaluateLowSampleCountPercentile", "EvaluationCriteria")

Alarm = dict[str, Any]
logger = logging.getLogger("lab.monitoring")


def check(alarm: Mapping[str, Any]) -> None:
    """Return when an alarm is one that is evaluated here.

    Raises: AwsError ValidationError that names what is wrong or not served.
    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    """
    for member in UNSERVED:
        if alarm.get(member):
            raise _refusal(f"{member} is not served by this AWS.")
    for member in ("AlarmName", "Namespace", "MetricName"):
        if not alarm.get(member):
            raise _refusal(f"{member} is required.")
    if alarm.get("ComparisonOperator") not in COMPARISONS:
        raise _refusal(f"ComparisonOperator must be one of {', '.join(COMPARISONS)} in this AWS.")
    if (alarm.get("TreatMissingData") or "missing") not in MISSING:
        raise _refusal(f"TreatMissingData must be one of {', '.join(MISSING)}.")
    statistic = alarm.get("Statistic")
    if statistic and statistic not in STATISTICS:
        raise _refusal(f"Statistic must be one of {', '.join(STATISTICS)}.")
    _check_periods(alarm)
    for member in ACTIONS.values():
        for arn in alarm.get(member) or []:
            if not str(arn).startswith("arn:aws:sns:"):
                raise _refusal(f"The action {arn} is not served by this AWS: alarms tell SNS topics.")


def _check_periods(alarm: Mapping[str, Any]) -> None:
    period, periods = _whole(alarm, "Period"), _whole(alarm, "EvaluationPeriods")
    if period not in SHORT_PERIODS and (period < 1 or period % MINUTE_SECONDS):
        raise _refusal("Period must be 10, 20, 30 or a multiple of 60.")
    if periods < 1:
        raise _refusal("EvaluationPeriods must be at least 1.")
    most = WEEK_SECONDS if period >= HOUR_SECONDS else DAY_SECONDS
    if period * periods > most:
        raise _refusal(f"EvaluationPeriods * Period must be <= {most}.")
    if alarm.get("DatapointsToAlarm") and not 1 <= _whole(alarm, "DatapointsToAlarm") <= periods:
        raise _refusal("DatapointsToAlarm must be from 1 to EvaluationPeriods.")


def series(alarm: Mapping[str, Any], now: float) -> list[float | None]:
    """Return the statistic of each period that has passed, oldest first, None where there were no data."""
    from ministack.services import cloudwatch

    period, count = int(alarm["Period"]), int(alarm["EvaluationPeriods"]) + EXTRA_PERIODS
    step = min(period, MINUTE_SECONDS)
    end = now // step * step
    wanted = cloudwatch._dims_key({item["Name"]: item["Value"] for item in alarm.get("Dimensions") or []})
    stored = cloudwatch._metrics.get((alarm["Namespace"], alarm["MetricName"], wanted)) or []
    places: list[list[Any]] = [[] for _ in range(count)]
    for point in stored:
        place = count - 1 - int((end - point["Timestamp"] - 1e-6) // period)
        if point["Timestamp"] < end and place >= 0 and alarm.get("Unit") in (None, "", point["Unit"]):
            places[place].append(point)
    name = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
    return [
        cloudwatch._stat_value(cloudwatch._calc_stats(points), name, points) if points else None for points in places
    ]


def evaluated(tell: Tell) -> Callable[[Callable[[Alarm], None]], Callable[[Alarm], None]]:
    """Return what replaces MiniStack's evaluation, which knows neither dimensions nor periods nor missing data."""

    def replace(_original: Callable[[Alarm], None]) -> Callable[[Alarm], None]:
        def evaluate_alarm(alarm: Alarm) -> None:
            if alarm.get("Namespace") and alarm.get("MetricName"):
                judged = evaluation.judge(alarm, series(alarm, time.time()))
                if judged is not None and judged.state != alarm["StateValue"]:
                    _change(alarm, judged, tell)

        return evaluate_alarm

    return replace


def _change(alarm: Alarm, judged: Judgement, tell: Tell) -> None:
    from ministack.services import cloudwatch

    old = {"value": alarm["StateValue"], "reason": alarm["StateReason"]}
    alarm |= {
        "StateValue": judged.state,
        "StateReason": judged.reason,
        "StateUpdatedTimestamp": int(time.time()),
    }
    cloudwatch._record_history(alarm["AlarmName"], old["value"], judged.state, judged.reason)
    cloudwatch._dispatch_alarm_actions(alarm, old["value"], judged.state, judged.reason)
    cloudwatch._evaluate_parent_alarms(alarm)
    # Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
    now = {"value": judged.state, "reason": judged.reason}
    detail = {"alarmName": alarm["AlarmName"], "state": now, "previousState": old}
    tell(DETAIL_TYPE, detail, (alarm["AlarmArn"],))


def permitted(original: Callable[..., None]) -> Callable[..., None]:
    """Wrap the telling of topics: CloudWatch publishes only where the topic's policy lets it."""

    def dispatch_alarm_actions(alarm: Alarm, old_state: str, new_state: str, reason: str) -> None:
        member = ACTIONS[new_state]
        allowed = []
        for arn in alarm.get(member) or []:
            try:
                admission.require(Caller(PRINCIPAL, alarm["AlarmArn"]), arn)
            except AwsError as error:
                logger.warning("alarm %s: %s", alarm["AlarmName"], error.message)
            else:
                allowed.append(arn)
        original({**alarm, member: allowed}, old_state, new_state, reason)

    return dispatch_alarm_actions


def _whole(alarm: Mapping[str, Any], member: str) -> int:
    try:
        return int(alarm.get(member) or 0)
    except (TypeError, ValueError):
        raise _refusal(f"{member} must be a whole number.") from None


def _refusal(message: str) -> AwsError:
    return AwsError("ValidationError", message)
