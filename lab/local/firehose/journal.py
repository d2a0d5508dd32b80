"""Records that clients put directly: on disk before they are acknowledged, removed when they are delivered.

One file holds what becomes one object, and its name holds the object's: a delivery that a crash cut off is repeated
under the same key. Data are handed to the kernel, which keeps them when the process is killed.
"""

from __future__ import annotations

import os
import struct
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Final

from lab.local.errors import AwsError
from lab.local.firehose.batch import Batch

MOST_BYTES: Final = 256 * 2**20
"""Bytes that may wait for delivery; then callers are told to slow down."""

_HEAD: Final = struct.Struct("!dI")


class Journal:
    """The waiting records of one delivery stream.

    Parameters: folder, of this stream alone; object_bytes, after which a file is full; now, Unix seconds.
    """

    def __init__(self, folder: Path, object_bytes: int, now: Callable[[], float], most_bytes: int = MOST_BYTES) -> None:
        self._folder = folder
        self._object_bytes = object_bytes
        self._most_bytes = most_bytes
        self._now = now
        self._lock = threading.Lock()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._full = sorted(file for file in folder.glob("*.records") if _frames(file))
        self._number = int(self._full[-1].name.partition("-")[0]) if self._full else 0
        self._open: Path | None = None
        self._open_bytes = 0
        self._open_since = 0.0
        self._waiting = sum(_data_bytes(file) for file in self._full)

    @property
    def size(self) -> int:
        """Bytes that wait, without their frames."""
        return self._waiting

    @property
    def since(self) -> float | None:
        """When the oldest record arrived."""
        with self._lock:
            if self._full:
                return _since(self._full[0])
            return self._open_since if self._open else None

    def append(self, records: list[bytes]) -> None:
        """Keep records; when this returns they outlive the process.

        Raises: AwsError ServiceUnavailableException while too much waits.
        """
        with self._lock:
            if self._waiting + sum(map(len, records)) > self._most_bytes:
                raise AwsError("ServiceUnavailableException", "Slow down.", 503)
            now = self._now()
            if self._open is None:
                self._number += 1
                self._open = self._folder / f"{self._number:010d}-{uuid.uuid4()}.records"
                self._open_since = now
            frames = b"".join(_HEAD.pack(now, len(record)) + record for record in records)
            with self._open.open("ab", buffering=0) as file:
                os.write(file.fileno(), frames)
            added = sum(map(len, records))
            self._waiting += added
            self._open_bytes += added
            if self._open_bytes >= self._object_bytes:
                self._close()

    def fill(self) -> bool:
        """Nothing to do: clients put records by themselves."""
        return False

    def take(self) -> Batch:
        """Return the oldest file's records. Raises: LookupError when nothing waits."""
        with self._lock:
            if not self._full:
                self._close()
            if not self._full:
                raise LookupError("nothing waits")
            file = self._full[0]
        name = uuid.UUID(file.stem.partition("-")[2])
        return Batch([record for _, record in _frames(file)], _since(file) or 0.0, name)

    def done(self) -> None:
        """Remove the oldest file."""
        with self._lock:
            file = self._full.pop(0)
            self._waiting -= _data_bytes(file)
            file.unlink()

    def _close(self) -> None:
        if self._open is not None:
            self._full.append(self._open)
        self._open, self._open_bytes = None, 0


def _frames(file: Path) -> list[tuple[float, bytes]]:
    """Return (arrival, record) of each whole frame; one that a crash cut off was not acknowledged."""
    data, found, at = file.read_bytes(), [], 0
    while at + _HEAD.size <= len(data):
        arrived, length = _HEAD.unpack_from(data, at)
        end = at + _HEAD.size + length
        if end > len(data):
            break
        found.append((arrived, data[at + _HEAD.size : end]))
        at = end
    return found


def _data_bytes(file: Path) -> int:
    return sum(len(record) for _, record in _frames(file))


def _since(file: Path) -> float | None:
    with file.open("rb") as opened:
        head = opened.read(_HEAD.size)
    return float(_HEAD.unpack(head)[0]) if len(head) == _HEAD.size else None
