"""Level 1 as `lab run --until 15` and `lab report` leave it, and a real browser to look at it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.run import folders
from tests.browser import chrome
from tests.golden.goldens import own_aws


@pytest.fixture(scope="package")
def level1(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Run the notebooks of Level 1 in an AWS of their own, write the reports and return the reports' folder."""
    with own_aws(tmp_path_factory.mktemp("browser")):
        for command in (("run", "--until", "15"), ("report",)):
            line = [sys.executable, "-m", "lab.cli", *command]
            done = subprocess.run(line, cwd=folders.ROOT, capture_output=True, text=True, check=False, env=os.environ)
            assert done.returncode == 0, done.stdout + done.stderr
        yield folders.reports()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source text of axe-core."""
    return chrome.axe()


@pytest.fixture
def tab() -> Iterator[chrome.Page]:
    """One tab of a headless Chromium."""
    with chrome.page() as page:
        yield page
