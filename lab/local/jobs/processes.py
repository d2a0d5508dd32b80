"""A run's process and everything that it starts: one process group, which ends as a whole."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

LOOK_SECONDS: Final = 1.0
GONE_SECONDS: Final = 10.0


class Group:
    """A started command. Parameters: command, its words; folder, where it works and leaves ``output`` and ``error``."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        with (folder / "output").open("wb") as output, (folder / "error").open("wb") as error:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=error,
                cwd=folder,
                env=environment,
                start_new_session=True,
            )

    @property
    def identity(self) -> dict[str, Any]:
        """What tells this process from a later one of the same number."""
        return {"pid": self._process.pid, "birth": birth(self._process.pid)}

    def wait(self, seconds: float, meanwhile: Callable[[], None]) -> int | None:
        """Return the exit status, or None when the time is over. The group is gone then, whatever it left running.

        Parameters: meanwhile, called about every second.
        """
        deadline = time.monotonic() + seconds
        status: int | None = None
        while status is None and time.monotonic() < deadline:
            try:
                status = self._process.wait(max(0.0, min(LOOK_SECONDS, deadline - time.monotonic())))
            except subprocess.TimeoutExpired:
                meanwhile()
        self.kill()
        if status is None:
            self._process.wait()
        return status

    def kill(self) -> None:
        """End the group at once."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)


def end(identity: dict[str, Any]) -> None:
    """End the group of a process that an earlier run of this program started, if it is still that one."""
    pid = int(identity["pid"])
    if identity["birth"] is None or birth(pid) != identity["birth"]:
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    deadline = time.monotonic() + GONE_SECONDS
    while birth(pid) == identity["birth"] and time.monotonic() < deadline:
        time.sleep(0.01)  # it is no child of this process: there is nothing to wait on


def birth(pid: int) -> str | None:
    """Return when a living process began, in the system's own words, or None when there is none."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return None
        return None if fields[0] == "Z" else fields[19]
    done = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return done.stdout.strip() or None
