"""One private name of MiniStack that we rely on, and how it must look."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Hook:
    """A private name.

    module, name: where it stands; parameters: its parameter names, or None for what is not called; replace: returns the
    new value for the old one, or None when the name is only called or read; why: what it gives us.
    """

    module: str
    name: str
    parameters: tuple[str, ...] | None
    why: str
    replace: Callable[[Any], Any] | None = None

    def problem(self) -> str | None:
        """Return what changed about the name, or None when it is as we know it."""
        try:
            value = getattr(importlib.import_module(self.module), self.name)
        except (ImportError, AttributeError):
            return f"{self.module}.{self.name} is gone"
        if self.parameters is None:
            return None
        found = tuple(inspect.signature(value).parameters) if callable(value) else ()
        if found != self.parameters:
            return f"{self.module}.{self.name} takes {found}, known was {self.parameters}"
        return None

    def install(self) -> None:
        """Put our value in the place of the old one."""
        if self.replace is not None:
            module = importlib.import_module(self.module)
            setattr(module, self.name, self.replace(getattr(module, self.name)))
