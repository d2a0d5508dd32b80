import json
import os
import re
from pathlib import Path

import nbformat
import psutil
import pytest

from lab.run import catalogue
from lab.run.execution import execute

FAILING = "raise ValueError('the table is empty')"


def run(path, build, **values):
    cells = []
    outcome = execute(
        catalogue.read(path), values, build / "runs" / path.name, lambda index, count: cells.append((index, count))
    )
    return outcome, cells


def texts(outcome) -> str:
    notebook = nbformat.read(outcome.output, as_version=4)
    return "".join(output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", []))


def test_a_notebook_runs_with_its_parameters_in_the_repository_and_says_each_cell(make_notebook, build) -> None:
    path = make_notebook(
        "01-sum",
        ("p", "count: int = 1  # how many", "parameters"),
        ("c", "import lab, os\nprint(count * 2, os.getppid())"),
    )
    outcome, cells = run(path, build, count=21)
    assert outcome.failure is None
    assert texts(outcome).startswith("42 ")
    assert cells[-1] == (3, 4)  # heading, parameters, injected, code
    worker = int(re.findall(r"\d+", texts(outcome))[1])
    assert not psutil.pid_exists(worker)


def test_what_a_long_cell_says_is_heard_as_it_is_said_and_not_saved(make_notebook, build) -> None:
    source = "from lab.notebook.live import Live\nlive = Live('copying')\nlive.done('3 files')"
    path, heard = make_notebook("01-long", ("c", source)), []
    outcome = execute(catalogue.read(path), {}, build / "runs" / path.name, on_step=heard.append)
    assert heard == ["copying", "✓ 3 files"]
    assert "lab_step" not in outcome.output.read_text()


def test_a_failing_cell_is_named_and_the_notebook_is_saved_as_far_as_it_came(make_notebook, build) -> None:
    path = make_notebook("02-fails", ("ok", "print('before')"), ("bad", FAILING), ("later", "print('after')"))
    outcome, _ = run(path, build)
    failure = outcome.failure
    assert (failure.name, failure.message, failure.source) == ("ValueError", "the table is empty", FAILING)
    assert texts(outcome) == "before\n"


def test_an_error_of_the_lab_comes_with_its_remedy_and_code(make_notebook, build) -> None:
    source = "from lab.errors import LabError\nraise LabError('The table is gone.', 'Deploy it.')"
    outcome, _ = run(make_notebook("02-fails", ("bad", source)), build)
    assert outcome.failure is not None
    assert outcome.failure.name == "LabError"
    assert outcome.failure.message.splitlines()[:2] == ["✗ The table is gone.", "→ Deploy it."]
    assert outcome.failure.message.endswith("see docs/errors.md")


def test_an_error_that_a_magic_swallows_still_fails_the_run(make_notebook, build) -> None:
    shell = "from IPython.core.getipython import get_ipython\nshell = get_ipython()"
    swallowed = f"{shell}\nshell.showtraceback((KeyError, KeyError('gone'), None))"
    outcome, _ = run(make_notebook("03-swallows", ("quiet", swallowed)), build)
    assert outcome.failure is not None
    assert outcome.failure.name == "KeyError"


def test_a_kernel_that_dies_is_a_failure_and_leaves_no_process(make_notebook, build) -> None:
    before = {process.pid for process in psutil.Process(os.getpid()).children(recursive=True)}
    outcome, _ = run(make_notebook("04-dies", ("end", "import os\nos._exit(3)")), build)
    assert outcome.failure is not None
    assert "Dead" in outcome.failure.name
    assert {process.pid for process in psutil.Process(os.getpid()).children(recursive=True)} == before


def test_a_process_that_a_cell_left_behind_ends_with_the_notebook(make_notebook, build) -> None:
    start = "import subprocess, sys\nlong = [sys.executable, '-c', 'import time; time.sleep(600)']\n"
    start += "print(subprocess.Popen(long, start_new_session=True).pid)"
    outcome, _ = run(make_notebook("04-leaves", ("start", start)), build)
    assert outcome.failure is None
    assert not psutil.pid_exists(int(texts(outcome)))


def test_a_listener_that_raises_ends_the_whole_process_tree(make_notebook, build) -> None:
    path = make_notebook("05-slow", ("slow", "import time\ntime.sleep(600)"))
    before = set(psutil.Process(os.getpid()).children(recursive=True))
    seen = []

    def stop(index: int, _count: int) -> None:
        if index == 1:
            seen.extend(set(psutil.Process(os.getpid()).children(recursive=True)) - before)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        execute(catalogue.read(path), {}, build / "runs" / path.name, stop)
    assert seen
    assert psutil.wait_procs(seen, timeout=10)[1] == []


def test_a_kernel_speaks_over_sockets_of_its_own_so_that_no_port_can_be_taken(make_notebook, build) -> None:
    path = make_notebook("06-ports", ("c", "import ipykernel\nprint(ipykernel.get_connection_info())"))
    outcome, _ = run(path, build)
    assert outcome.failure is None
    connection = json.loads(texts(outcome))
    assert connection["transport"] == "ipc"
    assert not Path(connection["ip"]).parent.exists()
