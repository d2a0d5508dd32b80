"""Which members occur in files of JSON lines: the SerDe finds a column's member whatever its case."""

# ruff: noqa: S608 - SQL is what this module makes, of quoted names and literals
from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from lab.local.athena.database import Databases, literal
from lab.local.athena.json_rows import FIRST
from lab.local.athena.objects import S3Object
from lab.local.athena.scan import line_reader

MOST: Final = 20_000


class JsonKeys:
    """Reads the names once per version of a file."""

    def __init__(self, databases: Databases) -> None:
        self._databases = databases
        self._lock = threading.Lock()
        self._known: dict[tuple[Path, str], frozenset[str]] = {}

    def of(self, objects: Sequence[S3Object], skip: int) -> set[str]:
        """The members of all objects. Parameters: skip, header lines."""
        new = [found for found in objects if (found.file, found.etag) not in self._known]
        if new:
            read = self._read(new, skip)
            with self._lock:
                if len(self._known) > MOST:
                    self._known.clear()
                self._known.update(read)
        return {key for found in objects for key in self._known.get((found.file, found.etag), frozenset())}

    def _read(self, objects: Sequence[S3Object], skip: int) -> dict[tuple[Path, str], frozenset[str]]:
        lines = line_reader(", ".join(literal(str(found.file)) for found in objects), skip)
        document = f"CASE WHEN json_valid(line) THEN line ELSE {FIRST.name}(line) END"
        sql = (
            f'SELECT "$file", list(DISTINCT key) FROM (SELECT "$file", unnest(json_keys({document})) AS key '
            f"FROM ({lines})) GROUP BY ALL"
        )
        with self._databases.locked([found.file for found in objects], [FIRST]) as connection:
            names = {Path(file): frozenset(keys) for file, keys in connection.execute(sql).fetchall()}
        return {(found.file, found.etag): names.get(found.file, frozenset()) for found in objects}
