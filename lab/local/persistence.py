"""Snapshots: what the services keep in memory goes to disk every two seconds, without stopping them.

MiniStack saves only when it stops in good order. A forked child writes its own frozen copy of memory instead, so that
requests are served on meanwhile; every file is replaced whole. What was acknowledged before the last finished snapshot
survives ``kill -9``.
"""

from __future__ import annotations

import asyncio
import copy
import ctypes
import gc
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from ministack import app as ministack_app
from ministack.core import persistence

logger = logging.getLogger("lab.persistence")

LONGEST_PAUSE_SECONDS: Final = 2.0
SHORTEST_PAUSE_SECONDS: Final = 0.5
LOSS_SECONDS: Final = 4.0
"""Within this time a change is meant to be on disk: a snapshot under way, the pause after it, and the next one."""
CHILD_SECONDS: Final = 60.0
MAX_DESCRIPTORS: Final = 1 << 16
HEAVY: Final = frozenset({"dynamodb", "kinesis"})
"""Services whose state is large: written only when they were touched themselves."""
PARENT_DEATH_SIGNAL: Final = 1
"""PR_SET_PDEATHSIG of prctl(2)."""


class Snapshots:
    """Writes what changed, at most one child at a time."""

    def __init__(self) -> None:
        self._touched: set[str] = set()
        self._seconds = 0.0
        self._child: int | None = None
        self._closed = False

    def touch(self, service: str) -> None:
        """Note that a service's state may have changed. ``*`` stands for all of them."""
        self._touched.add(service)

    async def run(self) -> None:
        """Write a snapshot whenever something changed, until cancelled. Long snapshots follow each other closer."""
        while True:
            pause = min(LONGEST_PAUSE_SECONDS, LOSS_SECONDS - 2 * self._seconds)
            await asyncio.sleep(max(SHORTEST_PAUSE_SECONDS, pause))
            if self._touched:
                await self.write()

    async def write(self) -> None:
        """Write one snapshot now and return when it is on disk."""
        if self._closed:
            return
        touched, self._touched = self._touched, set()
        services = {
            name: get_state
            for name, get_state in ministack_app._build_persistence_save_dict().items()
            if name not in HEAVY or name in touched or "*" in touched
        }
        began, parent = time.monotonic(), os.getpid()
        child = os.fork()
        if child == 0:
            _write_and_exit(services, parent)
        self._child = child
        try:
            status = await asyncio.wait_for(_ended(child), CHILD_SECONDS)
        except TimeoutError:
            os.kill(child, signal.SIGKILL)
            status = await _ended(child)
        self._child = None
        self._seconds = time.monotonic() - began
        if status != 0 and not self._closed:
            self._touched |= touched
            logger.error("A snapshot failed (status %s); it is tried again.", status)

    def close(self) -> None:
        """End: MiniStack saves everything when it stops, and an older snapshot must not come after that."""
        self._closed = True
        if self._child is not None:
            os.kill(self._child, signal.SIGKILL)


def _write_and_exit(services: dict[str, Callable[[], object]], parent: int) -> None:
    """Be the child: write and end, running none of the parent's clean-up."""
    status = 1
    try:
        logging.disable(logging.CRITICAL)
        _die_with(parent)
        os.closerange(3, MAX_DESCRIPTORS)  # sockets and the lock must not outlive the parent in its child
        gc.disable()
        copy.deepcopy = _itself  # type: ignore[assignment]  # nobody changes this copy of memory
        _save(services, parent)
        status = 0
    finally:
        os._exit(status)


def _die_with(parent: int) -> None:
    """Let the kernel end this child with its parent: its snapshot would overwrite those of the next start."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _itself(value: Any, _memo: Any = None) -> Any:
    return value


def _save(services: dict[str, Callable[[], object]], parent: int) -> None:
    """Write each service's state to its file when it changed, whole or not at all."""
    for name, get_state in services.items():
        state = get_state()
        if state is None:  # a module that did not load has nothing to say; its file stays
            continue
        path = Path(persistence.STATE_DIR) / f"{name}.json"
        part = path.with_suffix(".part")
        document = {"__ministack_format__": persistence._state_format_version(name), "payload": state}
        text = json.dumps(document, default=persistence._json_default).encode()
        if path.exists() and path.stat().st_size == len(text) and path.read_bytes() == text:
            continue
        with part.open("wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if os.getppid() != parent:
            return
        part.replace(path)


async def _ended(child: int) -> int:
    """Wait for a child in a thread and return its exit status."""
    _, status = await asyncio.to_thread(os.waitpid, child, 0)
    return os.waitstatus_to_exitcode(status)
