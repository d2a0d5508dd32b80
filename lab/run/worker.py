"""The process that runs one notebook: a job on standard input, a JSON line a step on standard output.

One process a notebook: kernels of an earlier one cannot linger, memory does not grow, a crash takes nothing along.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, TextIO

# jsonschema compiles a grammar of this package at import, 0.7 s a notebook, for a URI format that none here has.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

import papermill  # noqa: E402 - after the line above, or it has no effect
from papermill.engines import NBClientEngine, papermill_engines  # noqa: E402
from papermill.exceptions import PapermillExecutionError  # noqa: E402

ENGINE = "lab"


class _Engine(NBClientEngine):
    """papermill's own engine, which also says which cell starts."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> None:
        start = nb_man.cell_start
        count = len(nb_man.nb.cells)

        def announce(cell: Any, cell_index: int | None = None, **rest: Any) -> Any:
            _say({"event": "cell", "index": cell_index, "count": count, "id": cell.get("id", "")})
            return start(cell, cell_index, **rest)

        nb_man.cell_start = announce
        super().execute_managed_notebook(nb_man, kernel_name, **options)


def main(job: dict[str, Any]) -> int:
    """Execute ``job`` (source, output, parameters, folder) and return the exit status."""
    papermill_engines.register(ENGINE, _Engine)
    try:
        document = papermill.execute_notebook(
            job["source"],
            job["output"],
            parameters=job["parameters"],
            engine_name=ENGINE,
            kernel_name="python3",
            cwd=job["folder"],
            progress_bar=False,
            execution_timeout=job["seconds_a_cell"],
        )
    except PapermillExecutionError as error:
        cell = {"index": error.cell_index, "source": error.source}
        return _fail(error.ename, error.evalue, cell)
    except Exception as error:  # a dead kernel, a timeout, a notebook that cannot be read: all are told the same way
        return _fail(type(error).__name__, str(error), {"index": None, "source": ""})
    return _swallowed(document)


def _swallowed(document: Any) -> int:
    """Fail when a cell shows an error although the run went on: magics can swallow exceptions."""
    for index, cell in enumerate(document.cells):
        for output in cell.get("outputs", []):
            if output.output_type == "error" and "raises-exception" not in cell.metadata.get("tags", []):
                return _fail(output.ename, output.evalue, {"index": index, "source": cell.source})
    return 0


def _fail(name: str, message: str, cell: dict[str, Any]) -> int:
    _say({"event": "failed", "name": name, "message": message, **cell})
    return 1


def _say(event: dict[str, Any]) -> None:
    _EVENTS.write(json.dumps(event) + "\n")
    _EVENTS.flush()


# Libraries may print: they must not write between the events.
_EVENTS: TextIO = sys.stdout

if __name__ == "__main__":
    _EVENTS = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.exit(main(json.load(sys.stdin)))
