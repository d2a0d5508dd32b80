"""Codespaces, devcontainers and Binder start from the same set-up as a laptop."""

import json
import os
import subprocess
from pathlib import Path

from lab.run.folders import ROOT


def test_the_devcontainer_sets_up_by_make_and_runs_the_locked_python() -> None:
    document = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    assert ":3.11" in document["image"]
    assert document["postCreateCommand"] == "make setup"
    assert document["postStartCommand"] == ".venv/bin/lab up"


def test_binders_scripts_can_be_executed_and_use_the_same_set_up() -> None:
    for name, line in (("postBuild", "make setup"), ("start", ".venv/bin/lab up")):
        script = ROOT / ".binder" / name
        assert os.access(script, os.X_OK)
        assert line in script.read_text().splitlines()
    kernel = (ROOT / ".binder" / "postBuild").read_text().splitlines()[-1]
    assert '--prefix "${NB_PYTHON_PREFIX}" --name python3' in kernel, "a user's kernel is hidden by the server's own"
    assert (ROOT / ".binder" / "runtime.txt").read_text().strip() == "python-3.11"


def test_binders_set_up_gives_the_server_a_kernel_of_the_labs_python(tmp_path: Path) -> None:
    (tmp_path / "make").write_text("#!/bin/sh\n")
    (tmp_path / "make").chmod(0o755)
    variables = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "NB_PYTHON_PREFIX": str(tmp_path / "server")}
    subprocess.run([ROOT / ".binder" / "postBuild"], cwd=ROOT, env=variables, check=True, capture_output=True)
    kernel = json.loads((tmp_path / "server" / "share" / "jupyter" / "kernels" / "python3" / "kernel.json").read_text())
    assert Path(kernel["argv"][0]) == ROOT / ".venv" / "bin" / "python"


def test_binders_server_starts_with_the_command_that_it_is_given() -> None:
    text = (ROOT / ".binder" / "start").read_text()
    assert text.rstrip().endswith('exec "$@"')
