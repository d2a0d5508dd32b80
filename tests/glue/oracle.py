"""What the table and the dead letters of a lake must be, computed by DuckDB from the raw objects alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import duckdb

# The first record of a key by (object, position) stays; the rules are written as SQL, apart from the job's Python.
LINES: Final = """
CREATE TABLE lines AS
WITH files AS (SELECT filename, string_split(content, chr(10)) AS parts FROM read_text($1)),
     parts AS (SELECT filename, unnest(parts) AS line, generate_subscripts(parts, 1) AS line_number FROM files)
SELECT filename, line_number, line, json_valid(line) AS valid,
       CASE WHEN json_valid(line) THEN json_extract_string(line, '$.device_id') END AS device_id,
       CASE WHEN json_valid(line) THEN json_extract(line, '$.timestamp')::DOUBLE END AS seconds,
       CASE WHEN json_valid(line) THEN TRY_CAST(json_extract(line, '$.temperature') AS DOUBLE) END AS temperature
FROM parts WHERE trim(line) <> ''
"""
ROWS: Final = """
SELECT device_id, epoch_us(make_timestamp((seconds * 1000000)::BIGINT)) AS us, temperature,
       strftime(make_timestamp((seconds * 1000000)::BIGINT) + INTERVAL 9 HOUR, '%Y-%m-%d') AS day
FROM lines WHERE valid AND temperature > -50 AND temperature < 100
QUALIFY row_number() OVER (PARTITION BY device_id, us ORDER BY filename, line_number) = 1 ORDER BY ALL
"""
LETTERS: Final = """
SELECT CASE WHEN valid THEN 'out_of_range' ELSE 'malformed_json' END AS reason,
       parse_filename(filename) AS name, line
FROM lines WHERE NOT valid OR temperature <= -50 OR temperature >= 100 ORDER BY ALL
"""
STORED: Final = """
SELECT device_id, epoch_us(event_time) AS us, temperature, concat_ws('-', year, month, day) AS day
FROM read_parquet($1, hive_partitioning = true, hive_types_autocast = false) ORDER BY ALL
"""


def expected(raw: list[Path]) -> tuple[list[Any], list[Any]]:
    """Return the rows (device, microseconds, temperature, day) and the letters (reason, object's name, record)."""
    with duckdb.connect() as database:
        database.execute(LINES, [[str(path) for path in raw]])
        return database.execute(ROWS).fetchall(), database.execute(LETTERS).fetchall()


def stored(files: list[Path]) -> list[Any]:
    """Return the rows of the table's files in the same form, every copy of them."""
    with duckdb.connect() as database:
        return database.execute(STORED, [[str(file) for file in files]]).fetchall()
