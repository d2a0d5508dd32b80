"""Flashing: build and upload with arduino-cli or PlatformIO, or copy an image onto the bootloader's drive."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lab.device import drive, uf2, usb
from lab.device.secrets import HEADER
from lab.errors import LabError
from lab.target import ROOT

SKETCH: Final = ROOT / "firmware" / "wioterminal"
OUTPUT: Final = ROOT / "build" / "firmware"

Runner = Callable[[Sequence[str]], int]
Which = Callable[[str], str | None]


@dataclass(frozen=True)
class Tool:
    """A program that builds and uploads. build: its command; upload: the same, before the port is added."""

    name: str
    build: tuple[str, ...]
    upload: tuple[str, ...]
    port_option: str

    def upload_to(self, port: str) -> tuple[str, ...]:
        """Return the command that uploads to a port; the tool sends the board into its bootloader itself."""
        return (*self.upload, self.port_option, port)


_SKETCH: Final = str(SKETCH)
TOOLS: Final = (
    Tool(
        "arduino-cli",
        ("arduino-cli", "compile", "--profile", "wio", "--warnings", "all", "--output-dir", str(OUTPUT), _SKETCH),
        ("arduino-cli", "upload", "--profile", "wio", "--input-dir", str(OUTPUT), _SKETCH),
        "--port",
    ),
    Tool("pio", ("pio", "run", "-d", _SKETCH), ("pio", "run", "-d", _SKETCH, "-t", "upload"), "--upload-port"),
)
"""Source: https://arduino.github.io/arduino-cli/latest/sketch-project-file/ and
https://docs.platformio.org/en/latest/core/userguide/cmd_run.html"""


def tool(which: Which = shutil.which) -> Tool:
    """Return the first installed tool.

    Raises: LabError when there is none.
    """
    for known in TOOLS:
        if which(known.name):
            return known
    raise LabError(
        "Neither arduino-cli nor PlatformIO is installed.",
        "Install one (docs/device.md#flashing), or give a built sketch: `lab device flash --image FILE`.",
    )


def run(command: Sequence[str]) -> int:
    """Run a tool in the terminal, where its own progress is seen; return its exit status."""
    return subprocess.run(list(command), check=False).returncode


def build_and_upload(
    port: str | None,
    say: Callable[[str], None],
    *,
    ports: usb.Ports = usb.list_ports.comports,
    which: Which = shutil.which,
    runner: Runner = run,
    header: Path = HEADER,
    seconds: float = usb.SECONDS,
) -> usb.Wio:
    """Build the sketch, upload it, and wait for the board; return it.

    Raises: LabError when settings, tool or board are missing, or the tool fails.
    """
    if not header.is_file():
        raise LabError("The sketch has no settings yet.", "Run `lab device secrets DEVICE_ID`.")
    chosen = tool(which)
    wio = usb.find(port, ports)
    others = [other for other in usb.connected(ports) if other != wio]
    for what, command in (("building", chosen.build), ("uploading", chosen.upload_to(wio.port))):
        say(f"{what} with {chosen.name}")
        status = runner(command)
        if status:
            raise LabError(f"{what} ended with status {status}: {' '.join(command)}.", "Its own words stand above.")
    return usb.wait_for_sketch(others, ports, seconds)


def copy_image(
    image: Path,
    port: str | None,
    progress: Callable[[int], None] = lambda _: None,
    *,
    ports: usb.Ports = usb.list_ports.comports,
    places: Callable[[], list[Path]] = drive.mounted,
    seconds: float = usb.SECONDS,
) -> usb.Wio:
    """Copy a built sketch onto the board's bootloader drive and wait for the board; return it.

    Parameters: image, a .uf2 file, or a .bin file, which is turned into one.
    Raises: LabError when image or board are missing, or the copy fails.
    """
    content = as_uf2(image)
    wio = usb.find(port, ports)
    others = [other for other in usb.connected(ports) if other != wio]
    usb.touch(wio, ports, seconds)
    drive.copy(content, drive.find(places, seconds), progress)
    return usb.wait_for_sketch(others, ports, seconds)


def as_uf2(image: Path) -> bytes:
    """Return an image file as UF2.

    Raises: LabError when it cannot be read or is no image for this board.
    """
    try:
        content = image.read_bytes()
    except OSError as error:
        raise LabError(f"{image} cannot be read: {error}.", "Give the .bin or .uf2 file of a built sketch.") from error
    made = uf2.from_binary(content) if image.suffix == ".bin" else content
    if not uf2.is_for_wio(made):
        raise LabError(f"{image} is no sketch for the Wio Terminal.", "Give the .bin or .uf2 file of a built sketch.")
    return made
