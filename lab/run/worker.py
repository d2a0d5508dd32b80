"""What runs in the process of one notebook: papermill, saying each cell and step over a pipe.

One process a notebook: kernels of an earlier one cannot linger, memory does not grow, a crash takes nothing along. The
processes are forked from one that has imported this module: papermill's import takes longer than a short notebook.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import lab.schemas  # noqa: F401 - before papermill, which imports jsonschema  # isort: skip
import papermill
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, papermill_engines
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from lab.notebook.live import STEP

ENGINE: Final = "lab"


@dataclass(frozen=True)
class Job:
    """One execution. environment: all variables of the process; words: a file for what the process prints itself."""

    source: str
    output: str
    parameters: dict[str, Any]
    folder: str
    seconds_a_cell: int
    environment: dict[str, str]
    words: str


def run(job: Job, events: Connection) -> None:
    """Execute a job, send ``{"event": "cell" | "step" | "failed", …}`` and end the process."""
    os.setsid()  # Ctrl-C reaches the runner only, which then ends the whole tree
    os.environ.clear()
    os.environ.update(job.environment)
    os.chdir(job.folder)
    words = os.open(job.words, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(words, stream)
    sys.exit(_execute(job, events))


def _execute(job: Job, events: Connection) -> int:
    papermill_engines.register(ENGINE, _engine(events))
    try:
        document = papermill.execute_notebook(
            job.source,
            job.output,
            parameters=job.parameters,
            engine_name=ENGINE,
            kernel_name="python3",
            cwd=job.folder,
            progress_bar=False,
            execution_timeout=job.seconds_a_cell,
            config=_sockets(Path(job.words).parent),
        )
    except PapermillExecutionError as error:
        return _fail(events, error.ename, _told(error), error.cell_index, error.source)
    except Exception as error:  # a dead kernel, a timeout, a notebook that cannot be read: all are told the same way
        return _fail(events, type(error).__name__, str(error), None, "")
    return _swallowed(document, events)


def _sockets(folder: Path) -> Config:
    """Let the kernel speak over sockets in a folder of its own instead of ports.

    Kernels that start at one moment can be given the same free port, and the later one dies. Where the system has no
    such sockets, ports it is.
    Source: https://jupyter-client.readthedocs.io/en/stable/api/jupyter_client.html
    """
    if os.name != "posix":
        return Config()
    return Config({"KernelManager": {"transport": "ipc", "connection_file": str(folder / "kernel.json")}})


def _engine(events: Connection) -> type[Engine]:
    """Return an engine that executes as papermill's own, and also says which cell starts and how far a long one is."""

    class Client(PapermillNotebookClient):
        def process_message(self, message: Any, cell: Any, cell_index: int) -> Any:
            step = message["content"].get("transient", {}).get(STEP)
            if step:
                events.send({"event": "step", "message": step})
            return super().process_message(message, cell, cell_index)

    class Announcing(Engine):
        @classmethod
        def execute_managed_notebook(
            cls, nb_man: Any, kernel_name: str, execution_timeout: int, **options: Any
        ) -> None:
            start = nb_man.cell_start
            count = len(nb_man.nb.cells)

            def announce(cell: Any, cell_index: int | None = None, **rest: Any) -> Any:
                events.send({"event": "cell", "index": cell_index, "count": count})
                return start(cell, cell_index, **rest)

            nb_man.cell_start = announce
            client = Client(nb_man, kernel_name=kernel_name, timeout=execution_timeout, config=options["config"])
            client.execute()

    return Announcing


def _told(error: PapermillExecutionError) -> str:
    """Return what an error says; an error of the lab renders itself, with remedy and code, instead of a stack."""
    return "\n".join(error.traceback) if error.ename == "LabError" else str(error.evalue)


def _swallowed(document: Any, events: Connection) -> int:
    """Fail when a cell shows an error although the run went on: magics can swallow exceptions."""
    for index, cell in enumerate(document.cells):
        for output in cell.get("outputs", []):
            if output.output_type == "error" and "raises-exception" not in cell.metadata.get("tags", []):
                return _fail(events, output.ename, output.evalue, index, cell.source)
    return 0


def _fail(events: Connection, name: str, message: str, index: int | None, source: str) -> int:
    events.send({"event": "failed", "name": name, "message": message, "index": index, "source": source})
    return 1
