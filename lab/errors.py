"""The error that people see: what was wrong and what to do about it."""

from __future__ import annotations


class LabError(Exception):
    """A failure that the person can mend. The command line prints it as one line and ends with status 2.

    Parameters: message, what was wrong; remedy, the next command or step.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(f"{message} {remedy}".strip())
        self.message = message
        self.remedy = remedy
