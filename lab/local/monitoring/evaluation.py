"""The state that an alarm has for what its metric was.

Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html (its tables are a test),
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html (premature transitions) and
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html (the namespace that ignores)
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

EXTRA_PERIODS: Final = 2
"""Periods before the evaluated ones in which data are looked for when some are missing; AWS's table shows two."""
MISSING: Final = {"missing": "Missing", "ignore": "Ignore", "breaching": "Breaching", "notBreaching": "NonBreaching"}
ALWAYS_IGNORES: Final = "AWS/DynamoDB"
"""The namespace whose alarms ignore missing data whatever they say."""

_Compare = Callable[[float, float], bool]
COMPARISONS: Final[dict[str, tuple[_Compare, str]]] = {
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}


@dataclass(frozen=True)
class Judgement:
    """What an evaluation came to. state: OK, ALARM or INSUFFICIENT_DATA; reason: as the alarm shows it."""

    state: str
    reason: str


def judge(alarm: Mapping[str, Any], values: Sequence[float | None]) -> Judgement | None:
    """Return the state for the values of the last periods, or None when the alarm keeps the one it has.

    Parameters: alarm, its definition; values, one a period and the latest last, None for a period without data:
    EvaluationPeriods and EXTRA_PERIODS before them.
    """
    wanted = int(alarm["EvaluationPeriods"])
    least = int(alarm.get("DatapointsToAlarm") or wanted)
    treat = "ignore" if alarm["Namespace"] == ALWAYS_IGNORES else alarm.get("TreatMissingData") or "missing"
    real = [value for value in values if value is not None][-wanted:]
    breaching = [_breaches(alarm, value) for value in real]
    lacking = wanted - len(real)
    raised = sum(breaching) + (lacking if treat == "breaching" else 0) >= least
    if not real and treat in ("missing", "ignore"):
        return None if treat == "ignore" else _insufficient(wanted)
    if lacking and not raised and treat in ("missing", "ignore") and _early(values, breaching, least):
        return None if treat == "ignore" else _judgement(alarm, real, breaching, True)
    if not real:
        return _by_missing(treat, lacking)
    return _judgement(alarm, real, breaching, raised)


def _breaches(alarm: Mapping[str, Any], value: float) -> bool:
    compare, _ = COMPARISONS[alarm["ComparisonOperator"]]
    return compare(value, float(alarm["Threshold"]))


def _early(values: Sequence[float | None], breaching: Sequence[bool], least: int) -> bool:
    """Tell whether fewer data than DatapointsToAlarm raise the alarm: all breach, and the oldest is old enough."""
    oldest = next(number for number, value in enumerate(values) if value is not None)
    return all(breaching) and len(values) - oldest >= least


def _insufficient(periods: int) -> Judgement:
    return Judgement("INSUFFICIENT_DATA", f"Insufficient Data: {_number(periods, 'datapoint')} unknown.")


def _by_missing(treat: str, periods: int) -> Judgement:
    state = "ALARM" if treat == "breaching" else "OK"
    return Judgement(
        state,
        f"Threshold Crossed: no datapoints were received for {periods} period{'s' if periods > 1 else ''} and "
        f"{_number(periods, 'missing datapoint')} treated as [{MISSING[treat]}].",
    )


def _judgement(alarm: Mapping[str, Any], real: Sequence[float], breaching: Sequence[bool], raised: bool) -> Judgement:
    _, words = COMPARISONS[alarm["ComparisonOperator"]]
    shown = [value for value, breaches in zip(real, breaching, strict=True) if breaches == raised] or list(real)
    verb = ("was" if len(shown) == 1 else "were") + ("" if raised else " not")
    return Judgement(
        "ALARM" if raised else "OK",
        f"Threshold Crossed: {len(shown)} datapoint{'s' if len(shown) > 1 else ''} "
        f"[{', '.join(str(float(value)) for value in shown)}] {verb} {words} the threshold "
        f"({float(alarm['Threshold'])}).",
    )


def _number(count: int, what: str) -> str:
    return f"{count} {what} was" if count == 1 else f"{count} {what}s were"
