"""`lab open` in a real browser: JupyterLab shows the first notebook, and its link for trouble leads to the docs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import ports
from lab.run import folders
from tests import jupyter_server
from tests.browser.chrome import Page

pytestmark = pytest.mark.slow
TOKEN = "of-this-test"
TEXT = "(document.querySelector('.jp-Notebook') || {innerText: ''}).innerText"


@pytest.fixture
def address(level1: Path, tmp_path: Path) -> Iterator[str]:
    """Start `lab open` as a person does, with settings and token of the test, and return its address."""
    port = ports.free(0)
    own = {"JUPYTER_TOKEN": TOKEN, "BROWSER": "true", "JUPYTER_CONFIG_DIR": str(tmp_path), "HOME": str(tmp_path)}
    command = [sys.executable, "-m", "lab.cli", "open", f"--port={port}"]
    with subprocess.Popen(command, cwd=folders.ROOT, env=os.environ | own, stderr=subprocess.PIPE, text=True) as server:
        for line in server.stderr or ():
            if f"127.0.0.1:{port}/lab" in line:
                break
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            jupyter_server.end(server)


def test_it_opens_the_first_notebook_whose_trouble_link_leads_to_the_docs(address: str, tab: Page) -> None:
    tab.open(f"{address}/?token={TOKEN}", 1280)
    tab.wait(f"{TEXT}.includes('Start here')")
    assert tab.value("location.pathname") == "/lab/tree/notebooks/00-start-here.ipynb"
    disabled = "JSON.parse(document.getElementById('jupyter-config-data').textContent).disabledExtensions"
    assert "@jupyterlab/apputils-extension:announcements" in tab.value(disabled), "it would ask the network for news"
    link = "[...document.querySelectorAll('.jp-Notebook a')].find(item => item.textContent === 'trouble?')"
    tab.wait(f"{link} !== undefined")
    tab.value(f"{link}.click()")
    tab.wait("document.title.includes('troubleshooting') || location.pathname.endsWith('docs/troubleshooting.md')")
