"""The page of troubleshooting goes by texts that people see: those of the lab are quoted as its source has them."""

from __future__ import annotations

import re
from typing import Final

import pytest

from lab.notebook.check import OPEN
from lab.reference import errors
from lab.target import ROOT

PAGE: Final = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
QUOTED: Final = [
    text for heading in re.findall(r"^## (.+)$", PAGE, re.MULTILINE) for text in re.findall(r'"(.+?)"', heading)
]
FOREIGN: Final = {
    "InvalidClientTokenId: The security token included in the request is invalid.",  # AWS
    "Insufficient Lake Formation permission(s)",
    "ConcurrentRunsExceededException",
    "NOT_SUPPORTED: …",  # Athena
    "TABLE_NOT_FOUND: …",
    "TYPE_MISMATCH",
    "lab: command not found",  # the shell
    "No such kernel named python3",  # Jupyter
    "The port 8888 is already in use, trying another port.",
    "No module named 'lab'",  # Python
    "name '…' is not defined",
}
"""Texts that others print."""


@pytest.fixture(scope="module")
def printed() -> list[str]:
    """Return what the lab prints where something goes wrong, with … for each value."""
    raised = [f"{one.message} {one.remedy}" for one in errors.raised(errors.SOURCES)]
    code = [*(ROOT / "lab").rglob("*.py"), *(ROOT / "glue").glob("*.py")]
    texts = [_shown(path.read_text(encoding="utf-8")) for path in code]
    return [*raised, *texts, (ROOT / "Makefile").read_text(encoding="utf-8")]


def _shown(source: str) -> str:
    """Return a source with the mark of an open exercise in place of its name, and … in place of other values."""
    return re.sub(r"\{[^{}]*\}", "…", source.replace("{OPEN}", OPEN))


@pytest.mark.parametrize("text", [text for text in QUOTED if text not in FOREIGN])
def test_a_text_of_the_lab_is_quoted_as_it_is_printed(text: str, printed: list[str]) -> None:
    parts = [part.strip() for part in text.split("…") if part.strip()]
    pattern = re.compile(".*?".join(map(re.escape, parts)))
    assert any(pattern.search(one) for one in printed), text


def test_every_foreign_text_stands_on_the_page() -> None:
    assert set(QUOTED) >= FOREIGN
