"""The DuckDB database in which one query runs: it reads the listed files and nothing else of the computer.

Paths are allowed before the configuration is locked and cannot change afterwards, hence one database per query.
Source: https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import duckdb

    from lab.local.athena.query import Udf

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
    """Gives out databases; one is opened ahead, because that takes longer than a small query.

    Parameters: executor, opens the next one in the background.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._lock = threading.Lock()
        self._spare: list[duckdb.DuckDBPyConnection] = []

    def locked(self, files: Iterable[Path], udfs: Sequence[Udf] = ()) -> duckdb.DuckDBPyConnection:
        """A database that can read these files and call these functions, and whose settings nobody changes."""
        connection = self._take()
        for udf in udfs:
            udf.register(connection)
        paths = ", ".join(literal(str(file)) for file in files)
        connection.execute(f"SET allowed_paths = [{paths}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        return connection

    def _take(self) -> duckdb.DuckDBPyConnection:
        with self._lock:
            spare = self._spare.pop() if self._spare else None
        self._executor.submit(self._prepare)
        return spare or _open()

    def _prepare(self) -> None:
        if not self._spare:
            connection = _open()
            with self._lock:
                self._spare.append(connection)


def _open() -> duckdb.DuckDBPyConnection:
    import duckdb  # an AWS that is asked no query does without its memory

    connection = duckdb.connect(":memory:", config=SETTINGS)  # type: ignore[arg-type]
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def literal(text: str) -> str:
    """A string literal of DuckDB."""
    return "'" + text.replace("'", "''") + "'"
