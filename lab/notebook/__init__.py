"""What notebook cells call: the strip at the top, figures, exercises, the checkpoint at the end."""

from __future__ import annotations

from lab.notebook.book import Book
from lab.notebook.check import check

__all__ = ["Book", "check"]
