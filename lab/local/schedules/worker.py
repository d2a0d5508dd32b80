"""The thread that waits for the next instant and lets every due invocation call its target."""

from __future__ import annotations

import logging
import threading
from typing import Final

from lab.local.context import Context
from lab.local.schedules.delivery import Delivery

LONGEST_WAIT_SECONDS: Final = 30.0
"""A computer that slept, or whose clock was set, is noticed after this time."""

logger = logging.getLogger("lab.schedules")


class Ticker:
    """Runs a delivery. Parameters: context, whose clock counts; delivery, what is to be done."""

    def __init__(self, context: Context, delivery: Delivery) -> None:
        self._context = context
        self._delivery = delivery
        self._changed = threading.Condition()
        self._stopped = False
        self._under_way: dict[str, threading.Thread] = {}
        self._thread = threading.Thread(target=self._run, name="scheduler", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Look again: a schedule was made, changed or removed."""
        with self._changed:
            self._changed.notify_all()

    def stop(self, deadline: float) -> None:
        """Begin nothing more and wait for the calls under way; what they leave is tried after the next start."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(deadline)
        for thread in list(self._under_way.values()):
            thread.join(deadline)

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._stopped:
                    return
                self._changed.wait(self._seconds())
                if self._stopped:
                    return
            try:
                self._delivery.plan(self._context.now())
                self._begin()
            except Exception:  # the thread outlives what it could not do; the log tells
                logger.exception("scheduler")

    def _seconds(self) -> float:
        """Return how long nothing is to be done. Those under way wake the thread themselves when they end."""
        due = set(self._delivery.waiting(self._context.now()))
        if due - self._under_way.keys():
            return 0.0
        instant = self._delivery.next_instant(due)
        if instant is None:
            return LONGEST_WAIT_SECONDS
        return min(max(0.0, instant - self._context.now()), LONGEST_WAIT_SECONDS)

    def _begin(self) -> None:
        for execution_id in self._delivery.waiting(self._context.now()):
            if execution_id not in self._under_way:
                thread = threading.Thread(target=self._attempt, args=(execution_id,), daemon=True)
                self._under_way[execution_id] = thread
                thread.start()

    def _attempt(self, execution_id: str) -> None:
        try:
            self._delivery.attempt(execution_id)
        finally:
            self._under_way.pop(execution_id, None)
            self.wake()
