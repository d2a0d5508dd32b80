"""Where the embedded AWS keeps its files: one folder, private to the person."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Paths:
    """The files of one embedded AWS below its state folder."""

    root: Path

    @property
    def run(self) -> Path:
        """What runs now: process id, endpoint, region, MQTT address."""
        return self.root / "run.json"

    @property
    def credentials(self) -> Path:
        """Access key of the IAM user ``lab``, mode 0600."""
        return self.root / "credentials.json"

    @property
    def settings(self) -> Path:
        """Ports chosen at the first start and region: remembered for the next one."""
        return self.root / "settings.json"

    @property
    def lock(self) -> Path:
        """Held by the running process; the kernel frees it however the process ends."""
        return self.root / "aws.lock"

    @property
    def log(self) -> Path:
        """What the embedded AWS says."""
        return self.root / "aws.log"

    @property
    def ca(self) -> Path:
        """Certificate authority of the MQTT listener."""
        return self.root / "iot-ca.pem"

    @property
    def state(self) -> Path:
        """Snapshots of the services."""
        return self.root / "aws" / "state"

    @property
    def objects(self) -> Path:
        """S3 objects as files."""
        return self.root / "aws" / "objects"

    @property
    def workers(self) -> Path:
        """Checkpoints and runs of the workers."""
        return self.root / "aws" / "workers"

    @property
    def decisions(self) -> Path:
        """Permissions that roles used, one decision a line."""
        return self.workers / "decisions.jsonl"

    @property
    def scratch(self) -> Path:
        """Temporary files."""
        return self.root / "aws" / "tmp"

    def create(self) -> None:
        """Make the folders, readable by the owner only."""
        for folder in (self.root, self.state, self.objects, self.workers, self.scratch):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def write_private(path: Path, document: dict[str, Any]) -> None:
    """Write a JSON document at once and whole, readable by the owner only."""
    part = path.with_name(path.name + ".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(document, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def read(path: Path) -> dict[str, Any] | None:
    """Return a JSON document, or None where there is none."""
    try:
        document = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    if not isinstance(document, dict):
        raise ValueError(f"{path.name} is not a JSON object")
    return document
