"""Events on their way to targets: tried until they arrive, or are given up into the dead-letter queue.

At least once, as AWS: an event that waits for another attempt is on disk, and what arrived leaves the disk only after
the target's own snapshot.
Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
"""

from __future__ import annotations

import json
import logging
import threading
import uuid
from collections.abc import Mapping
from typing import Any, Final

from lab.local import admission, retries
from lab.local.bus import dead_letter, target
from lab.local.context import Caller, Context
from lab.local.monitoring.metrics import Metrics
from lab.local.paths import read, write_private
from lab.local.schedules.target import queue_url
from lab.local.waiting_thread import LONGEST_WAIT_SECONDS, WaitingThread

SAVE_SECONDS: Final = 1.0
KEPT_SECONDS: Final = 5.0
"""How long an event that arrived stays on disk: so old may be what a crash takes from its target."""

logger = logging.getLogger("lab.bus")


class Deliveries:
    """Delivers the events of one embedded AWS. Start and stop it as a worker."""

    def __init__(self, context: Context) -> None:
        self._context = context
        folder = context.state / "bus"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = folder / "events.json"
        self._lock = threading.Lock()
        self._events: dict[str, dict[str, Any]] = read(self._file) or {}
        for event in self._events.values():
            if event.pop("ended", None):  # a crash may have taken it from its target
                event["call"] = context.now()
        self._saved = context.now()
        self._changed = False
        self._metrics = Metrics("AWS/Events", context.account, context.region)
        self._thread = WaitingThread("bus", self._turn)

    def take(self, rule: Mapping[str, Any], to: Mapping[str, Any], event: Mapping[str, Any], text: str) -> None:
        """Take an event over. Parameters: to, the target; event, as it matched; text, what the target is given."""
        now = self._context.now()
        made = {"rule": rule["Arn"], "name": rule["Name"], "target": dict(to), "event": dict(event), "text": text}
        with self._lock:
            self._events[uuid.uuid4().hex] = {**made, "began": now, "call": now, "attempts": 0}
            self._changed = True
        self._thread.wake()

    def start(self) -> None:
        """Go on with what an earlier run left."""
        self._thread.start()

    def stop(self, deadline: float) -> None:
        """Begin nothing more; what waits is on disk."""
        self._thread.stop(deadline)
        self._events = {key: event for key, event in self._events.items() if "ended" not in event}
        self._save()

    def _turn(self) -> float:
        """Send what is due and return for how long nothing will be."""
        with self._lock:
            due = [key for key, event in self._events.items() if event["call"] <= self._context.now()]
        for key in due:
            self._attempt(key)
            if self._context.now() - self._saved >= SAVE_SECONDS:
                self._save()
        if self._changed and self._context.now() - self._saved >= SAVE_SECONDS:
            self._save()
        now = self._context.now()
        with self._lock:
            instants = [event["call"] for event in self._events.values()]
        instants += [self._saved + SAVE_SECONDS] if self._changed else []
        return min((instant - now for instant in instants), default=LONGEST_WAIT_SECONDS)

    def _save(self) -> None:
        with self._lock:
            write_private(self._file, self._events)
            self._saved, self._changed = self._context.now(), False

    def _attempt(self, key: str) -> None:
        """Send an event once; end it, or put it off. One that ended a while ago is forgotten."""
        event = self._events[key]
        if "ended" in event:
            with self._lock:
                del self._events[key]
                self._changed = True
            return
        event["attempts"] += 1
        try:
            target.send(self._context, self._caller(event), event["target"], event["event"], event["text"])
        except Exception as error:  # whatever the target answers decides about the retry
            self._failed(event, *retries.described(error))
        else:
            self._metrics.count("Invocations", {"RuleName": event["name"]})
            self._end(event)

    def _caller(self, event: Mapping[str, Any]) -> Caller:
        return Caller(target.PRINCIPAL, event["rule"])

    def _failed(self, event: dict[str, Any], error: str, message: str) -> None:
        logger.warning("rule %s: %s: %s: %s", event["name"], event["target"]["Arn"], error, message)
        policy = {**retries.DEFAULT, **{name: int(n) for name, n in (event["target"].get("RetryPolicy") or {}).items()}}
        again = self._context.now() + retries.delay(event["attempts"])
        code = dead_letter.code_of(error)
        condition = retries.exhausted(policy, event["attempts"], again - event["began"])
        if code not in dead_letter.FINAL and not condition:
            with self._lock:
                event["call"] = again
                self._changed = True
            return
        for name in ("Invocations", "FailedInvocations"):
            self._metrics.count(name, {"RuleName": event["name"]})
        condition = "" if code in dead_letter.FINAL else condition
        self._tell(event, dead_letter.attributes(event, code, message, condition))
        self._end(event)

    def _tell(self, event: Mapping[str, Any], attributes: Mapping[str, str]) -> None:
        """Tell the dead-letter queue, when there is one."""
        queue = (event["target"].get("DeadLetterConfig") or {}).get("Arn")
        if not queue:
            return
        try:
            admission.require(self._caller(event), queue)
            client = self._context.service_client("sqs")
            client.send_message(
                QueueUrl=queue_url(queue, client.meta.endpoint_url),
                MessageBody=json.dumps(event["event"]),
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
                },
            )
        except Exception as error:  # AWS drops the event too; only its metrics and our log tell
            logger.error("rule %s: dead-letter queue %s: %s", event["name"], queue, error)
            self._metrics.count("InvocationsFailedToBeSentToDlq", {"RuleName": event["name"]})
        else:
            self._metrics.count("InvocationsSentToDlq", {"RuleName": event["name"]})

    def _end(self, event: dict[str, Any]) -> None:
        with self._lock:
            event |= {"ended": True, "call": self._context.now() + KEPT_SECONDS}
            self._changed = True
