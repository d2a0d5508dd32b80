"""The documents: both languages are equal in substance, links lead somewhere, the site builds without a warning."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lab.target import ROOT

PAIRS = [
    ("README.md", "README.ja.md"),
    ("docs/quickstart.md", "docs/ja/quickstart.md"),
    ("docs/level1.md", "docs/ja/level1.md"),
]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def blocks(path: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / path).read_text(encoding="utf-8"), re.DOTALL)


def commands(path: str) -> list[str]:
    """The code of a page without what people read: comments."""
    return [re.sub(r"\s*#.*", "", block) for language in ("sh", "json") for block in blocks(path, language)]


@pytest.mark.parametrize(("english", "japanese"), PAIRS)
def test_both_languages_have_the_same_headings_tables_and_commands(english: str, japanese: str) -> None:
    texts = [(ROOT / path).read_text(encoding="utf-8") for path in (english, japanese)]
    for shape in (r"^#+ ", r"^\|", r"^\d+\. ", r"^- ", r"^```"):
        counts = [len(re.findall(shape, text, re.MULTILINE)) for text in texts]
        assert counts[0] == counts[1], shape
    assert commands(english) == commands(japanese)


@pytest.mark.parametrize("page", ["README.md", "README.ja.md"])
def test_the_run_shown_deploys_as_many_resources_as_the_golden_one(page: str) -> None:
    golden = json.loads((ROOT / "tests" / "golden" / "metrics.json").read_text(encoding="utf-8"))
    shown = re.findall(r"^ (\d\d) .* (\d+) resources$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    assert shown == [("10", str(golden["10"]["resources"]))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)#\s]+)", text)
    broken = [link for link in targets if "://" not in link and not (page.parent / link).exists()]
    assert broken == []


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    assert (tmp_path / "site" / "index.html").exists()
