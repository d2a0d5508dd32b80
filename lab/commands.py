"""The page of all commands, generated from their own help: ``python -m lab.commands`` writes ``docs/commands.md``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from lab import cli
from lab.target import ROOT

PAGE: Final = ROOT / "docs" / "commands.md"
HEAD: Final = """# Commands

Generated from `lab COMMAND --help`; renew by `python -m lab.commands`.
Exit status: 0 done · 1 a check said no · 2 something is to be mended first (one line says what).
"""
WIDTH: Final = 100


def page() -> str:
    """Return the page as Markdown: a heading and the help of each command and sub-command."""
    context = click.Context(cli.group, info_name="lab", **cli.group.context_settings)
    parts = [f"## {name}\n\n```text\n{text}\n```\n" for name, text in _helps(cli.group, context)]
    return HEAD + "\n" + "\n".join(parts)


def _helps(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    """Yield (words, help) of a command and everything below it."""
    context.max_content_width = WIDTH
    context.terminal_width = WIDTH
    yield context.command_path, command.get_help(context).rstrip()
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None:
                yield from _helps(below, click.Context(below, info_name=name, parent=context))


def write(file: Path = PAGE) -> None:
    """Write the page."""
    file.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    write()
