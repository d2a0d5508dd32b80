"""Write the pages: ``python -m lab.reference``; with ``--check`` only say which ones are out of date."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from lab.reference import contract, errors, shown
from lab.target import ROOT

PAGES: Final[dict[str, Callable[[], str]]] = {
    "errors.md": errors.page,
    "contract.md": contract.page,
    "../README.md": shown.english,
    "../README.ja.md": shown.japanese,
}


def main(arguments: Sequence[str], folder: Path = ROOT / "docs") -> int:
    """Write or check the pages and return the exit status."""
    stale = 0
    for name, make in PAGES.items():
        path, wanted = folder / name, make()
        if "--check" not in arguments:
            path.write_text(wanted, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != wanted:
            print(f"{name} is out of date: run `python -m lab.reference`")
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
