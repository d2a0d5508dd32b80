"""Window functions. Source: https://trino.io/docs/current/functions/window.html"""

from __future__ import annotations

from lab.local.athena.functions.signature import Table, windowed

TABLE: Table = {}

for _name in ("row_number", "rank", "dense_rank"):
    windowed(TABLE, f"{_name}() -> bigint", f"{_name}()")
for _name in ("percent_rank", "cume_dist"):
    windowed(TABLE, f"{_name}() -> double", f"{_name}()")
windowed(TABLE, "ntile(bigint) -> bigint", "ntile({0})")
for _name in ("first_value", "last_value"):
    windowed(TABLE, f"{_name}(T) -> T", f"{_name}({{0}})")
windowed(TABLE, "nth_value(T, bigint) -> T", "nth_value({0}, {1})")
for _name in ("lag", "lead"):
    windowed(TABLE, f"{_name}(T) -> T", f"{_name}({{0}})")
    windowed(TABLE, f"{_name}(T, bigint) -> T", f"{_name}({{0}}, {{1}})")
    windowed(TABLE, f"{_name}(T, bigint, T) -> T", f"{_name}({{0}}, {{1}}, {{2}})")
