"""The schedules of crawlers: each is started at its time.

A time that passes while the embedded AWS is down, or while the crawler runs, is skipped, as AWS skips it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from lab.local.schedules import expression
from lab.local.waiting_thread import LONGEST_WAIT_SECONDS


class Starts:
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

    def turn(self) -> float:
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


def _after(text: str, instant: float) -> float | None:
    return expression.parse(text, ZoneInfo("UTC"), instant).at_or_after(instant)
