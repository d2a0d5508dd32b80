"""Metric filters: what comes into a log group and matches is counted, which MiniStack leaves out.

Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricTransformation.html
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from lab.local.edge import Response, error_response
from lab.local.errors import AwsError
from lab.local.monitoring.metrics import of_request
from lab.local.monitoring.pattern import Matches, compiled

Operation = Callable[[dict[str, Any]], Response]


def checked(original: Operation) -> Operation:
    """Wrap PutMetricFilter: what would not be counted is refused."""

    @wraps(original)
    def put_metric_filter(data: dict[str, Any]) -> Response:
        try:
            compiled(data.get("filterPattern") or "")
            for transformation in data.get("metricTransformations") or []:
                _value(transformation)
        except AwsError as error:
            return error_response(error)
        return original(data)

    return put_metric_filter


def refused(original: Operation) -> Operation:
    """Replace PutSubscriptionFilter: nothing here takes what it would send."""

    @wraps(original)
    def put_subscription_filter(_data: dict[str, Any]) -> Response:
        return error_response(
            AwsError("InvalidParameterException", "logs:PutSubscriptionFilter is not served by this AWS.")
        )

    return put_subscription_filter


def filtered(original: Operation) -> Operation:
    """Wrap FilterLogEvents: a pattern that is not served is refused."""

    @wraps(original)
    def filter_log_events(data: dict[str, Any]) -> Response:
        try:
            compiled(data.get("filterPattern") or "")
        except AwsError as error:
            return error_response(error)
        return original(data)

    return filter_log_events


def pattern(_original: Callable[[str], Matches]) -> Callable[[str], Matches]:
    """Replace the reading of patterns, whose terms count their case on AWS."""
    return lambda raw: compiled(raw or "")


def counted(original: Operation) -> Operation:
    """Wrap PutLogEvents: events that were taken pass the filters of their group."""

    @wraps(original)
    def put_log_events(data: dict[str, Any]) -> Response:
        answer = original(data)
        if answer[0] == 200:
            _count(data["logGroupName"], data["logEvents"])
        return answer

    return put_log_events


def _count(group: str, events: list[dict[str, Any]]) -> None:
    from ministack.services import cloudwatch_logs

    for (of, _), known in list(cloudwatch_logs._metric_filters.items()):
        if of != group:
            continue
        matches = compiled(known["filterPattern"] or "")
        matched = [event for event in events if matches(event.get("message", ""))]
        for transformation in known["metricTransformations"]:
            metrics = of_request(transformation["metricNamespace"])
            unit, name = transformation.get("unit") or "None", transformation["metricName"]
            for event in matched:
                metrics.add(name, _value(transformation), unit, {}, event["timestamp"] / 1000)
            if not matched and transformation.get("defaultValue") is not None:
                metrics.add(name, float(transformation["defaultValue"]), unit, {})


def _value(transformation: dict[str, Any]) -> float:
    """Return what each matching event counts.

    Raises: AwsError InvalidParameterException for a value or dimensions that are taken from the event.
    """
    text = str(transformation.get("metricValue", ""))
    if transformation.get("dimensions"):
        raise AwsError("InvalidParameterException", "The dimensions of a metric filter are not served by this AWS.")
    try:
        return float(text)
    except ValueError:
        raise AwsError(
            "InvalidParameterException", f"The metric value {text!r} is not served by this AWS: it takes a number."
        ) from None
