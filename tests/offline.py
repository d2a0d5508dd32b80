"""Run a command where no network is: ``python -m tests.offline make lab``.

The command runs in a network namespace of its own that has a loopback interface and nothing else, with state and build
folders of its own under ``build/offline``. Linux only; no right of an administrator is needed.
Source: https://man7.org/linux/man-pages/man7/network_namespaces.7.html and user_namespaces.7.html
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build" / "offline"
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000  # linux/sched.h
SIOCSIFFLAGS, IFF_UP = 0x8914, 0x1  # linux/sockios.h, linux/if.h
ELSEWHERE = ("192.0.2.1", 443)  # RFC 5737: an address for documentation, which no host has


def leave_the_network() -> None:
    """Move this process into a network namespace with loopback only, as the same user.

    Raises: OSError when the system does not allow it.
    """
    user, group = os.getuid(), os.getgid()
    library = ctypes.CDLL(None, use_errno=True)
    if sys.platform != "linux" or library.unshare(CLONE_NEWUSER | CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "No network namespace can be had here")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))


def interfaces() -> dict[str, int]:
    """Return the network interfaces of this namespace with the bytes that each received."""
    rows = Path("/proc/net/dev").read_text().splitlines()[2:]
    return {name.strip(): int(counts.split()[0]) for name, _, counts in (row.partition(":") for row in rows)}


def reachable() -> bool:
    """Say whether a packet to somewhere else could leave."""
    with socket.socket() as attempt:
        attempt.settimeout(1.0)
        return attempt.connect_ex(ELSEWHERE) != errno.ENETUNREACH


def run(command: Sequence[str]) -> int:
    """Run a command offline, end the embedded AWS that it left, say what crossed loopback, and return its status.

    Raises: RuntimeError when the namespace has more than loopback.
    """
    leave_the_network()
    if set(interfaces()) != {"lo"} or reachable():
        raise RuntimeError(f"this is not offline: {', '.join(interfaces())}")
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    variables = os.environ | {"LAB_STATE": str(FOLDER / "lab"), "LAB_BUILD": str(FOLDER / "build")}
    print("offline       interfaces: lo, nothing else is reachable", flush=True)
    try:
        status = subprocess.run(command, cwd=ROOT, env=variables, check=False).returncode
    finally:
        subprocess.run([sys.executable, "-m", "lab.cli", "down"], cwd=ROOT, env=variables, check=False)
    received = interfaces()
    print(f"offline       status {status}, {received.pop('lo') / 1e6:,.0f} MB over lo, others: {received or 'none'}")
    return status


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.exit("usage: python -m tests.offline COMMAND...")
    try:
        sys.exit(run(sys.argv[1:]))
    except OSError as refused:
        print(f"error: {refused}. Run it on a Linux that lets users make namespaces.", file=sys.stderr)
        sys.exit(2)
