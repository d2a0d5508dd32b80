"""The schedules of crawlers: a thread that starts each at its time.

A time that passes while the embedded AWS is down, or while the crawler runs, is skipped, as AWS skips it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Final
from zoneinfo import ZoneInfo

from lab.local.schedules import expression

LONGEST_WAIT_SECONDS: Final = 30.0

logger = logging.getLogger("lab.crawler")


class Clock:
    """Starts what is due.

    Parameters: expressions, returns the cron expression of every scheduled crawler by name; start, starts one; now,
    Unix seconds.
    """

    def __init__(
        self,
        expressions: Callable[[], Mapping[str, str]],
        start: Callable[[str], None],
        now: Callable[[], float],
    ) -> None:
        self._expressions = expressions
        self._start = start
        self._now = now
        self._next: dict[str, tuple[str, float | None]] = {}
        self._changed = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="crawler-schedules", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Look again: a schedule was made, changed or removed."""
        with self._changed:
            self._changed.notify_all()

    def stop(self, deadline: float) -> None:
        """Start nothing more."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(deadline)

    def look(self) -> float:
        """Start what is due and return for how many seconds nothing will be."""
        now = self._now()
        found = self._expressions()
        self._next = {
            name: self._next[name] if self._next.get(name, ("", 0))[0] == text else (text, _after(text, now))
            for name, text in found.items()
        }
        for name, (text, due) in self._next.items():
            if due is not None and due <= now:
                self._next[name] = text, _after(text, now + 1)
                self._start(name)
        waits = [due - now for _, due in self._next.values() if due is not None]
        return max(0.0, min([*waits, LONGEST_WAIT_SECONDS]))

    def _run(self) -> None:
        while not self._stopped:
            try:
                seconds = self.look()
            except Exception:  # the thread outlives what it could not do; the log tells
                logger.exception("crawler schedules")
                seconds = LONGEST_WAIT_SECONDS
            with self._changed:
                if not self._stopped:
                    self._changed.wait(seconds)


def _after(text: str, instant: float) -> float | None:
    return expression.parse(text, ZoneInfo("UTC"), instant).at_or_after(instant)
