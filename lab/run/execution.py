"""Execute one notebook in a process of its own and say how it went."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import psutil

from lab.run import folders
from lab.run.catalogue import Notebook
from lab.run.inspection import Value

SECONDS_A_CELL: Final = 1800
LAST_WORDS: Final = 600
OnCell = Callable[[int, int], None]


@dataclass(frozen=True)
class Failure:
    """Why a notebook failed. cell: its position in the output notebook, or None when no cell did it."""

    name: str
    message: str
    cell: int | None
    source: str


@dataclass(frozen=True)
class Outcome:
    """One execution: the output notebook (written also when it failed), seconds, and the failure if there was one."""

    output: Path
    seconds: float
    failure: Failure | None


def execute(book: Notebook, values: Mapping[str, Value], output: Path, on_cell: OnCell) -> Outcome:
    """Run a notebook with the given parameters and save it, executed, at ``output``.

    Parameters: on_cell(index, count), called when a cell starts.
    When this ends, in whatever way, neither the process nor its kernel nor a child of either is left.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    job = {
        "source": str(book.path),
        "output": str(output),
        "parameters": dict(values),
        "folder": str(folders.ROOT),
        "seconds_a_cell": SECONDS_A_CELL,
    }
    with tempfile.TemporaryFile("w+", encoding="utf-8") as complaints:
        process = _start(job, complaints)
        try:
            failure = _follow(process, on_cell)
            status = process.wait()
        finally:
            _end(process)
        if failure is None and status:
            failure = Failure("ProcessDied", f"exit status {status}: {_last_words(complaints)}", None, "")
    return Outcome(output, time.monotonic() - began, failure)


def _start(job: dict[str, Any], complaints: IO[str]) -> subprocess.Popen[str]:
    environment = dict(os.environ)
    environment["PYTHONPATH"] = os.pathsep.join(
        part for part in (str(folders.ROOT), environment.get("PYTHONPATH", "")) if part
    )
    environment["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # the debugger's warning at kernel start; nobody debugs here
    process = subprocess.Popen(
        [sys.executable, "-m", "lab.run.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=complaints,
        text=True,
        env=environment,
        cwd=folders.ROOT,
        start_new_session=True,  # Ctrl-C reaches the runner only, which then ends the whole tree
    )
    if process.stdin is not None:
        process.stdin.write(json.dumps(job))
        process.stdin.close()
    return process


def _follow(process: subprocess.Popen[str], on_cell: OnCell) -> Failure | None:
    failure = None
    for line in process.stdout or ():
        event = json.loads(line)
        if event["event"] == "cell":
            on_cell(event["index"], event["count"])
        else:
            failure = Failure(event["name"], event["message"], event["index"], event["source"])
    return failure


def end_descendants() -> None:
    """Kill every process that this one has started, and theirs. The embedded AWS is detached and stays."""
    _kill(psutil.Process().children(recursive=True))


def _end(process: subprocess.Popen[str]) -> None:
    """Kill what is left of a process tree. A finished worker has ended its kernel itself."""
    if process.poll() is not None:
        return
    try:
        tree = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        tree = []
    process.kill()
    _kill(tree)
    process.wait()


def _kill(processes: Sequence[psutil.Process]) -> None:
    for process in processes:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue


def _last_words(complaints: IO[str]) -> str:
    complaints.seek(0)
    return complaints.read().strip()[-LAST_WORDS:] or "it said nothing"
