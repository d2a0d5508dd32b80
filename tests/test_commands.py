"""The page of commands is generated, current and complete."""

from __future__ import annotations

from lab import cli, commands


def test_the_page_of_commands_is_current() -> None:
    assert commands.PAGE.read_text(encoding="utf-8") == commands.page(), "run `python -m lab.commands`"


def test_every_command_has_a_heading() -> None:
    text = commands.PAGE.read_text(encoding="utf-8")
    assert [name for name in cli.COMMANDS if f"\n## lab {name}\n" not in text] == []
