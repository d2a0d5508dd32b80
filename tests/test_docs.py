"""The documents: both languages are equal in substance, links lead somewhere, the site builds without a warning."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lab import cli
from lab.target import ROOT

PAIRS = [
    ("README.md", "README.ja.md"),
    ("docs/quickstart.md", "docs/ja/quickstart.md"),
    ("docs/level1.md", "docs/ja/level1.md"),
]
#: JupyterLab keeps a copy of each page that somebody opened from a notebook, in a hidden folder beside it.
DOCS = [page for page in (ROOT / "docs").rglob("*.md") if ".ipynb_checkpoints" not in page.parts]
PAGES = [*ROOT.glob("*.md"), *DOCS]


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
def test_the_table_of_commands_names_every_command(page: str) -> None:
    rows = re.findall(r"^\| `.*$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    named = re.findall(r"\b[a-z]+\b", " ".join(re.findall(r"`([^`]+)`", " ".join(rows))))
    assert set(cli.COMMANDS) <= set(named)


@pytest.mark.parametrize("page", ["README.md", "README.ja.md"])
def test_the_run_shown_deploys_as_many_resources_as_the_golden_one(page: str) -> None:
    golden = json.loads((ROOT / "tests" / "golden" / "metrics.json").read_text(encoding="utf-8"))
    shown = re.findall(r"^ (\d\d) .* (\d+) resources$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    assert shown == [("10", str(golden["10"]["resources"]))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_to_a_heading_in_it(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)\s]+)", text)
    assert [link for link in targets if "://" not in link and not leads_somewhere(page, link)] == []


def leads_somewhere(page: Path, link: str) -> bool:
    """Tell whether a page's link names a file, and a heading of it when it names one."""
    path, _, anchor = link.partition("#")
    target = page.parent / path if path else page
    return target.exists() and (not anchor or anchor in anchors(target))


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub and the site's `toc` make them of words without signs."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[\s]+", "-", re.sub(r"[^\w\s-]", "", heading.lower())) for heading in headings}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make docs` builds it; a warning of MkDocs fails."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return folder


def test_the_site_has_every_page_and_each_knows_its_place_in_the_navigation(site: Path) -> None:
    for page in DOCS:
        built = site / page.relative_to(ROOT / "docs").with_suffix(".html")
        assert "md-nav__link--active" in built.read_text(encoding="utf-8"), page


def test_no_page_of_the_site_loads_anything_from_another_host(site: Path) -> None:
    loading = re.compile(r"<(?:script|link|img|iframe|source)\b[^>]*?(?:src|href)=[\"']?((?:https?:)?//[^\"' >]+)")
    for page in site.rglob("*.html"):
        assert loading.findall(page.read_text(encoding="utf-8")) == [], page
    for sheet in site.rglob("*.css"):
        assert re.findall(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", sheet.read_text(encoding="utf-8")) == [], sheet


def test_the_site_draws_every_diagram(site: Path) -> None:
    charts = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").count("```mermaid")
    built = (site / "architecture.html").read_text(encoding="utf-8")
    assert charts == built.count('class="diagram"') == 3
    assert "flowchart LR" not in built
