"""The reference of all notebooks, generated from the notebooks themselves.

``python -m lab.notebook.reference`` writes ``docs/notebooks.md``; ``--check`` only says whether that is current.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from lab.run import catalogue, folders
from lab.run.catalogue import LEVELS, Notebook
from lab.run.inspection import parameters

HEAD: Final = """# Notebooks and their parameters

Generated from the notebooks by `python -m lab.notebook.reference`; do not edit.
Set a parameter with `lab run NN -p NAME VALUE`, of one notebook of several with `-p NN.NAME VALUE`.
"""


def text(books: Sequence[Notebook]) -> str:
    """Return the page."""
    lines = [HEAD]
    level = ""
    for book in books:
        if LEVELS[book.level] != level:
            level = LEVELS[book.level]
            lines.append(f"## {level.capitalize()}\n")
        lines += [*_section(book), ""]
    return "\n".join(lines).rstrip() + "\n"


def _section(book: Notebook) -> Iterator[str]:
    about = book.about
    yield f"### {book.number} {book.title}\n"
    yield f"{about.get('goal', '')} {about.get('minutes', '?')} minutes. Needs: {', '.join(book.needs) or 'nothing'}."
    yield f"Cost on AWS: {about.get('cost', '')}.\n"
    yield "| parameter | type | default | meaning |\n| --- | --- | --- | --- |"
    for item in parameters(book.path):
        yield f"| `{item.name}` | {item.type} | `{item.default}` | {item.help} |"


def main(arguments: Sequence[str], path: Path) -> int:
    """Write or check the page and return the exit status."""
    wanted = text(catalogue.load())
    if "--check" not in arguments:
        path.write_text(wanted, encoding="utf-8")
        return 0
    if path.exists() and path.read_text(encoding="utf-8") == wanted:
        return 0
    print(f"{path.name} is out of date: run `python -m lab.notebook.reference`")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], folders.ROOT / "docs" / "notebooks.md"))
