"""Show long work as it goes: one changing line in the cell's output, with the elapsed time."""

from __future__ import annotations

import time
from html import escape
from typing import Any, Final

from IPython.display import display

PAUSE_SECONDS: Final = 0.5
#: Key in a display message's transient part, which is told and not saved: there ``lab run`` finds the line to show.
#: Source: https://jupyter-client.readthedocs.io/en/stable/messaging.html#display-data
STEP: Final = "lab_step"


class Live:
    """A line that changes while something runs. Call it with each message; ``done`` ends it.

    As text it is the title alone: what is compared from run to run holds no times.
    """

    def __init__(self, title: str) -> None:
        self._title = title
        self._began = self._shown = time.monotonic()
        begin = self._bundle("begins")
        self._handle: Any = display(begin, raw=True, display_id=True, transient={STEP: title})

    def __call__(self, message: str) -> None:
        """Show a message; more than two a second are left out, so that showing does not slow the work."""
        if time.monotonic() - self._shown >= PAUSE_SECONDS:
            self._shown = time.monotonic()
            self._update(message)

    def done(self, message: str = "done") -> None:
        """Show the last message with a ✓."""
        self._update(f"✓ {message}")

    def _update(self, message: str) -> None:
        self._handle.update(self._bundle(message), raw=True, transient={STEP: message})

    def _bundle(self, message: str) -> dict[str, str]:
        seconds = time.monotonic() - self._began
        html = f"<div><b>{escape(self._title)}</b> {seconds:.0f} s · {escape(message)}</div>"
        return {"text/html": html, "text/plain": self._title}


def listing(title: str, text: str) -> None:
    """Show a long text folded below its title. As plain text it is the title alone."""
    html = f"<details><summary>{escape(title)}</summary><pre>{escape(text)}</pre></details>"
    display({"text/html": html, "text/plain": title}, raw=True)
