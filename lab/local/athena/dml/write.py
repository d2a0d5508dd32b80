"""Running a query into files: one file for each partition, uploaded when all of them are complete."""

# ruff: noqa: S608 - SQL is what this module makes, of quoted names and literals
from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lab.local.athena import types as t
from lab.local.athena import udf
from lab.local.athena.catalog import Column
from lab.local.athena.dml.encoding import Encoding
from lab.local.athena.dml.files import Writer, writer
from lab.local.athena.dml.stored import stored
from lab.local.athena.errors import QueryError
from lab.local.athena.expr import Expr
from lab.local.athena.objects import Objects
from lab.local.athena.partitions import NULL
from lab.local.athena.query import Query
from lab.local.athena.render import cell
from lab.local.athena.results import check_size
from lab.local.athena.select import Tools, opened
from lab.local.athena.task import Task
from lab.local.athena.types import quoted

if TYPE_CHECKING:
    import pyarrow as pa

MOST_PARTITIONS: Final = 100
ROWS_AT_ONCE: Final = 50_000
Values = tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """What to write, as what, and where.

    Parameters: columns, of the table, the partition columns last; keys, how many those are; sources, for each column
    the place in the query's result, None = NULL; place, the folder (with a slash) of a partition's values.
    """

    query: Query
    columns: tuple[Column, ...]
    keys: int
    sources: tuple[int | None, ...]
    encoding: Encoding
    place: Callable[[Values], str]


@dataclass
class Written:
    """What was written: rows, bytes read, the objects, and each partition's folder by its values."""

    rows: int = 0
    scanned: int = 0
    objects: list[str] = field(default_factory=list)
    partitions: dict[Values, str] = field(default_factory=dict)


@contextmanager
def written(plan: Plan, task: Task, tools: Tools) -> Iterator[Written]:
    """Write, and take the objects back if what the block does with them fails. Raises: QueryError, Cancelled."""
    result = Written()
    try:
        with tempfile.TemporaryDirectory(prefix="athena-") as folder, opened(_read(plan), task, tools) as ready:
            result.scanned = ready.scanned
            files = _Files(plan, Path(folder))
            reader = ready.connection.sql(_read(plan).sql).to_arrow_reader(ROWS_AT_ONCE)
            for batch in reader:
                task.cancellation.check()
                files.add(batch)
                check_size(files.size)
            files.close()
            result.rows = files.rows
            _upload(files, plan, task, tools.objects, result)
        yield result
    except BaseException:
        tools.objects.delete(result.objects)
        raise


def _read(plan: Plan) -> Query:
    """The query with the columns as the files hold them: data columns by name, then the keys as texts ``k0`` …"""
    with udf.collecting() as more:
        values = [stored(_source(plan, i), column.type) for i, column in enumerate(plan.columns)]
        data = len(values) - plan.keys
        parts = [
            f"{_text(value) if plan.encoding.kind == 'text' else value.sql} AS {quoted(column.name)}"
            for value, column in zip(values[:data], plan.columns[:data], strict=True)
        ]
        parts += [f"coalesce(nullif({cell(key)}, ''), '{NULL}') AS k{i}" for i, key in enumerate(values[data:])]
    sql = f"SELECT {', '.join(parts)} FROM ({plan.query.sql}) AS q"
    return replace(plan.query, sql=sql, udfs=(*plan.query.udfs, *more.values()))


def _source(plan: Plan, place: int) -> Expr:
    source = plan.sources[place]
    if source is None:
        return Expr(f"CAST(NULL AS {t.UNKNOWN.storage})", t.UNKNOWN)
    return Expr(f"q.c{source}", plan.query.columns[source].type)


def _text(value: Expr) -> str:
    return f"to_base64({value.sql})" if value.type == t.VARBINARY else cell(value)


class _Files:
    """The open files of a plan, by partition values."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self._plan = plan
        self._folder = folder
        self._writers: dict[Values, Writer] = {}
        self.paths: dict[Values, Path] = {}
        self.rows = 0

    def add(self, batch: pa.RecordBatch) -> None:
        """Write the rows of a batch, each to its partition's file. Raises: QueryError for too many partitions."""
        import pyarrow as pa

        self.rows += batch.num_rows
        rows = pa.Table.from_batches([batch])
        for values, part in _split(rows, self._plan.keys):
            if part.num_rows:
                self._writer(values, part.schema).write(part)

    def _writer(self, values: Values, schema: pa.Schema) -> Writer:
        if values not in self._writers:
            if len(self._writers) >= MOST_PARTITIONS:
                raise QueryError(
                    "HIVE_TOO_MANY_OPEN_PARTITIONS",
                    f"Exceeded limit of {MOST_PARTITIONS} open writers for partitions/buckets",
                )
            path = self._folder / str(len(self._writers))
            self._writers[values] = writer(path, self._plan.encoding, schema)
            self.paths[values] = path
        return self._writers[values]

    @property
    def size(self) -> int:
        """Bytes that are on the disk so far."""
        return sum(path.stat().st_size for path in self.paths.values())

    def close(self) -> None:
        """Finish the files."""
        for opened_file in self._writers.values():
            opened_file.close()


def _split(rows: pa.Table, keys: int) -> Iterator[tuple[Values, pa.Table]]:
    """The rows by the values of their last columns, without those."""
    import pyarrow.compute as pc

    if not keys:
        yield (), rows
        return
    names = [f"k{i}" for i in range(keys)]
    data = rows.select(rows.column_names[:-keys])
    for group in rows.group_by(names).aggregate([]).to_pylist():
        values = tuple(group[name] for name in names)
        mask = pc.equal(rows[names[0]], values[0])
        for name, value in zip(names[1:], values[1:], strict=True):
            mask = pc.and_(mask, pc.equal(rows[name], value))
        yield values, data.filter(mask)


def _upload(files: _Files, plan: Plan, task: Task, objects: Objects, result: Written) -> None:
    for index, (values, path) in enumerate(sorted(files.paths.items())):
        task.cancellation.check()
        folder = plan.place(values)
        uri = f"{folder}{task.id}_{index:05d}{plan.encoding.suffix}"
        with path.open("rb") as stream:
            objects.put_file(uri, stream, path.stat().st_size, "application/octet-stream")
        result.objects.append(uri)
        if plan.keys:
            result.partitions[values] = folder
