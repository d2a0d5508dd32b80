"""The page of commands is generated, current and complete."""

from __future__ import annotations

import subprocess
import sys

from lab import cli, commands

# In a process of its own: click keeps a command's help option as the first caller in a process asked for it.
PRINT = "from lab import commands; print(commands.page(), end='')"


def test_the_page_of_commands_is_current() -> None:
    made = subprocess.run([sys.executable, "-c", PRINT], capture_output=True, encoding="utf-8", check=True).stdout
    assert commands.PAGE.read_text(encoding="utf-8") == made, "run `python -m lab.commands`"


def test_every_command_has_a_heading() -> None:
    text = commands.PAGE.read_text(encoding="utf-8")
    assert [name for name in cli.COMMANDS if f"\n## lab {name}\n" not in text] == []
