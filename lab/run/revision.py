"""Which sources a run had."""

from __future__ import annotations

import subprocess

from lab.run import folders


def commit() -> str:
    """Return the commit of the sources, ``+ changes`` when files differ from it, ``unknown`` outside git."""
    revision = _git("rev-parse", "--short=12", "HEAD")
    if revision is None:
        return "unknown"
    return revision + (" + changes" if _git("status", "--porcelain", "--untracked-files=no") else "")


def _git(*arguments: str) -> str | None:
    try:
        result = subprocess.run(["git", *arguments], cwd=folders.ROOT, capture_output=True, text=True, check=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        return None
    return result.stdout.strip()
