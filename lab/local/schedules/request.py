"""What a request may say of a schedule: its members, checked, in the form in which they are kept.

Source: https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Final

from lab.local.errors import AwsError
from lab.local.schedules import expression, target

DEFAULT_GROUP: Final = "default"
EARLIEST_START_SECONDS: Final = 300
MOST_ATTEMPTS: Final = 185
MOST_AGE_SECONDS: Final = 86_400
LEAST_AGE_SECONDS: Final = 60
LONGEST_WINDOW_MINUTES: Final = 1440
_NAME: Final = r"[0-9a-zA-Z\-_.]{1,64}"
_ROLE: Final = r"arn:aws(-[a-z]+)?:iam::\d{12}:role/[\w+=,.@/\-]+"
_QUEUE: Final = r"arn:aws(-[a-z]+)?:sqs:[a-z0-9\-]+:\d{12}:[a-zA-Z0-9\-_]+"


def schedule(payload: dict[str, Any], now: float) -> dict[str, Any]:
    """Return the members of a schedule that a create or update request describes, with AWS's defaults.

    Raises: AwsError ValidationException that names the member.
    """
    zone = str(payload.get("ScheduleExpressionTimezone") or "UTC")
    window = _window(payload.get("FlexibleTimeWindow"))
    start, end = _dates(payload, now)
    text = _text(payload, "ScheduleExpression", 256)
    _expression(text, zone, now)
    found = {
        "Name": name(payload.get("Name"), "name"),
        "GroupName": name(payload.get("GroupName") or DEFAULT_GROUP, "groupName"),
        "ScheduleExpression": text,
        "ScheduleExpressionTimezone": zone,
        "FlexibleTimeWindow": window,
        "State": one_of(payload.get("State") or "ENABLED", "state", ("ENABLED", "DISABLED")),
        "ActionAfterCompletion": one_of(
            payload.get("ActionAfterCompletion") or "NONE", "actionAfterCompletion", ("NONE", "DELETE")
        ),
        "Target": _target(payload.get("Target")),
    }
    if payload.get("Description"):
        found["Description"] = _text(payload, "Description", 512)
    if payload.get("KmsKeyArn"):
        raise AwsError("ValidationException", "KmsKeyArn is not served by this AWS: leave it out.")
    return found | {key: value for key, value in (("StartDate", start), ("EndDate", end)) if value is not None}


def name(value: Any, member: str) -> str:
    """Return a name of letters, digits and ``-_.``, 1 to 64 characters.

    Raises: AwsError ValidationException that names the member.
    """
    return _matching(value, member, _NAME)


def one_of(value: Any, member: str, allowed: tuple[str, ...]) -> str:
    """Return a value of an enumeration.

    Raises: AwsError ValidationException that names the member and the values.
    """
    if value not in allowed:
        raise _refused(value, member, f"Member must satisfy enum value set: [{', '.join(allowed)}]")
    return str(value)


def whole(value: Any, member: str, low: int, high: int) -> int:
    """Return a whole number of a range.

    Raises: AwsError ValidationException that names the member and the bound.
    """
    try:
        number = int(value)
    except (TypeError, ValueError):
        raise _refused(value, member, "Member must be a whole number") from None
    if number < low:
        raise _refused(value, member, f"Member must have value greater than or equal to {low}")
    if number > high:
        raise _refused(value, member, f"Member must have value less than or equal to {high}")
    return number


def _expression(text: str, zone: str, now: float) -> None:
    try:
        times = expression.parse(text, expression.zone_of(zone), now)
    except ValueError as error:
        if "time zone" in str(error):
            raise AwsError("ValidationException", f"Invalid ScheduleExpressionTimezone {zone}.") from None
        raise AwsError("ValidationException", f"Invalid Schedule Expression {text}. ({error})") from None
    if not times.recurring and times.at_or_after(now) is None:
        raise AwsError("ValidationException", f"Invalid Schedule Expression {text}. (the time has passed)")


def _window(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _refused(value, "flexibleTimeWindow", "Member must not be null")
    mode = one_of(value.get("Mode"), "flexibleTimeWindow.mode", ("OFF", "FLEXIBLE"))
    minutes = value.get("MaximumWindowInMinutes")
    if mode == "OFF":
        if minutes is not None:
            raise AwsError("ValidationException", "MaximumWindowInMinutes is for a flexible time window alone.")
        return {"Mode": mode}
    if minutes is None:
        raise AwsError("ValidationException", "MaximumWindowInMinutes is required for a flexible time window.")
    member = "flexibleTimeWindow.maximumWindowInMinutes"
    return {"Mode": mode, "MaximumWindowInMinutes": whole(minutes, member, 1, LONGEST_WINDOW_MINUTES)}


def _dates(payload: dict[str, Any], now: float) -> tuple[float | None, float | None]:
    start, end = (_instant(payload.get(member), member) for member in ("StartDate", "EndDate"))
    if start is not None and start < now - EARLIEST_START_SECONDS:
        raise AwsError("ValidationException", "The StartDate you specify cannot be earlier than 5 minutes ago.")
    if end is not None and end <= now:
        raise AwsError("ValidationException", "The EndDate you specify cannot be in the past.")
    if start is not None and end is not None and end <= start:
        raise AwsError("ValidationException", "The StartDate you specify must come before the EndDate.")
    return start, end


def _instant(value: Any, member: str) -> float | None:
    """Read a timestamp: Unix seconds on the wire, ISO 8601 in a template."""
    if value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        raise _refused(value, member, "Member must be a timestamp") from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _target(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _refused(value, "target", "Member must not be null")
    found = dict(value)
    found["Arn"] = _text(value, "Arn", 1600)
    found["RoleArn"] = _matching(value.get("RoleArn"), "target.roleArn", _ROLE)
    target.check(found)
    policy = value.get("RetryPolicy") or {}
    found["RetryPolicy"] = {
        "MaximumEventAgeInSeconds": whole(
            policy.get("MaximumEventAgeInSeconds", MOST_AGE_SECONDS),
            "target.retryPolicy.maximumEventAgeInSeconds",
            LEAST_AGE_SECONDS,
            MOST_AGE_SECONDS,
        ),
        "MaximumRetryAttempts": whole(
            policy.get("MaximumRetryAttempts", MOST_ATTEMPTS),
            "target.retryPolicy.maximumRetryAttempts",
            0,
            MOST_ATTEMPTS,
        ),
    }
    queue = (value.get("DeadLetterConfig") or {}).get("Arn")
    if queue is not None:
        _matching(queue, "target.deadLetterConfig.arn", _QUEUE)
    return found


def _text(payload: dict[str, Any], member: str, longest: int) -> str:
    value = payload.get(member)
    shown = member[0].lower() + member[1:]
    if not isinstance(value, str) or not value:
        raise _refused(value, shown, "Member must have length greater than or equal to 1")
    if len(value) > longest:
        raise _refused(value, shown, f"Member must have length less than or equal to {longest}")
    return value


def _matching(value: Any, member: str, pattern: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise _refused(value, member, f"Member must satisfy regular expression pattern: {pattern}")
    return value


def _refused(value: Any, member: str, constraint: str) -> AwsError:
    shown = "null" if value is None else f"'{value}'"
    return AwsError(
        "ValidationException",
        f"1 validation error detected: Value {shown} at '{member}' failed to satisfy constraint: {constraint}",
    )
