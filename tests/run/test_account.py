"""The same notebooks with ``LAB_TARGET=aws``: Level 1 from its deployment to its removal, over a profile alone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.notebook import form
from lab.run import folders
from tests import account
from tests.conftest import EmbeddedAws, embedded_aws

pytestmark = pytest.mark.slow
NOTEBOOKS = ("10", "11", "12", "13", "14", "15")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    """An AWS in which nothing was deployed yet."""
    with embedded_aws(tmp_path_factory.mktemp("account")) as running:
        yield running


def lab(variables: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lab.cli", *words]
    return subprocess.run(command, cwd=folders.ROOT, env=variables, text=True, check=False, capture_output=True)


def outputs(path: Path) -> str:
    """Return what a notebook's cells printed."""
    cells = form.read(path)["cells"]
    return "".join("".join(output.get("text", "")) for cell in cells for output in cell.get("outputs", ()))


def test_level_1_runs_in_an_account_stands_for_a_second_run_and_goes(own: EmbeddedAws, tmp_path: Path) -> None:
    variables = account.signed_in(tmp_path)
    ran = lab(variables, "run", *NOTEBOOKS, "--json")
    assert ran.returncode == 0, ran.stderr
    assert [row["run_now"] for row in json.loads(ran.stdout)] == [True] * len(NOTEBOOKS)
    assert own.client("dynamodb").list_tables()["TableNames"]
    for number in NOTEBOOKS:
        said = outputs(next((tmp_path / "build" / "runs").glob(f"{number}-*.ipynb")))
        assert "an AWS account" in said
        assert "on this computer" not in said
    assert not (tmp_path / "state" / "run.json").exists()

    again = lab(variables, "run", *NOTEBOOKS, "--resume", "--json")
    assert [row["run_now"] for row in json.loads(again.stdout)] == [False] * len(NOTEBOOKS)
    other_class = lab(variables | {"LAB_PREFIX": "aiko"}, "run", "13", "--resume", "--json")
    assert json.loads(other_class.stdout)[0]["run_now"]

    gone = lab(variables, "clean", "--yes", "--verify")
    assert gone.returncode == 0, gone.stdout + gone.stderr
    assert own.client("dynamodb").list_tables()["TableNames"] == []
