"""The dashboard's page as `lab dashboard` serves it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from lab import ports
from lab.run import folders
from tests import jupyter_server

SHOWN = "[...document.querySelectorAll('[role=status]')].map(item => item.textContent).join(' ')"
READY = f"{SHOWN}.includes('readings')"


@contextmanager
def dashboard(environment: Mapping[str, str] = os.environ) -> Iterator[str]:
    """Serve the page of the AWS that the environment names, and yield its address."""
    port = ports.free(0)
    command = [sys.executable, "-m", "lab.cli", "dashboard", "--no-browser", f"--port={port}"]
    with subprocess.Popen(
        command, cwd=folders.ROOT, env=dict(environment), stderr=subprocess.PIPE, text=True
    ) as server:
        heard = []
        for line in server.stderr or ():
            heard.append(line)
            if f":{port}" in line:
                break
        else:
            raise AssertionError("".join(heard))
        try:
            yield f"http://127.0.0.1:{port}/"
        finally:
            jupyter_server.end(server)
