"""The proof of being offline: what it runs sees loopback and nothing else."""

from __future__ import annotations

import subprocess
import sys

from tests import offline

LOOK = """
import socket
from tests import offline
server = socket.create_server(("127.0.0.1", 0))
socket.create_connection(server.getsockname()).close()
print(sorted(offline.interfaces()), offline.reachable())
raise SystemExit(3)
"""


def allowed() -> bool:
    """Say whether this system gives a process a network of its own: some containers and macOS do not."""
    program = "from tests import offline; offline.leave_the_network()"
    done = subprocess.run([sys.executable, "-c", program], cwd=offline.ROOT, check=False, stderr=subprocess.DEVNULL)
    return done.returncode == 0


def test_a_command_sees_loopback_alone_and_its_status_comes_back() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.offline", sys.executable, "-c", LOOK],
        cwd=offline.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if not allowed():
        assert done.returncode == 2
        assert "No network namespace" in done.stderr
        return
    assert "['lo'] False" in done.stdout, done.stdout + done.stderr
    assert "status 3" in done.stdout
    assert done.returncode == 3
