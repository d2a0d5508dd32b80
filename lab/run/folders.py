"""Where notebooks, their runs, metrics and reports lie."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
NOTEBOOKS: Final = ROOT / "notebooks"


def build() -> Path:
    """Return the folder of everything that can be made again: ``build/``, or what LAB_BUILD names."""
    return Path(os.environ.get("LAB_BUILD") or ROOT / "build").resolve()


def runs() -> Path:
    """Return the folder of executed notebooks and of the runs' state."""
    return build() / "runs"


def metrics() -> Path:
    """Return the folder of the counts that each notebook writes, ``NN.json``."""
    return build() / "metrics"


def reports() -> Path:
    """Return the folder of HTML reports and their index."""
    return build() / "reports"
