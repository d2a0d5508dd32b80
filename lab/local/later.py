"""Operations whose modules take long to import: an AWS that starts is ready without them and imports them then."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping

from lab.local.edge import Operation


class Later(Mapping[str, Operation]):
    """The operations of a service, and the worker that imports them.

    Parameters: make, imports what is needed and returns them; called once, by the worker or by the first who asks.
    """

    def __init__(self, make: Callable[[], Mapping[str, Operation]]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: Mapping[str, Operation] | None = None
        self._thread = threading.Thread(target=len, args=(self,), name="later", daemon=True)

    def start(self) -> None:
        """Begin to import."""
        self._thread.start()

    def stop(self, deadline: float) -> None:
        """Let the import end, within a number of seconds."""
        if self._thread.is_alive():
            self._thread.join(deadline)

    def _operations(self) -> Mapping[str, Operation]:
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made

    def __getitem__(self, name: str) -> Operation:
        """Return an operation. Raises: KeyError when there is none of that name."""
        return self._operations()[name]

    def __iter__(self) -> Iterator[str]:
        """Return the names."""
        return iter(self._operations())

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._operations())
