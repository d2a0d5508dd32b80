"""The device on the desk: a board on USB, or its twin on a pseudo-terminal. What reads it need not know which."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from lab import target
from lab.device import serial_line, usb
from lab.device.identity import provision

TWIN: Final = "twin"
BOARD: Final = "board"


@contextmanager
def lines(
    port: str, device_id: str, epoch_s: int | None = None, seconds: float | None = None
) -> Iterator[Iterator[str]]:
    """Give the serial lines of a device; empty ones stand for silence.

    Parameters: port, ``twin``, ``board`` (the one on USB) or a port's name; device_id, epoch_s (Unix time at its start)
    and seconds (of its life), of the twin.
    Raises: LabError when there is no board, its port cannot be opened, or the twin cannot be provisioned.
    """
    if port != TWIN:
        with serial_line.lines(usb.find(None if port == BOARD else port).port) as said:
            yield said
        return
    twin = serial_line.twin(provision(device_id), target.mqtt(), epoch_s=epoch_s, seconds=seconds)
    with twin as terminal, serial_line.lines(terminal.path) as said:
        terminal.start()
        yield said
