"""Invocations: made when a schedule is due, tried until they succeed or are given up into the dead-letter queue.

At least once, as AWS: an invocation is on disk before its target is called and leaves the disk afterwards.
Sources: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule.html (retry policy) and
https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html (keywords)
"""

from __future__ import annotations

import json
import logging
import re
import uuid
from collections.abc import Collection
from typing import Any, Final

from lab.local import retries
from lab.local.context import Caller, Context
from lab.local.schedules import dead_letter, expression, planning, target
from lab.local.schedules.store import Store

PRINCIPAL: Final = "scheduler.amazonaws.com"
_FINAL: Final = re.compile(r"AccessDenied|NotAuthorized|Validation|InvalidParameter|InvalidInput|NotFound|NonExistent")

logger = logging.getLogger("lab.schedules")


class Delivery:
    """The invocations of one Scheduler. Parameters: store, its memory."""

    def __init__(self, context: Context, store: Store) -> None:
        self._context = context
        self._store = store

    def plan(self, now: float) -> None:
        """Turn every schedule that is due into an invocation and set its next time.

        Times that passed while nobody watched make one invocation, for the last of them.
        """
        with self._store.lock:
            due = [item for item in self._store.schedules.items() if item[1]["_next"] is not None]
            due = [(key, schedule) for key, schedule in due if schedule["_next"] <= now]
            for key, schedule in due:
                last = float(schedule["_next"])
                oldest = now - schedule["Target"]["RetryPolicy"]["MaximumEventAgeInSeconds"]
                following = planning.next_time(schedule, max(last + 1, oldest))
                while following is not None and following <= now:
                    last, following = following, planning.next_time(schedule, following + 1)
                schedule["_next"] = following
                self._store.invocations[uuid.uuid4().hex] = {
                    "schedule": key,
                    "arn": schedule["Arn"],
                    "target": schedule["Target"],
                    "due": last,
                    "call": planning.invoked_at(schedule, last),
                    "began": planning.invoked_at(schedule, last),
                    "attempts": 0,
                }
            if due:
                self._store.save()

    def waiting(self, now: float) -> list[str]:
        """Return the execution ids of the invocations whose time has come."""
        with self._store.lock:
            return [key for key, invocation in self._store.invocations.items() if invocation["call"] <= now]

    def next_instant(self, apart: Collection[str] = ()) -> float | None:
        """Return when something is to be done next. Parameters: apart, invocations that do not count."""
        with self._store.lock:
            instants = [schedule["_next"] for schedule in self._store.schedules.values()]
            instants += [invocation["call"] for key, invocation in self._store.invocations.items() if key not in apart]
        return min((instant for instant in instants if instant is not None), default=None)

    def attempt(self, execution_id: str) -> None:
        """Call the target of an invocation once; end the invocation, or put it off."""
        invocation = self._store.invocations.get(execution_id)
        if invocation is None:
            return
        policy = invocation["target"]["RetryPolicy"]
        if self._context.now() > invocation["began"] + policy[retries.AGE]:
            code, message = invocation.get("error", ("EventExpired", "The event is older than its maximum age."))
            self._give_up(execution_id, invocation, code, message, retries.AGE)
            return
        invocation["attempts"] += 1
        try:
            target.call(invocation["target"], self._text(execution_id, invocation), self._client(invocation))
        except Exception as error:  # whatever the target answers decides about the retry
            code, message = retries.described(error)
            logger.warning("schedule %s: %s: %s", invocation["arn"], code, message)
            again = self._context.now() + retries.delay(invocation["attempts"])
            condition = retries.exhausted(policy, invocation["attempts"], again - invocation["began"])
            if _FINAL.search(code):
                self._give_up(execution_id, invocation, code, message, "")
            elif condition:
                self._give_up(execution_id, invocation, code, message, condition)
            else:
                with self._store.lock:
                    invocation |= {"call": again, "error": (code, message)}
                    self._store.save()
            return
        self._end(execution_id, invocation)

    def _client(self, invocation: dict[str, Any]) -> target.Client:
        role = invocation["target"]["RoleArn"]
        caller = caller_of(self._context, invocation["schedule"].partition("/")[0])
        return lambda service: self._context.role_client(role, caller, service)

    def _text(self, execution_id: str, invocation: dict[str, Any]) -> str:
        """Return the input with AWS's keywords replaced."""
        text = str(invocation["target"].get("Input") or self._event(invocation))
        words = {
            "schedule-arn": invocation["arn"],
            "scheduled-time": expression.text_of(invocation["due"]),
            "execution-id": execution_id,
            "attempt-number": str(invocation["attempts"]),
        }
        for word, value in words.items():
            text = text.replace(f"<aws.scheduler.{word}>", value)
        return text

    def _event(self, invocation: dict[str, Any]) -> str:
        """Return what a queue, topic or stream gets when the schedule gives no input; an operation gets nothing."""
        if target.UNIVERSAL.match(invocation["target"]["Arn"]):
            return ""
        return json.dumps(
            {
                "version": "0",
                "id": str(uuid.uuid4()),
                "detail-type": "Scheduled Event",
                "source": "aws.scheduler",
                "account": self._context.account,
                "time": expression.text_of(invocation["due"]),
                "region": self._context.region,
                "resources": [invocation["arn"]],
                "detail": "{}",
            }
        )

    def _give_up(self, execution_id: str, invocation: dict[str, Any], code: str, message: str, condition: str) -> None:
        """Tell the dead-letter queue, when there is one, and end the invocation."""
        queue = (invocation["target"].get("DeadLetterConfig") or {}).get("Arn")
        if queue:
            attributes = dead_letter.attributes(execution_id, invocation, code, message, condition)
            try:
                dead_letter.send(self._client(invocation)("sqs"), queue, invocation["target"], attributes)
            except Exception as error:  # AWS drops the event too; only its metrics and our log tell
                logger.error("schedule %s: dead-letter queue %s: %s", invocation["arn"], queue, error)
        self._end(execution_id, invocation)

    def _end(self, execution_id: str, invocation: dict[str, Any]) -> None:
        """Forget an invocation, and its schedule when that is complete and is to be deleted then."""
        with self._store.lock:
            self._store.invocations.pop(execution_id, None)
            schedule = self._store.schedules.get(invocation["schedule"])
            if (
                schedule is not None
                and schedule["State"] == "ENABLED"
                and schedule["_next"] is None
                and schedule["ActionAfterCompletion"] == "DELETE"
            ):
                del self._store.schedules[invocation["schedule"]]
            self._store.save()


def caller_of(context: Context, group: str) -> Caller:
    """Return who assumes the roles of a group's schedules.

    Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    """
    return Caller(PRINCIPAL, f"arn:aws:scheduler:{context.region}:{context.account}:schedule-group/{group}")
