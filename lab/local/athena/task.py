"""One statement on its way: what whoever answers it is given, and what they give back."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from lab.local.athena.caller import Caller
from lab.local.athena.catalog import Context
from lab.local.athena.catalogs import Catalogs
from lab.local.athena.classify import Statement

if TYPE_CHECKING:
    import duckdb

    from lab.local.athena.query import OutputColumn


AGAIN_SECONDS: Final = 0.05


class Cancelled(Exception):  # noqa: N818 - an outcome, not an error
    """The execution ends CANCELLED; ``str()`` is the reason. ``scanned``: the bytes that are accounted for."""

    def __init__(self, reason: str, scanned: int = 0) -> None:
        super().__init__(reason)
        self.scanned = scanned


class TimedOut(Cancelled):
    """The execution ends FAILED: it ran longer than it may."""


class Cancellation:
    """Stops a query that runs in another thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._why: Cancelled | None = None
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._ended = threading.Event()

    def cancel(self, why: Cancelled) -> None:
        """Stop the query now, or as soon as it begins."""
        with self._lock:
            is_first, self._why = self._why is None, self._why or why
        if is_first:
            threading.Thread(target=self._interrupt, name="athena-cancel", daemon=True).start()

    def end(self) -> None:
        """Say that there is nothing left to stop."""
        self._ended.set()

    def _interrupt(self) -> None:
        """Interrupt until the query has ended: DuckDB forgets an interruption that comes before a statement."""
        import duckdb

        while not self._ended.is_set():
            with self._lock:
                connection = self._connection
            if connection is not None:
                with contextlib.suppress(duckdb.ConnectionException):  # closed meanwhile
                    connection.interrupt()
            self._ended.wait(AGAIN_SECONDS)

    def watch(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Name the connection to interrupt. Raises: Cancelled when it is too late to begin."""
        with self._lock:
            self._connection = connection
        self.check()

    def check(self) -> None:
        """Raises: Cancelled when somebody asked for it."""
        if self._why is not None:
            raise self._why


@dataclass(frozen=True)
class Task:
    """A statement to answer.

    Parameters: id, of the execution; context, where unqualified names are found; caller, whose permissions count;
    parameters, SQL texts for its ``?``; folder, of the result objects, with a slash; workgroup, its name; enforced,
    whether the workgroup's location overrides the statement's; cutoff, bytes that may be scanned; planned, told when
    the data is found.
    """

    id: str
    statement: Statement
    context: Context
    caller: Caller
    catalogs: Catalogs
    parameters: Sequence[str]
    folder: str
    workgroup: str
    enforced: bool
    cutoff: int | None
    cancellation: Cancellation
    planned: Callable[[], None] = field(default=lambda: None)

    @property
    def output(self) -> str:
        """What the names of the result objects begin with."""
        return f"{self.folder}{self.id}"


@dataclass(frozen=True)
class Outcome:
    """What came of a statement.

    Parameters: columns, of the result; location, its object; scanned, bytes read; rows, how many a DML statement wrote;
    manifest, the object that lists the written files.
    """

    location: str
    columns: tuple[OutputColumn, ...] = ()
    scanned: int = 0
    written: int | None = None
    manifest: str | None = None
    details: dict[str, Any] = field(default_factory=dict)
