"""The DuckDB database in which one query runs: it reads the listed files and nothing else of the computer.

Paths are allowed before the configuration is locked and cannot change afterwards, hence one database per query.
Source: https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import duckdb

    from lab.local.athena.query import Udf

SPARES: Final = 2
SETTINGS: Final = {
    "threads": "2",
    "memory_limit": "2GB",
    "temp_directory": "",
    "python_enable_replacements": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
}


class Databases:
    """Gives out databases; some are opened ahead, because that takes as long as a small query.

    Parameters: executor, opens more of them in the background, once a query has ended.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._lock = threading.Lock()
        self._preparing = threading.Lock()
        self._spare: list[duckdb.DuckDBPyConnection] = []
        self._closed: duckdb.DuckDBPyConnection | None = None

    @contextmanager
    def locked(
        self, files: Iterable[Path], udfs: Sequence[Udf] = (), settings: Iterable[str] = ()
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """A database that can read these files and call these functions, and whose settings nobody changes.

        Parameters: settings, statements that come before.
        """
        connection = self._take()
        try:
            for udf in udfs:
                udf.register(connection)
            for statement in settings:
                connection.execute(statement)
            _lock_up(connection, files)
            yield connection
        finally:
            connection.close()
            self._executor.submit(self._prepare)

    @contextmanager
    def without_files(self, udfs: Sequence[Udf] = ()) -> Iterator[duckdb.DuckDBPyConnection]:
        """A database that reads no file; one is shared by all expressions that call no function of ours."""
        if udfs:
            with self.locked((), udfs) as connection:
                yield connection
            return
        with self._lock:
            if self._closed is None:
                self._closed = _open()
                _lock_up(self._closed, ())
            cursor = self._closed.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    def _take(self) -> duckdb.DuckDBPyConnection:
        with self._lock:
            spare = self._spare.pop() if self._spare else None
        return spare or _open()

    def _prepare(self) -> None:
        with self._preparing:
            while len(self._spare) < SPARES:
                connection = _open()
                with self._lock:
                    self._spare.append(connection)


def _lock_up(connection: duckdb.DuckDBPyConnection, files: Iterable[Path]) -> None:
    paths = ", ".join(literal(str(file)) for file in files)
    connection.execute(f"SET allowed_paths = [{paths}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _open() -> duckdb.DuckDBPyConnection:
    import duckdb  # an AWS that is asked no query does without its memory

    connection = duckdb.connect(":memory:", config=SETTINGS)  # type: ignore[arg-type]
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def literal(text: str) -> str:
    """A string literal of DuckDB."""
    return "'" + text.replace("'", "''") + "'"
