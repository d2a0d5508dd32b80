"""The error that people see: what was wrong, what to do about it, and the code under which the docs explain it."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Final

PAGE: Final = "docs/errors.md"


class LabError(Exception):
    """A failure that the person can mend. The command line prints it as one line and ends with status 2.

    Parameters: message, what was wrong; remedy, the next command or step.
    code: where it was found, such as ``target.environment``: module and function that made it, the heading in
    docs/errors.md.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(f"{message} {remedy}".strip())
        self.message = message
        self.remedy = remedy
        self.code = _code(sys._getframe(1))

    def _render_traceback_(self) -> list[str]:
        """Return what Jupyter shows in place of a traceback: whoever has to mend something needs no stack of calls.

        Source: https://ipython.readthedocs.io/en/stable/config/integrating.html#custom-exception-tracebacks
        """
        return [f"✗ {self.message}", *([f"→ {self.remedy}"] if self.remedy else []), f"{self.code}: see {PAGE}"]


def _code(frame: FrameType) -> str:
    return code(str(frame.f_globals.get("__name__", "")), frame.f_code.co_qualname)


def code(module: str, function: str) -> str:
    """Return the code of an error made in a function, given by its qualified name (``Model.current``).

    >>> code("lab.run.catalogue", "find")
    'run.catalogue.find'
    """
    names = [name.strip("_") for name in function.split(".") if not name.startswith("<") and name != "__init__"]
    return ".".join([*module.removeprefix("lab.").split("."), *names])
