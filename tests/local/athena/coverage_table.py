"""Which of Trino's functions the engine computes: asked of the engine itself, written into docs/athena.md.

``python -m tests.local.athena.coverage_table`` writes the table; a test holds it current.
"""

from __future__ import annotations

from typing import Final

from lab import stackdocs
from lab.local.athena.analyse import analyse
from lab.local.athena.catalog import Context, EmptyCatalog
from lab.local.athena.errors import QueryError, SyntaxProblem
from lab.local.athena.functions.reference import REFERENCE

PAGE: Final = "athena.md"
PART: Final = "functions"


def answer(name: str) -> str:
    """``computed``, ``refused`` by name, or ``unknown``: what a call without arguments is told."""
    try:
        analyse(f"SELECT {name}()", EmptyCatalog(), Context(), ())
    except SyntaxProblem:  # it has a syntax of its own
        return "computed"
    except QueryError as error:
        if error.name == "NOT_SUPPORTED" and f"function {name} " in str(error):
            return "refused"
        return "unknown" if "not registered" in str(error) else "computed"
    return "computed"


def table() -> str:
    """Return a row for each page of Trino's reference."""
    lines = ["| page of Trino's reference | computed | refused by name |", "| --- | --- | --- |"]
    for page, names in REFERENCE.items():
        told = {name: answer(name) for name in names}
        computed, refused = (
            ", ".join(f"`{name}`" for name in names if told[name] == said) or "none" for said in ("computed", "refused")
        )
        lines.append(f"| {page} | {computed} | {refused} |")
    return "\n".join(lines)


if __name__ == "__main__":
    stackdocs.renew(PAGE, {PART: table()})
