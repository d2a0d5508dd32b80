"""A Jupyter server that a test started."""

from __future__ import annotations

import subprocess

SECONDS_TO_END = 30


def end(server: subprocess.Popen[str]) -> None:
    """End a Jupyter server. Asked to, it ends its kernels, and then may wait for ever for a thread of its own."""
    server.terminate()
    try:
        server.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        server.kill()
