"""What the documents show is real: commands parse, modules and files exist, code runs, messages keep the contract.

Read are the pages, the READMEs and the prose of the notebooks.
"""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
import sqlglot

from lab import cli, contract
from lab.notebook import book as notebook_book
from lab.notebook import checkpoint, figures, form
from lab.notebook.checkpoint import Checkpoint
from lab.target import ROOT

#: JupyterLab keeps a copy of each page that somebody opened from a notebook, in a hidden folder beside it.
DOCS = [page for page in (ROOT / "docs").rglob("*.md") if ".ipynb_checkpoints" not in page.parts]
PAGES = sorted([*ROOT.glob("*.md"), *DOCS, *(ROOT / "notebooks").glob("*.ipynb")])
each = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
TARGETS = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
ROOMS = "lab|tests|docs|infra|glue|notebooks|firmware"


def text(page: Path) -> str:
    """The words of a page, or of a notebook's Markdown."""
    if page.suffix == ".md":
        return page.read_text(encoding="utf-8")
    return "\n\n".join(cell["source"] for cell in form.read(page)["cells"] if cell["cell_type"] == "markdown")


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a language, without the indent of a list."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", text(page), re.DOTALL | re.MULTILINE)
    return [re.sub(rf"^{indent}", "", block, flags=re.MULTILINE) for indent, block in found]


def spans(page: Path) -> list[str]:
    """The pieces of code inside sentences."""
    outside = re.sub(r"^ *```.*?^ *```", "", text(page), flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"`([^`\n]+)`", outside)


def understood(words: list[str]) -> click.Context:
    """Parse a command of `lab` as the shell would give it, without running it.

    Raises: click.UsageError when the command line does not know it.
    """
    context = cli.group.make_context("lab", list(words))
    command: click.Command = cli.group
    rest = list(words)
    while isinstance(command, click.Group):
        name, found, rest = command.resolve_command(context, rest)
        assert found is not None
        command, context = found, found.make_context(name, list(rest), parent=context)
    return context


@each
def test_every_command_in_a_shell_block_is_understood(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_WIFI_PASSWORD", "asked for otherwise")
    for block in blocks(page, "sh"):
        for line in block.splitlines():
            words = shlex.split(line.replace("…", "x"), comments=True)
            if words[:1] == ["lab"]:
                understood(words[1:])
            if words[:1] == ["make"]:
                assert words[1] in TARGETS, line


@each
def test_every_command_and_option_in_a_sentence_is_there(page: Path) -> None:
    for span in spans(page):
        found = re.match(r"lab ([a-z]+)( [a-z]+)?", span)
        if found and found[1] in cli.COMMANDS:
            command = cli.group.get_command(click.Context(cli.group), found[1])
            if isinstance(command, click.Group) and found[2]:
                below = command.get_command(click.Context(command), found[2].strip())
                command = below or command
            assert command is not None
            known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)} | {"--help"}
            assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", span.split(" && ")[0])) <= known, span
        elif found:
            raise AssertionError(f"`{span}` is no command of lab")
        if span.startswith("make "):
            assert span.split()[1] in TARGETS, span


@each
def test_every_module_and_file_that_is_named_is_there(page: Path) -> None:
    for module in re.findall(r"python -m ((?:lab|tests)[\w.]*)", text(page)):
        assert importlib.util.find_spec(module), module
    for span in spans(page):
        if re.fullmatch(rf"(?:{ROOMS})/[\w./-]+", span) and "NN" not in span:
            assert list(ROOT.glob(span.rstrip("/") + "*")), span


@each
def test_every_message_keeps_the_contract(page: Path) -> None:
    for block in blocks(page, "json"):
        document = json.loads(block)
        if "device_id" in document:
            assert contract.problems(document) == []


@each
def test_every_statement_can_be_parsed(page: Path) -> None:
    for block in blocks(page, "sql"):
        sqlglot.parse_one(block, read="trino")


@each
def test_python_runs(page: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LAB_BUILD", str(tmp_path))
    for module in (notebook_book, checkpoint, figures):
        monkeypatch.setattr(module, "display", lambda *_given, **_options: None)
    for block in blocks(page, "python"):
        exec(compile(block, str(page), "exec"), names())


def names() -> dict[str, Any]:
    """What the cells of a notebook have by then: an open notebook that knows no AWS, and two counts."""
    book = object.__new__(notebook_book.Book)
    book._checkpoint = Checkpoint("13")
    return {"book": book, "figures": figures, "published": 1000, "stored": 1000, "refused": True}


@pytest.mark.parametrize("line", ["run --nonsense", "fly", "device nonsense", "run --jobs many"])
def test_a_command_that_is_not_there_would_be_found(line: str) -> None:
    with pytest.raises(click.UsageError):
        understood(line.split())
