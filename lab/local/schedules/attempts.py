"""Invocations that are due call their targets, each in a thread of its own: a slow target keeps none waiting."""

from __future__ import annotations

import threading

from lab.local.context import Context
from lab.local.schedules.delivery import Delivery
from lab.local.waiting_thread import LONGEST_WAIT_SECONDS, WaitingThread


class Attempts:
    """Runs a delivery. Parameters: context, whose clock counts; delivery, what is to be done."""

    def __init__(self, context: Context, delivery: Delivery) -> None:
        self._context = context
        self._delivery = delivery
        self._under_way: dict[str, threading.Thread] = {}
        self._thread = WaitingThread("scheduler", self._turn)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Look again: a schedule was made, changed or removed."""
        self._thread.wake()

    def stop(self, deadline: float) -> None:
        """Begin nothing more and wait for the calls under way; what they leave is tried after the next start."""
        self._thread.stop(deadline)
        for thread in list(self._under_way.values()):
            thread.join(deadline)

    def _turn(self) -> float:
        """Begin what is due and return for how long nothing will be; what is under way wakes the thread at its end."""
        now = self._context.now()
        self._delivery.plan(now)
        due = self._delivery.waiting(now)
        for execution_id in due:
            if execution_id not in self._under_way:
                thread = threading.Thread(target=self._attempt, args=(execution_id,), daemon=True)
                self._under_way[execution_id] = thread
                thread.start()
        instant = self._delivery.next_instant(due)
        return LONGEST_WAIT_SECONDS if instant is None else instant - self._context.now()

    def _attempt(self, execution_id: str) -> None:
        try:
            self._delivery.attempt(execution_id)
        finally:
            self._under_way.pop(execution_id, None)
            self.wake()
