"""The run that both READMEs show: its seconds and results are those of docs/seconds.md."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from lab.target import ROOT

SECONDS: Final = ROOT / "docs" / "seconds.md"
LINE: Final = re.compile(r"^ (\d\d) .*✓.*$", re.MULTILINE)
TITLE_WIDTH: Final = 24


def lines(seconds: str) -> dict[str, str]:
    """Return each notebook's line of a run, by number, from the page of seconds."""
    rows = re.findall(r"^\| (\d\d) ([^|]+) \| \d+ \| ([\d.]+) \| (.*) \|$", seconds, re.MULTILINE)
    return {row[0]: f" {row[0]} {row[1]:<{TITLE_WIDTH}} ✓ {float(row[2]):>3.0f} s  {row[3]}" for row in rows}


def english() -> str:
    """Return README.md with the lines of the run that docs/seconds.md tells."""
    return _renewed(ROOT / "README.md")


def japanese() -> str:
    """Return README.ja.md with the same lines."""
    return _renewed(ROOT / "README.ja.md")


def _renewed(page: Path) -> str:
    run = lines(SECONDS.read_text(encoding="utf-8"))
    return LINE.sub(lambda line: run[line[1]], page.read_text(encoding="utf-8"))
