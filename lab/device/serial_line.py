"""The serial line: a board's by its port, or the twin's by a pseudo-terminal, read by the same code."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import serial

from lab.device.board import Board, board
from lab.device.identity import Identity
from lab.errors import LabError
from lab.target import MqttEndpoint

BAUD: Final = 115_200
SILENCE_S: Final = 0.5
_HEAD_START_S: Final = 60
"""The twin runs ahead of the clock on the wall; it begins so much earlier that its stamps are not in the future."""


@contextmanager
def lines(path: str) -> Iterator[Iterator[str]]:
    """Open a port and give its lines; an empty line stands for half a second of silence.

    Raises: LabError when the port cannot be opened, or vanishes while it is read.
    """
    try:
        port = serial.Serial(path, BAUD, timeout=SILENCE_S, exclusive=True)
    except (OSError, serial.SerialException) as error:
        raise LabError(
            f"{path} cannot be opened: {error}.",
            "Close other programs that use it; on Linux join the group of the port (often dialout) and log in again.",
        ) from error
    try:
        yield _read(port, path)
    finally:
        port.close()


def _read(port: serial.Serial, path: str) -> Iterator[str]:
    rest = b""
    while True:
        try:
            rest += port.readline()
        except (OSError, serial.SerialException) as error:
            raise LabError(f"{path} vanished while it was read.", "Check cable and power, then try again.") from error
        if rest.endswith(b"\n"):
            yield rest.decode("ascii", "replace").strip()
            rest = b""
        else:
            yield ""


@dataclass(frozen=True)
class Terminal:
    """A pseudo-terminal. path: what to open; start: switches the twin behind it on."""

    path: str
    start: Callable[[], None]


@contextmanager
def twin(
    identity: Identity,
    endpoint: MqttEndpoint,
    *,
    epoch_s: int | None = None,
    seconds: float | None = None,
) -> Iterator[Terminal]:
    """Make a twin that writes its status to a pseudo-terminal; ``start`` it once the terminal is open for reading.

    Parameters: epoch_s, Unix time at its start (default: a minute ago); seconds, of its life in its time: lived to the
    end, also when nobody reads any more. Without it, the twin waits when nobody reads, and ends with the block.
    """
    import pty

    ours, theirs = pty.openpty()
    os.set_blocking(ours, False)
    left = threading.Event()  # nobody reads any more
    with board(identity, endpoint, epoch_s=epoch_s or int(time.time()) - _HEAD_START_S) as made:
        made.on_status = lambda line: _write(ours, line.encode() + b"\r\n", left)
        thread = threading.Thread(target=_live, args=(made, seconds, left), daemon=True)
        try:
            yield Terminal(os.ttyname(theirs), thread.start)
        finally:
            left.set()
            if thread.ident is not None:
                thread.join()
            os.close(ours)
            os.close(theirs)


def _live(made: Board, seconds: float | None, left: threading.Event) -> None:
    if seconds is not None:
        made.run(seconds)
        return
    while not left.is_set():
        made.run(1)


def _write(descriptor: int, line: bytes, left: threading.Event) -> None:
    """Write a line, waiting for room; what nobody reads is lost, as on a wire."""
    while line and not left.is_set():
        try:
            line = line[os.write(descriptor, line) :]
        except BlockingIOError:
            left.wait(0.01)
