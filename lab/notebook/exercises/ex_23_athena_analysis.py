"""Exercise of notebook 23: read one day's partition and nothing else."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, Final

HINT: Final = "The partition columns are strings with leading zeros: month='01', not month=1."
DAYS: Final = tuple(itertools.product(("2015", "2016"), ("01", "05", "10"), ("01", "05", "10")))
ASKED: Final = ((2016, 1, 5), (2016, 10, 10))


def solution(year: int, month: int, day: int) -> str:
    """Return the condition of a WHERE clause."""
    return f"year='{year:04d}' AND month='{month:02d}' AND day='{day:02d}'"


def problem(answer: Callable[[int, int, int], Any]) -> str:
    """Return what is wrong with the answer, or an empty text. The condition chooses among eighteen days."""
    return next(filter(None, (_wrong(str(answer(*day)), day) for day in ASKED)), "")


def _wrong(text: str, day: tuple[int, int, int]) -> str:
    import duckdb

    connection = duckdb.connect(config={"enable_external_access": "false"})
    connection.execute("CREATE TABLE partitions (year VARCHAR, month VARCHAR, day VARCHAR)")
    connection.executemany("INSERT INTO partitions VALUES (?, ?, ?)", [list(row) for row in DAYS])
    try:
        found = connection.execute(f"SELECT * FROM partitions WHERE {text} ORDER BY ALL").fetchall()  # noqa: S608
    except duckdb.Error as error:
        return f"WHERE {text} does not run: {str(error).splitlines()[0]}"
    wanted = "{:04}-{:02}-{:02}".format(*day)
    read = ["-".join(row) for row in found]
    if read == [wanted]:
        return "" if _texts(text) else f"WHERE {text}: Athena compares a string with a string only"
    shown = ", ".join(read[:4]) + (" …" if len(read) > 4 else "")
    return f"WHERE {text} reads {shown or 'no day'}, not {wanted} alone"


def _texts(condition: str) -> bool:
    """Say whether no number stands outside of quotes: DuckDB would cast it, Athena refuses the comparison."""
    return not any(character.isdigit() for outside in condition.split("'")[::2] for character in outside)
