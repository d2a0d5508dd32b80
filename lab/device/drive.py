"""The USB drive of the bootloader: where it is mounted, and copying a sketch onto it."""

from __future__ import annotations

import glob
import os
import string
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from lab.device import uf2
from lab.errors import LabError

INFO: Final = "INFO_UF2.TXT"
BOARD_ID: Final = "SAMD51P19A-WioTerminal"
"""As the bootloader's INFO_UF2.TXT names it."""
SECONDS: Final = 20.0
POLL_S: Final = 0.2
CHUNK: Final = 16 * uf2.BLOCK

_PLACES: Final = {
    "linux": ("/media/*", "/media/*/*", "/run/media/*/*", "/mnt/*"),
    "darwin": ("/Volumes/*",),
    "win32": tuple(f"{letter}:/" for letter in string.ascii_uppercase),
}


def mounted() -> list[Path]:
    """Return the folders at which this system mounts USB drives by itself."""
    return [Path(place) for pattern in _PLACES.get(sys.platform, ()) for place in sorted(glob.glob(pattern))]  # noqa: PTH207  # a pattern with a root


def find(places: Callable[[], list[Path]] = mounted, seconds: float = SECONDS) -> Path:
    """Return the drive of a Wio Terminal's bootloader as soon as it is mounted.

    Raises: LabError when it is not.
    """
    deadline = time.monotonic() + seconds
    while True:
        for place in places():
            if _is_wio(place):
                return place
        if time.monotonic() > deadline:
            raise LabError(
                "The bootloader's drive is not mounted.",
                "Slide the power switch to RESET twice quickly; where drives are not mounted by themselves: "
                "`udisksctl mount -b /dev/disk/by-label/Arduino`.",
            )
        time.sleep(POLL_S)


def _is_wio(place: Path) -> bool:
    try:
        return BOARD_ID in (place / INFO).read_text(errors="replace")
    except OSError:
        return False


def copy(image: bytes, drive: Path, progress: Callable[[int], None] = lambda _: None) -> None:
    """Write a UF2 file onto the drive; progress is told how many bytes are written.

    The bootloader starts the sketch with the last block, so the drive may vanish under the last write.
    Raises: LabError when the file is not for this board, or the drive vanishes earlier.
    """
    if not uf2.is_for_wio(image):
        raise LabError("The image is no UF2 file for the Wio Terminal.", "Give the .bin or .uf2 that the build made.")
    done = 0
    try:
        with (drive / "NEW.UF2").open("wb", buffering=0) as file:
            while done < len(image):
                done += file.write(image[done : done + CHUNK])
                progress(done)
            os.fsync(file.fileno())
    except OSError as error:
        if done < len(image):
            raise LabError(
                f"The drive vanished after {done:,} of {len(image):,} bytes.", "Check the cable, then flash again."
            ) from error
