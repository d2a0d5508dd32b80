"""Where targets of rules join MiniStack, which matches events: what is not served is refused, matches delivered."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final, Protocol

from lab.local.bus import target
from lab.local.edge import Response, error_response
from lab.local.errors import AwsError
from lab.local.hook import Hook

MOST_TARGETS: Final = 5
"""Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html"""

_RATE: Final = re.compile(r"^rate\((\d+) (?:minute|hour|day)(s?)\)$")
_EVENTS: Final = "ministack.services.eventbridge"
Document = Mapping[str, Any]
Put = Callable[..., Response]


class Take(Protocol):
    """Takes an event over for one target."""

    def __call__(self, rule: Document, to: Document, event: Document, text: str, /) -> None:
        """Parameters: event, as it matched; text, what the target is given of it."""


class Matched:
    """Who takes the events that matched a rule."""

    take: Take


def checked(original: Callable[[dict[str, Any]], Response]) -> Callable[[dict[str, Any]], Response]:
    """Wrap PutTargets: a target that would get nothing is refused."""

    @wraps(original)
    def _put_targets(data: dict[str, Any]) -> Response:
        from ministack.services import eventbridge

        asked = data.get("Targets") or []
        known = eventbridge._targets.get(eventbridge._rule_key(data["Rule"], data.get("EventBusName") or "default"), [])
        try:
            for one in asked:
                target.check(one)
            if len({one["Id"] for one in (*known, *asked)}) > MOST_TARGETS:
                raise AwsError(
                    "LimitExceededException", f"The requested resource exceeds {MOST_TARGETS} targets of a rule."
                )
        except AwsError as error:
            return error_response(error)
        return original(data)

    return _put_targets


def with_a_trigger(original: Callable[[dict[str, Any]], Response]) -> Callable[[dict[str, Any]], Response]:
    """Wrap PutRule: a rule has a pattern or a schedule, and ``rate`` has its unit in the number of its value.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
    """

    @wraps(original)
    def _put_rule(data: dict[str, Any]) -> Response:
        schedule = str(data.get("ScheduleExpression") or "")
        rate = _RATE.match(schedule)
        if not schedule and not data.get("EventPattern"):
            message = "Parameter(s) EventPattern or ScheduleExpression must be specified."
            return error_response(AwsError("ValidationException", message))
        if rate and (int(rate[1]) == 1) == bool(rate[2]):
            return error_response(AwsError("ValidationException", "Parameter ScheduleExpression is not valid."))
        return original(data)

    return _put_rule


def well_formed(original: Put) -> Put:
    """Wrap PutEvents: an entry that is none is refused by itself, the others are taken.

    Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html
    """

    @wraps(original)
    def _put_events(data: dict[str, Any], allow_aws_source: bool = False) -> Response:
        entries = data.get("Entries") or []
        problems = [_problem(entry) for entry in entries]
        good = [entry for entry, problem in zip(entries, problems, strict=True) if not problem]
        status, headers, body = original({**data, "Entries": good}, allow_aws_source)
        if status != 200 or len(good) == len(entries):
            return status, headers, body
        taken = iter(json.loads(body)["Entries"])
        results = [problem or next(taken) for problem in problems]
        failed = sum("ErrorCode" in result for result in results)
        return status, headers, json.dumps({"FailedEntryCount": failed, "Entries": results}).encode()

    return _put_events


def _problem(entry: Document) -> dict[str, str]:
    """Return why an entry is no event; nothing when it is one."""
    for member in ("Source", "DetailType", "Detail"):
        if not entry.get(member):
            reason = f"Parameter {member} is not valid. Reason: {member} is a required argument."
            return {"ErrorCode": "InvalidArgument", "ErrorMessage": reason}
    try:
        detail = json.loads(entry["Detail"])
    except (ValueError, RecursionError):
        detail = None
    return {} if isinstance(detail, dict) else {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}


def without_targets(original: Callable[[dict[str, Any]], Response]) -> Callable[[dict[str, Any]], Response]:
    """Wrap DeleteRule: a rule goes after its targets.

    Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteRule.html
    """

    @wraps(original)
    def _delete_rule(data: dict[str, Any]) -> Response:
        from ministack.services import eventbridge

        if eventbridge._targets.get(eventbridge._rule_key(data["Name"], data.get("EventBusName") or "default")):
            return error_response(AwsError("ValidationException", "Rule can't be deleted since it has targets."))
        return original(data)

    return _delete_rule


def delivered(_original: Callable[..., None]) -> Callable[..., None]:
    """Replace the sending of an event, which knows neither permissions nor retries nor dead-letter queues."""

    def _invoke_target(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> None:
        from ministack.core.arn import parse_arn
        from ministack.services import eventbridge

        to = parse_arn(target["Arn"])
        seen = view or eventbridge._pattern_event_view(event)
        whole = seen.event_with_detail()
        given = _given(target, rule, seen)
        here = eventbridge._target_matches_request_scope(to)
        if here and to.resource.removeprefix("event-bus/") in eventbridge._event_buses and to.service == "events":
            eventbridge._dispatch_to_event_bus(to, event, rule, set(event.get("_DispatchPath") or []), given)
        else:
            Matched.take(rule, target, whole, json.dumps(whole) if given is None else given)

    return _invoke_target


def _given(to: Document, rule: Document, view: Any) -> str | None:
    """Return what the target asks for of an event; None for the whole."""
    from ministack.services import eventbridge

    if to.get("InputTransformer"):
        return str(eventbridge._apply_input_transformer(to["InputTransformer"], rule, view))
    if to.get("Input"):
        return str(to["Input"])
    if to.get("InputPath"):
        found: Any = view.event_with_detail()
        for part in filter(None, str(to["InputPath"]).removeprefix("$").split(".")):
            found = found.get(part) if isinstance(found, dict) else None
        return None if found is None else json.dumps(found)
    return None


HOOKS: Final = (
    Hook(_EVENTS, "_put_targets", ("data",), "targets that would get nothing", checked),
    Hook(_EVENTS, "_put_rule", ("data",), "rules that nothing would trigger", with_a_trigger),
    Hook(_EVENTS, "_put_events", ("data", "allow_aws_source"), "entries that are no events", well_formed),
    Hook(_EVENTS, "_delete_rule", ("data",), "rules that still have targets", without_targets),
    Hook(_EVENTS, "_invoke_target", ("target", "event", "rule", "view"), "events on their way to a target", delivered),
    Hook(_EVENTS, "_apply_input_transformer", ("transformer", "rule", "view"), "what a target is given of an event"),
    Hook(_EVENTS, "_pattern_event_view", ("event",), "an event as a target sees it"),
    Hook(
        _EVENTS,
        "_dispatch_to_event_bus",
        ("spec", "event", "rule", "event_path", "target_input_payload"),
        "events that another bus is given",
    ),
    Hook(_EVENTS, "_target_matches_request_scope", ("spec",), "targets in this account and region"),
    Hook("ministack.core.arn", "parse_arn", ("value",), "the ARN of a target"),
    Hook(_EVENTS, "_event_buses", None, "the buses there are"),
    Hook(_EVENTS, "_targets", None, "the targets that a rule has"),
    Hook(_EVENTS, "_rule_key", ("rule_name", "bus_name"), "how the targets of a rule are stored"),
)
