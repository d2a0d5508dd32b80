"""Where metrics, alarms and metric filters join MiniStack."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from lab.local.edge import Response, Wire
from lab.local.errors import AwsError
from lab.local.hook import Hook
from lab.local.monitoring import alarms, conditions, filters, metrics
from lab.local.service_events import Tell

Put = Callable[..., Response]
_LISTS = tuple(alarms.ACTIONS.values())


def put_alarm(original: Put) -> Put:
    """Wrap PutMetricAlarm: what would not be evaluated is refused."""

    @wraps(original)
    def put_metric_alarm(
        params: dict[str, Any], cbor_data: dict[str, Any], is_cbor: bool, is_json: bool = False
    ) -> Response:
        from ministack.services import cloudwatch

        asked = cbor_data if is_cbor or is_json else _of_form(params)
        try:
            alarms.check(asked)
        except AwsError as error:
            refusal: Response = cloudwatch._error(
                error.code, error.message, error.status, use_json=is_json, use_cbor=is_cbor
            )
            return refusal
        return original(params, cbor_data, is_cbor, is_json)

    return put_metric_alarm


def _of_form(params: dict[str, Any]) -> dict[str, Any]:
    """Return the members of a form: lists of texts gathered, others by their first word."""
    found: dict[str, Any] = {}
    for name, values in params.items():
        member = name.partition(".")[0]
        text = values[0] if isinstance(values, list) else values
        if member in _LISTS:
            found.setdefault(member, []).append(text)
        else:
            found.setdefault(member, text)
    return found


def exact(original: Callable[..., dict[str, str]]) -> Callable[..., dict[str, str]]:
    """Wrap the reading of a question's dimensions: no dimensions mean the metric without any, not all there are."""

    class Exact(dict[str, str]):
        """Dimensions that count even when there are none: MiniStack leaves out those that are false."""

        def __bool__(self) -> bool:
            return True

    return lambda dimensions: Exact(original(dimensions))


def statistics(original: Put) -> Put:
    """Wrap GetMetricStatistics, which in a form reads dimensions by itself: without them it would mix all."""

    @wraps(original)
    def get_metric_statistics(
        params: dict[str, Any], cbor_data: dict[str, Any], is_cbor: bool, is_json: bool = False
    ) -> Response:
        from ministack.services import cloudwatch

        if not (is_cbor or is_json) and "Dimensions.member.1.Name" not in params:
            message = "GetMetricStatistics without Dimensions is served to clients of the JSON protocol alone."
            refusal: Response = cloudwatch._error("InvalidParameterCombination", message, 400)
            return refusal
        return original(params, cbor_data, is_cbor, is_json)

    return get_metric_statistics


def made(original: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
    """Wrap what CloudFormation stores: an alarm that would not be evaluated fails its resource."""

    @wraps(original)
    def cloudformation_put_metric_alarm(alarm: dict[str, Any]) -> None:
        try:
            alarms.check(alarm)
        except AwsError as error:
            raise ValueError(f"{error.message} (Service: CloudWatch, Error Code: {error.code})") from error
        original(alarm)

    return cloudformation_put_metric_alarm


def json_or_query(handler: Wire) -> Wire:
    """Wrap CloudWatch's handler: CBOR, which this process cannot read, is refused.

    Source: https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
    """

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Response:
        if "cbor" in headers.get("smithy-protocol", "") + headers.get("content-type", ""):
            return 415, {"x-amzn-errortype": "UnsupportedProtocol"}, b""
        return await handler(method, path, headers, body, query)

    return handle


def hooks(tell: Tell) -> tuple[Hook, ...]:
    """Return the private names. Parameters: tell, puts the events of alarms on the bus."""
    cloudwatch, logs = "ministack.services.cloudwatch", "ministack.services.cloudwatch_logs"
    put = ("params", "cbor_data", "is_cbor", "is_json")
    return (
        Hook(cloudwatch, "_put_metric_alarm", put, "alarms that cannot be evaluated", put_alarm),
        Hook(cloudwatch, "cloudformation_put_metric_alarm", ("alarm",), "alarms of stacks", made),
        Hook(cloudwatch, "_dims_from_list", ("dimensions",), "statistics without dimensions", exact),
        Hook(cloudwatch, "_get_metric_statistics", put, "statistics asked for in a form", statistics),
        Hook(cloudwatch, "_evaluate_alarm", ("alarm",), "the state of an alarm", alarms.evaluated(tell)),
        Hook(
            cloudwatch,
            "_dispatch_alarm_actions",
            ("alarm", "old_state", "new_state", "reason"),
            "topics whose policy admits CloudWatch",
            alarms.permitted,
        ),
        Hook(cloudwatch, "_evict_old_metrics", (), "old points go while none is added", metrics.evicted),
        Hook(cloudwatch, "_metric_bucket", ("key",), "the stored points of a metric"),
        Hook(cloudwatch, "_dims_key", ("dims",), "how a metric's dimensions are stored"),
        Hook(cloudwatch, "_metrics", None, "what an alarm looks at"),
        Hook(cloudwatch, "_alarms", None, "which alarms there are"),
        Hook(cloudwatch, "_calc_stats", ("points",), "statistics of a period"),
        Hook(cloudwatch, "_stat_value", ("stats", "stat_name", "points"), "one statistic of a period"),
        Hook(
            cloudwatch,
            "_record_history",
            ("alarm_name", "old_state", "new_state", "reason", "alarm_type", "reason_data"),
            "the history of an alarm",
        ),
        Hook(cloudwatch, "_evaluate_parent_alarms", ("child", "seen"), "composite alarms"),
        Hook(cloudwatch, "_error", ("code", "message", "status", "use_json", "use_cbor"), "refusals on the wire"),
        Hook(
            "ministack.core.iam_actions",
            "request_tag_context",
            ("service", "iam_action", "body", "params"),
            "policies that bound metrics by their namespace",
            conditions.namespace,
        ),
        Hook("ministack.services.sqs", "_queues", None, "the queues that are measured"),
        Hook("ministack.services.sqs", "_refresh_counts", ("q",), "how many messages a queue has"),
        Hook(logs, "_put_log_events", ("data",), "events that metric filters count", filters.counted),
        Hook(logs, "_put_metric_filter", ("data",), "filters that cannot count", filters.checked),
        Hook(logs, "_put_subscription_filter", ("data",), "subscriptions that nothing delivers", filters.refused),
        Hook(logs, "_filter_log_events", ("data",), "patterns that are not served", filters.filtered),
        Hook(logs, "_compile_filter_pattern", ("raw",), "the terms of a pattern", filters.pattern),
        Hook(logs, "_metric_filters", None, "the filters of a log group"),
    )
