"""Operations whose modules are imported when the first of them is asked for: an AWS that starts does without them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

from lab.local.edge import Operation


class Later(Mapping[str, Operation]):
    """The operations of a service. Parameters: make, imports what is needed and returns them; called once."""

    def __init__(self, make: Callable[[], Mapping[str, Operation]]) -> None:
        self._make = make

    @cached_property
    def _operations(self) -> Mapping[str, Operation]:
        return self._make()

    def __getitem__(self, name: str) -> Operation:
        """Return an operation. Raises: KeyError when there is none of that name."""
        return self._operations[name]

    def __iter__(self) -> Iterator[str]:
        """Return the names."""
        return iter(self._operations)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._operations)
