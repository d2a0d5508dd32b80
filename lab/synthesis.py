"""Cloud assemblies that were synthesised before: the same sources and settings make the same templates.

An assembly is kept under a fingerprint of everything that its synthesis reads: the CDK application, the scripts that it
uploads, the pinned packages, the settings and the variables that name account and region.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from lab.target import ROOT

FOLDER: Final = ROOT / "build" / "synthesised"
READ: Final = ("infra/cdk", "glue", "requirements.lock")
MADE: Final = frozenset({"node_modules", "cdk.out", "__pycache__"})
VARIABLES: Final = ("CDK_DEFAULT_ACCOUNT", "CDK_DEFAULT_REGION")
MOST: Final = 16
"""Assemblies kept; the ones longest unused go first."""


def fingerprint(settings: str, environment: Mapping[str, str], root: Path = ROOT) -> str:
    """Return the fingerprint of a synthesis. settings: the context that it is given, as text."""
    digest = hashlib.sha256(json.dumps([settings, [environment.get(name) for name in VARIABLES]]).encode())
    for path in _sources(root):
        digest.update(f"{path.relative_to(root)}\n{path.stat().st_size}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:32]


def copy(key: str, folder: Path, kept: Path = FOLDER) -> bool:
    """Put the assembly of a fingerprint into a folder and say whether there was one."""
    found = kept / key
    if not found.is_dir():
        return False
    os.utime(found)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(found, folder)
    return True


def keep(key: str, folder: Path, kept: Path = FOLDER) -> None:
    """Keep an assembly under its fingerprint, whole or not at all."""
    kept.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept, prefix=".") as part:
        shutil.copytree(folder, Path(part) / key)
        try:
            (Path(part) / key).rename(kept / key)
        except OSError:  # the same assembly stands there: another process was faster
            if not (kept / key).is_dir():
                raise
    for old in sorted(kept.glob("[0-9a-f]*"), key=lambda item: item.stat().st_mtime, reverse=True)[MOST:]:
        shutil.rmtree(old, ignore_errors=True)


def _sources(root: Path) -> Iterator[Path]:
    for name in READ:
        if (root / name).is_file():
            yield root / name
        for folder, below, files in os.walk(root / name):
            below[:] = sorted(set(below) - MADE)
            yield from (Path(folder) / file for file in sorted(files))
