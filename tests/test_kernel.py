"""A kernel as `lab open` starts it: a name that no cell has made is told with its remedy, all else with its calls."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

from lab import kernel
from lab import open as lab_open

MODULE = "def fails():\n    return nowhere\n"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BlockingKernelClient]:
    """Start a kernel with the variables of `lab open`, and a module of one faulty function on its path."""
    folder = tmp_path_factory.mktemp("modules")
    (folder / "faulty.py").write_text(MODULE, encoding="utf-8")
    own = {"PYTHONSTARTUP": str(lab_open.KERNEL), "PYTHONPATH": str(folder), "IPYTHONDIR": str(folder / "ipython")}
    manager, talk = start_new_kernel(env=os.environ | own)
    yield talk
    talk.stop_channels()
    manager.shutdown_kernel(now=True)


def said(client: BlockingKernelClient, code: str) -> dict[str, Any]:
    """Run a cell and return the error that it shows."""
    shown: list[dict[str, Any]] = []

    def note(message: dict[str, Any]) -> None:
        if message["msg_type"] == "error":
            shown.append(message["content"])

    reply = client.execute_interactive(code, output_hook=note, timeout=60)
    assert reply["content"]["status"] == "error"  # "Run All Cells" stops here
    assert len(shown) == 1
    return shown[0]


def test_a_name_that_no_cell_has_made_is_told_with_its_remedy(client: BlockingKernelClient) -> None:
    error = said(client, "print(outputs)")
    assert error["ename"] == "NameError"
    assert error["traceback"] == ["✗ name 'outputs' is not defined.", *kernel.REMEDY]


def test_a_name_that_a_module_lacks_is_shown_with_its_calls(client: BlockingKernelClient) -> None:
    error = said(client, "import faulty; faulty.fails()")
    assert "faulty.py" in "".join(error["traceback"])
    assert kernel.REMEDY[0] not in error["traceback"]


def test_a_plain_python_reads_the_file_without_a_word(tmp_path: Path) -> None:
    command = [sys.executable, "-i", "-q"]
    done = subprocess.run(
        command,
        env=os.environ | {"PYTHONSTARTUP": str(lab_open.KERNEL)},
        input="print(6 * 7)\n",
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert done.stdout == "42\n"
    assert "Error" not in done.stderr
