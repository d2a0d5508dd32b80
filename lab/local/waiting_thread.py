"""A thread that works whenever its time has come, or when it is woken."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

LONGEST_WAIT_SECONDS: Final = 30.0
"""A computer that slept, or whose clock was set, is noticed after this time."""

logger = logging.getLogger("lab.waiting")


class WaitingThread:
    """Takes turns until it is stopped.

    Parameters: name, of the thread; turn, does what is due and returns for how many seconds nothing will be. What it
    raises is logged, and it is called again.
    """

    def __init__(self, name: str, turn: Callable[[], float]) -> None:
        self._turn = turn
        self._woken = threading.Event()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin with a turn."""
        self._thread.start()

    def wake(self) -> None:
        """Take a turn now: something that decides about the next one was made, changed or removed."""
        self._woken.set()

    def stop(self, deadline: float) -> None:
        """Take no further turn; return when the one under way ended, or after some seconds."""
        self._stopped = True
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(deadline)

    def _run(self) -> None:
        while not self._stopped:
            self._woken.clear()
            try:
                seconds = min(max(self._turn(), 0.0), LONGEST_WAIT_SECONDS)
            except Exception:  # the thread outlives what it could not do; the log tells
                logger.exception("%s", self._thread.name)
                seconds = LONGEST_WAIT_SECONDS
            if not self._stopped:
                self._woken.wait(seconds)
