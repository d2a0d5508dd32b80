"""The suite itself: a green run has run everything that it collected."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lab.target import ROOT

IN_A_TEST = "import pytest\n\ndef test_first():\n    pytest.skip('no time')\n"
OF_A_FILE = "import pytest\n\npytest.skip('no time', allow_module_level=True)\n"


@pytest.mark.parametrize("source", [IN_A_TEST, OF_A_FILE])
def test_what_skips_itself_fails_the_run(source: str, tmp_path: Path) -> None:
    (tmp_path / "test_lazy.py").write_text(source)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run([*command, "-c", "/dev/null"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "was skipped" in done.stdout
