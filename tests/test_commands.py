"""The page of commands is generated, current and complete."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import click

from lab import cli, commands

# In a process of its own: click keeps a command's help option as the first caller in a process asked for it.
PRINT = "from lab import commands; print(commands.page(), end='')"


def test_the_page_of_commands_is_current() -> None:
    made = subprocess.run([sys.executable, "-c", PRINT], capture_output=True, encoding="utf-8", check=True).stdout
    assert commands.PAGE.read_text(encoding="utf-8") == made, "run `python -m lab.commands`"


def test_every_command_has_a_heading() -> None:
    text = commands.PAGE.read_text(encoding="utf-8")
    assert [name for name in cli.COMMANDS if f"\n## lab {name}\n" not in text] == []


def test_every_option_says_what_it_does_or_names_its_choices() -> None:
    silent = [
        f"{name} {option.opts[0]}"
        for name, option in options(cli.group, "lab")
        if not option.help and not isinstance(option.type, click.Choice)
    ]
    assert silent == []


def options(command: click.Command, name: str) -> Iterator[tuple[str, click.Option]]:
    """Yield (command's name, option) of a command and everything below it."""
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            yield name, parameter
    if isinstance(command, click.Group):
        context = click.Context(command)
        for word in command.list_commands(context):
            below = command.get_command(context, word)
            assert below is not None
            yield from options(below, f"{name} {word}")
