"""Exercise of notebook 14: the warmest reading of each device, in SQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

HINT: Final = "GROUP BY device_id, and max() over the temperature, named by AS."
READINGS: Final = (("a", 20.5), ("a", 23.25), ("b", -4.0), ("b", -6.0))


def solution(table_name: str) -> str:
    """Return the statement."""
    return f"SELECT device_id, max(temperature) AS warmest FROM {table_name} GROUP BY device_id"  # noqa: S608


def problem(answer: Callable[[str], Any]) -> str:
    """Return what is wrong with the answer, or an empty text. The statement runs over an example of four readings."""
    import duckdb

    statement = answer("readings")
    connection = duckdb.connect(config={"enable_external_access": "false"})
    connection.execute("CREATE TABLE readings (device_id VARCHAR, temperature DOUBLE)")
    connection.executemany("INSERT INTO readings VALUES (?, ?)", [list(row) for row in READINGS])
    try:
        result = connection.execute(statement)
    except duckdb.Error as error:
        return f"your statement does not run: {str(error).splitlines()[0]}"
    names = [column[0] for column in result.description or []]
    if names != ["device_id", "warmest"]:
        return f"the columns are {names}, not ['device_id', 'warmest']"
    rows = sorted(result.fetchall())
    return "" if rows == [("a", 23.25), ("b", -4.0)] else f"of the readings {list(READINGS)} it returns {rows}"
