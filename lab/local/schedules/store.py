"""What Scheduler remembers: groups, schedules, tags, and the invocations under way. One file, replaced whole."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, Final

from lab.local.paths import read, write_private

DEFAULT_GROUP: Final = "default"


class Store:
    """The memory of one Scheduler. Take ``lock`` around every change and its ``save``.

    groups: by name, {"created", "changed", "tags", "token"}; schedules: by ``group/name``, the API's members with three
    of our own, ``_next`` (the next due instant in Unix seconds, or None), ``_token`` and ``_request`` (with what it was
    created, so that the same request may come twice); invocations: by execution id, those that are neither delivered
    nor given up.
    """

    def __init__(self, folder: Path, now: float) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = folder / "scheduler.json"
        self.lock = threading.RLock()
        document = read(self._file) or {}
        self.groups: dict[str, dict[str, Any]] = document.get("groups", {})
        self.groups.setdefault(DEFAULT_GROUP, {"created": now, "changed": now, "tags": {}})
        self.schedules: dict[str, dict[str, Any]] = document.get("schedules", {})
        self.invocations: dict[str, dict[str, Any]] = document.get("invocations", {})

    def save(self) -> None:
        """Write everything to disk before anybody is told of it."""
        write_private(self._file, {"groups": self.groups, "schedules": self.schedules, "invocations": self.invocations})


def key_of(group: str, name: str) -> str:
    """Return the key of a schedule."""
    return f"{group}/{name}"
