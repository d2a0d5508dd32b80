"""Hold every source notebook to the form of ``docs/notebook-form.md``.

``python -m lab.notebook.lint`` says what is wrong; with ``--fix`` it first strips, renews the navigation and sorts.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from lab.notebook import form, map, navigation
from lab.run import catalogue, inspection
from lab.run.catalogue import Notebook

MOST_LINES: Final = 15
MOST_PARAMETERS: Final = 8
REGION: Final = re.compile(r"\b(?:us|eu|ap|sa|ca|me|af|il)-(?:north|south|east|west|central)[a-z]*-\d\b")
ABSOLUTE: Final = re.compile(r"""["'](?:/(?:home|tmp|work|root|Users)/|[A-Z]:\\)""")
REQUIRED: Final = ("goal", "minutes", "hops", "cost")
#: What every lesson says to its reader, and the tag of the picture that stands for it.
SAID: Final = ("**What you need**", "**Steps**", "**What just happened**")
PICTURE: Final = "picture"


def main(arguments: Sequence[str]) -> int:
    """Lint all notebooks and return 0 when nothing is wrong."""
    if "--fix" in arguments:
        for book in catalogue.load():
            fix(book, catalogue.load())
    books = catalogue.load()
    found = [f"{book.path.name}: {words}" for book in books for words in problems(book, books)]
    print("\n".join(found) or f"{len(books)} notebooks keep the form")
    return 1 if found else 0


def fix(book: Notebook, books: Sequence[Notebook]) -> None:
    """Rewrite a notebook stripped, sorted and with current navigation."""
    document = navigation.place(form.read(book.path), navigation.generated(books, book))
    book.path.write_text(form.text(form.stripped(document)), encoding="utf-8")


def problems(book: Notebook, books: Sequence[Notebook]) -> list[str]:
    """Return what is wrong with a notebook, one sentence each."""
    document = form.read(book.path)
    found = [*_file(book, document), *_about(book), *_parameters(book, document)]
    for cell in document["cells"]:
        if cell["cell_type"] == "code":
            found += [f"cell {cell.get('id')}: {words}" for words in _code(cell["source"])]
    placed = navigation.place(document, navigation.generated(books, book))
    if placed != document:
        found.append("navigation is out of date: run `python -m lab.notebook.lint --fix`")
    return found


def _file(book: Notebook, document: dict[str, Any]) -> Iterator[str]:
    if book.path.read_text(encoding="utf-8") != form.text(form.stripped(document)):
        yield "not in stored form (outputs, counts, order): run `python -m lab.notebook.lint --fix`"
    for name, times in Counter(cell.get("id") for cell in document["cells"]).items():
        if not name or times > 1:
            yield f"cell id {name!r} is missing or used twice"
    if not any(re.match(rf"# {book.number} · ", cell["source"]) for cell in document["cells"]):
        yield f"no heading `# {book.number} · Title`"
    code = "\n".join(cell["source"] for cell in document["cells"] if cell["cell_type"] == "code")
    for needed in (f'Book("{book.number}")', "book.checkpoint.show("):
        if needed not in code:
            yield f"{needed} is missing"
    yield from _lesson(document)


def _lesson(document: dict[str, Any]) -> Iterator[str]:
    prose = "\n".join(cell["source"] for cell in document["cells"] if cell["cell_type"] == "markdown")
    yield from (f"the prose never says {words}" for words in SAID if words not in prose)
    if not any(PICTURE in cell["metadata"].get("tags", ()) for cell in document["cells"]):
        yield f"no cell carries the tag `{PICTURE}`"


def _about(book: Notebook) -> Iterator[str]:
    for name in REQUIRED:
        if name not in book.about:
            yield f"metadata lab.{name} is missing"
    for hop in book.about.get("hops", ()):
        if hop not in map.HOPS:
            yield f"metadata lab.hops: {hop!r} is not on the map ({', '.join(map.HOPS)})"


def _parameters(book: Notebook, document: dict[str, Any]) -> Iterator[str]:
    tagged = [cell for cell in document["cells"] if inspection.TAG in cell["metadata"].get("tags", [])]
    if len(tagged) != 1:
        yield f"{len(tagged)} cells carry the tag `parameters`; there has to be one"
        return
    try:
        declared = inspection.parameters(book.path)
    except ValueError as error:
        yield f"parameters: {error}"
        return
    if len(declared) > MOST_PARAMETERS:
        yield f"{len(declared)} parameters, at most {MOST_PARAMETERS}"
    yield from (f"parameter {item.name} has no comment" for item in declared if not item.help)


def _code(source: str) -> Iterator[str]:
    if source.count("\n") >= MOST_LINES:
        yield f"more than {MOST_LINES} lines: move logic to lab"
    if re.search(r"^\s*[!%]", source, re.MULTILINE):
        yield "a shell command or magic: call a function of lab"
        return
    if REGION.search(source):
        yield "a region literal: the target decides the region"
    if ABSOLUTE.search(source):
        yield "an absolute path"
    yield from _calls(source)


def _calls(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom | ast.Import):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [item.name for item in node.names]
            names += [f"lab.{item.name}" for item in node.names if isinstance(node, ast.ImportFrom)]
            if any(name == "lab.local" or name.startswith("lab.local.") for name in names):
                yield "imports lab.local: notebooks reach the embedded AWS as they reach AWS"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("input", "getpass"):
            yield f"{node.func.id}() waits for a person"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
