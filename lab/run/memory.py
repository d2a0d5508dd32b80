"""Peak memory of this process, its children and the embedded AWS, sampled while notebooks run."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

import psutil

INTERVAL_SECONDS: Final = 1.0


class Peak:
    """Samples resident memory in the background. Use as a context manager; ``bytes`` is the highest sum seen.

    Pages that processes share are counted once a process, so the figure is an upper bound.
    """

    def __init__(self, pids: Sequence[int]) -> None:
        self.bytes = 0
        self._pids = pids
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Self:
        """Begin to sample."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Take the last sample."""
        self._done.set()
        self._thread.join()

    def _sample(self) -> None:
        while True:
            self.bytes = max(self.bytes, sum(resident(pid) for pid in self._pids))
            if self._done.wait(INTERVAL_SECONDS):
                return


def resident(pid: int) -> int:
    """Return the resident bytes of a process and all its descendants; 0 when it has ended."""
    try:
        root = psutil.Process(pid)
        processes = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    total = 0
    for process in processes:
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def companions(state_folder: Path) -> list[int]:
    """Return the process ids of what runs beside the notebooks: the embedded AWS, when there is one."""
    try:
        document = json.loads((state_folder / "run.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return [int(document["pid"])]
