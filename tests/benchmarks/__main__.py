"""`make bench`: runs the benchmarks and prints their rows. Compare ratios of one run; figures depend on the machine.

Arguments: names of benchmarks (``mqtt athena``); without any, all of them.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

FOLDER = Path(__file__).parent
WIDTH = 120
"""Columns at least, so that a table in a log is not folded."""


def names() -> list[str]:
    """Return the benchmarks that there are: every ``bench_NAME.py`` offers ``rows()``."""
    return sorted(file.stem.removeprefix("bench_") for file in FOLDER.glob("bench_*.py"))


def table(name: str, rows: list[dict[str, Any]]) -> Table:
    """Return the rows of one benchmark as a table; a figure is shown with three significant digits."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    drawn = Table(*columns, title=name)
    for row in rows:
        drawn.add_row(*(_text(row.get(column, "")) for column in columns))
    return drawn


def _text(value: Any) -> str:
    return (
        f"{value:.3g}"
        if isinstance(value, float) and value < 1000
        else f"{value:,.0f}"
        if isinstance(value, float)
        else str(value)
    )


def main(wanted: list[str]) -> int:
    """Run the benchmarks that are asked for. Returns the exit status."""
    unknown = set(wanted) - set(names())
    if unknown:
        print(f"error: no benchmark {', '.join(sorted(unknown))}; there are {', '.join(names())}", file=sys.stderr)
        return 2
    console = Console(width=max(WIDTH, Console().width))
    for name in wanted or names():
        console.print(table(name, importlib.import_module(f"tests.benchmarks.bench_{name}").rows()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
