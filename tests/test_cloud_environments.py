"""Codespaces, devcontainers and Binder start from the same set-up as a laptop."""

import json
import os

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
    assert (ROOT / ".binder" / "runtime.txt").read_text().strip() == "python-3.11"
