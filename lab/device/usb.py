"""The Wio Terminal on USB: which port it is, and the way into its bootloader."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import serial
from serial.tools import list_ports

from lab.errors import LabError

VENDOR: Final = 0x2886
APPLICATION: Final = 0x802D
BOOTLOADER: Final = 0x002D
"""Source: boards.txt of Seeed-Studio/ArduinoCore-samd, seeed_wio_terminal.vid and .pid"""
TOUCH_BAUD: Final = 1200
SECONDS: Final = 20.0
POLL_S: Final = 0.1

Ports = Callable[[], Iterable[Any]]


@dataclass(frozen=True)
class Wio:
    """A Wio Terminal. port: its serial port; in_bootloader: it waits for a sketch."""

    port: str
    in_bootloader: bool


def connected(ports: Ports = list_ports.comports) -> list[Wio]:
    """Return the Wio Terminals on this computer, in the order of their ports."""
    found = [
        Wio(port.device, port.pid == BOOTLOADER)
        for port in ports()
        if port.vid == VENDOR and port.pid in (APPLICATION, BOOTLOADER)
    ]
    return sorted(found, key=lambda wio: wio.port)


def find(port: str | None = None, ports: Ports = list_ports.comports) -> Wio:
    """Return the one Wio Terminal, or the one at a port.

    Raises: LabError when there is none, when there are several to choose from, or when the port has another device.
    """
    found = connected(ports)
    if port is not None:
        at = [wio for wio in found if wio.port == port]
        if not at:
            raise LabError(f"No Wio Terminal is at {port}.", _choices(found))
        return at[0]
    if len(found) != 1:
        number = str(len(found)) if found else "No"
        raise LabError(f"{number} Wio Terminal{'s were' if found else ' was'} found.", _choices(found))
    return found[0]


def _choices(found: list[Wio]) -> str:
    if found:
        return "Choose by --port: " + ", ".join(wio.port for wio in found) + "."
    return (
        "Use a cable with data lines, slide the switch to ON; when the port does not appear, slide it to RESET twice "
        "quickly (the blue light breathes). Without a board: `lab device verify --twin`."
    )


def touch(wio: Wio, ports: Ports = list_ports.comports, seconds: float = SECONDS) -> Wio:
    """Send a running board into its bootloader by opening its port at 1200 baud; return it there.

    Raises: LabError when the bootloader does not appear.
    Source: https://docs.arduino.cc/arduino-cli/platform-specification/ (1200bps touch)
    """
    if wio.in_bootloader:
        return wio
    others = {other for other in connected(ports) if other.in_bootloader}
    try:
        serial.Serial(wio.port, TOUCH_BAUD).close()
    except (OSError, serial.SerialException) as error:
        raise LabError(f"{wio.port} cannot be opened: {error}.", "Close other programs that use the port.") from error
    return _wait(
        lambda found: found.in_bootloader and found not in others, "The bootloader did not appear.", ports, seconds
    )


def wait_for_sketch(others: Iterable[Wio] = (), ports: Ports = list_ports.comports, seconds: float = SECONDS) -> Wio:
    """Return the board once it runs a sketch again. others: boards that ran one all the time.

    Raises: LabError when it does not come back.
    """
    known = set(others)
    failure = "The board did not come back after flashing."
    return _wait(lambda found: not found.in_bootloader and found not in known, failure, ports, seconds)


def _wait(wanted: Callable[[Wio], bool], failure: str, ports: Ports, seconds: float) -> Wio:
    deadline = time.monotonic() + seconds
    while True:
        for wio in connected(ports):
            if wanted(wio):
                return wio
        if time.monotonic() > deadline:
            raise LabError(failure, "Slide the power switch to RESET twice quickly, then run the command again.")
        time.sleep(POLL_S)
