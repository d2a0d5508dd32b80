"""Records that become one object, and where they come from."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Batch:
    """Records of one object. since: Unix seconds when the oldest arrived; name: the object's own, kept over a retry."""

    records: list[bytes]
    since: float
    name: uuid.UUID


class Source(Protocol):
    """Holds records until they are delivered."""

    @property
    def size(self) -> int:
        """Bytes that wait."""

    @property
    def since(self) -> float | None:
        """Unix seconds when the oldest waiting record arrived; None when none waits."""

    def fill(self) -> bool:
        """Take in what there is. Returns whether there may be more at once."""

    def take(self) -> Batch:
        """Return the oldest records, as many as fill an object; the same again until ``done``."""

    def done(self) -> None:
        """Forget what ``take`` returned: it is delivered."""
