"""Why a script failed, in one line, from what it wrote to its error output.

Source: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-runs.html (ErrorMessage of a job run)
"""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 2000
HEAD: Final = "Traceback (most recent call last):"
_ERROR: Final = re.compile(r"^[A-Za-z_][\w.]*(: .*)?$", re.DOTALL)


def of(text: str, status: int) -> str:
    """Return the exception of the last traceback, else the last line, else the exit status.

    Parameters: text, the error output; status, the exit status, negative for a signal.
    """
    lines = text.splitlines()
    heads = [number for number, line in enumerate(lines) if line.strip() == HEAD]
    if heads:
        found = _exception(lines[heads[-1] + 1 :])
        if found:
            return found[:LONGEST]
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    if last:
        return last[:LONGEST]
    return f"Command failed with exit code {status}" if status > 0 else f"The script was killed by signal {-status}."


def _exception(lines: list[str]) -> str:
    """Return the first line after a traceback's frames that names an exception."""
    for line in lines:
        if line and not line[0].isspace() and _ERROR.match(line):
            return line.strip()
    return ""
