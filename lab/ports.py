"""Ports of loopback: the one that is wished for, or another that is free."""

from __future__ import annotations

import socket

from lab.errors import LabError


def free(preferred: int) -> int:
    """Return the preferred port, or another free one where something listens there or it is 0.

    Raises: LabError when the system gives none.
    """
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise LabError("No free port on 127.0.0.1.", "Stop a program that holds many ports and try again.")
