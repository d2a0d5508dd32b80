"""The dashboard's page as `lab dashboard` serves it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from lab import ports
from lab.run import folders

SECONDS_TO_END = 30
SHOWN = "[...document.querySelectorAll('[role=status]')].map(item => item.textContent).join(' ')"
READY = f"{SHOWN}.includes('readings')"


def end(server: subprocess.Popen[str]) -> None:
    """End a Jupyter server. Asked to, it ends its kernels, and then may wait for ever for a thread of its own."""
    server.terminate()
    try:
        server.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        server.kill()


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
            end(server)
