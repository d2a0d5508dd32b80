"""Execute one notebook in a process of its own and say how it went."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final

import psutil

from lab.run import folders
from lab.run.catalogue import Notebook
from lab.run.inspection import Value

SECONDS_A_CELL: Final = 1800
LAST_WORDS: Final = 600
#: Variable that every process of one execution inherits, so that none can hide by losing its parent.
MARK: Final = "LAB_EXECUTION"
SECONDS_TO_END: Final = 10
OnCell = Callable[[int, int], None]
OnStep = Callable[[str], None]

_PROCESSES: Final = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["lab.run.worker"])


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


def unheard(*_: object) -> None:
    """Stand in for a listener where nobody watches."""


def execute(
    book: Notebook, values: Mapping[str, Value], output: Path, on_cell: OnCell = unheard, on_step: OnStep = unheard
) -> Outcome:
    """Run a notebook with the given parameters and save it, executed, at ``output``.

    Parameters: on_cell(index, count), called when a cell starts; on_step(message), when a long cell says how far it is.
    When this ends, in whatever way, neither the process nor its kernel nor a child of either is left.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        words = Path(folder) / "words.txt"
        receiver, sender = _PROCESSES.Pipe(duplex=False)
        job = worker_job(book, values, output, words)
        mark = job["environment"][MARK]
        process = _PROCESSES.Process(target=_run, args=(job, sender), name=book.name)
        process.start()
        sender.close()
        try:
            failure = _follow(receiver, on_cell, on_step)
            process.join()
        finally:
            _end(process, mark)
        if failure is None and process.exitcode:
            failure = Failure("ProcessDied", f"exit status {process.exitcode}: {_last_words(words)}", None, "")
    return Outcome(output, time.monotonic() - began, failure)


def worker_job(book: Notebook, values: Mapping[str, Value], output: Path, words: Path) -> dict[str, Any]:
    """Return what the process of a notebook is told: the fields of ``lab.run.worker.Job``."""
    environment = dict(os.environ)
    places = (str(folders.ROOT), environment.get("PYTHONPATH", ""))
    environment["PYTHONPATH"] = os.pathsep.join(place for place in places if place)
    environment[MARK] = uuid.uuid4().hex
    environment["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # the debugger's warning at kernel start; nobody debugs here
    return {
        "source": str(book.path),
        "output": str(output),
        "parameters": dict(values),
        "folder": str(folders.ROOT),
        "seconds_a_cell": SECONDS_A_CELL,
        "environment": environment,
        "words": str(words),
    }


def _run(job: dict[str, Any], events: Connection) -> None:
    """Run in the notebook's process; the import is there already."""
    from lab.run import worker

    worker.run(worker.Job(**job), events)


def _follow(events: Connection, on_cell: OnCell, on_step: OnStep) -> Failure | None:
    failure = None
    while True:
        try:
            event = events.recv()
        except EOFError:
            return failure
        if event["event"] == "cell":
            on_cell(event["index"], event["count"])
        elif event["event"] == "step":
            on_step(event["message"])
        else:
            failure = Failure(event["name"], event["message"], event["index"], event["source"])


def end_descendants() -> None:
    """Kill the process of every notebook under way, and theirs. The embedded AWS is detached and stays."""
    _kill(psutil.Process().children(recursive=True))


def _end(process: BaseProcess, mark: str) -> None:
    """Kill what is left of an execution: its process, the kernel, and whatever a cell started and left."""
    if process.is_alive():
        process.kill()
    process.join()
    left = list(_marked(mark))
    _kill(left)
    psutil.wait_procs(left, timeout=SECONDS_TO_END)


def _marked(mark: str) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark:
                yield process
        except psutil.Error:  # it has ended, or is not ours to look at
            continue


def _kill(processes: Sequence[psutil.Process]) -> None:
    for process in processes:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue


def _last_words(words: Path) -> str:
    said = words.read_text(encoding="utf-8", errors="replace").strip() if words.exists() else ""
    return said[-LAST_WORDS:] or "it said nothing"
