"""Records of one kind that survive the process: one small JSON file each, replaced whole at every change."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from pathlib import Path
from typing import Any


class Records:
    """Documents by key, kept in memory and in files of one folder.

    A change is in its file before ``put`` returns. The file is renamed into place, so that a killed process leaves the
    old document or the new one; it is not forced to the disk, because only the loss of power could lose it.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._lock = threading.Lock()
        self._documents: dict[str, dict[str, Any]] = {}
        for file in sorted(folder.glob("*.json"), key=lambda file: file.stat().st_mtime_ns):
            stored = json.loads(file.read_text())
            self._documents[stored["key"]] = stored["document"]

    def get(self, key: str) -> dict[str, Any] | None:
        """The document, or None. It is the caller's to change only through ``put``."""
        return self._documents.get(key)

    def all(self) -> list[dict[str, Any]]:
        """All documents, oldest first."""
        with self._lock:
            return list(self._documents.values())

    def put(self, key: str, document: dict[str, Any]) -> None:
        """Store a document under its key."""
        file = self._file(key)
        with self._lock:
            part = file.with_suffix(".part")
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as stream:
                json.dump({"key": key, "document": document}, stream)
            part.replace(file)
            self._documents[key] = document

    def delete(self, key: str) -> None:
        """Forget a document; nothing happens when there is none."""
        with self._lock:
            self._documents.pop(key, None)
            self._file(key).unlink(missing_ok=True)

    def _file(self, key: str) -> Path:
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()[:40]}.json"
