"""Snapshots: what the services keep in memory goes to disk every two seconds, without stopping them.

MiniStack saves only when it stops in good order. A forked child writes its own frozen copy of memory instead, so that
requests are served on meanwhile; every file is replaced whole. What was acknowledged before the last finished snapshot
survives ``kill -9``.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ministack import app as ministack_app
from ministack.core import persistence

logger = logging.getLogger("lab.persistence")

INTERVAL_SECONDS: Final = 2.0
CHILD_SECONDS: Final = 60.0
MAX_DESCRIPTORS: Final = 1 << 16
HEAVY: Final = frozenset({"dynamodb", "kinesis"})
"""Services whose state is large: written only when they were touched themselves."""


class Snapshots:
    """Writes what changed, at most one child at a time."""

    def __init__(self) -> None:
        self._touched: set[str] = set()

    def touch(self, service: str) -> None:
        """Note that a service's state may have changed. ``*`` stands for all of them."""
        self._touched.add(service)

    async def run(self) -> None:
        """Write a snapshot whenever something changed, until cancelled."""
        while True:
            await asyncio.sleep(INTERVAL_SECONDS)
            if self._touched:
                await self.write()

    async def write(self) -> None:
        """Write one snapshot now and return when it is on disk."""
        touched, self._touched = self._touched, set()
        services = {
            name: get_state
            for name, get_state in ministack_app._build_persistence_save_dict().items()
            if name not in HEAVY or name in touched or "*" in touched
        }
        child = os.fork()
        if child == 0:
            self._write_and_exit(services)
        try:
            status = await asyncio.wait_for(_ended(child), CHILD_SECONDS)
        except TimeoutError:
            os.kill(child, 9)
            status = await _ended(child)
        if status != 0:
            self._touched |= touched
            logger.error("A snapshot failed (status %s); it is tried again.", status)

    def _write_and_exit(self, services: dict[str, Callable[[], object]]) -> None:
        """Be the child: write and end, running none of the parent's clean-up."""
        status = 1
        try:
            logging.disable(logging.CRITICAL)
            os.closerange(3, MAX_DESCRIPTORS)  # sockets and the lock must not outlive the parent in its child
            _save(services)
            status = 0
        finally:
            os._exit(status)


def _save(services: dict[str, Callable[[], object]]) -> None:
    """Write each service's state to its file, whole or not at all."""
    for name, get_state in services.items():
        state = get_state()
        if state is None:  # a module that did not load has nothing to say; its file stays
            continue
        path = Path(persistence.STATE_DIR) / f"{name}.json"
        part = path.with_suffix(".part")
        document = {"__ministack_format__": persistence._state_format_version(name), "payload": state}
        with part.open("w") as file:
            json.dump(document, file, default=persistence._json_default)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)


async def _ended(child: int) -> int:
    """Wait for a child in a thread and return its exit status."""
    _, status = await asyncio.to_thread(os.waitpid, child, 0)
    return os.waitstatus_to_exitcode(status)
