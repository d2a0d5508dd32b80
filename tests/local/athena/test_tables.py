"""Queries over a table: names, columns read, what the WHERE clause says about partitions, and the shapes of SELECT."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from lab.local.athena import types as t
from lab.local.athena.analyse import analyse
from lab.local.athena.catalog import Column, Context, EmptyCatalog, Table, View
from lab.local.athena.errors import QueryError
from lab.local.athena.query import TableUse

COLUMNS = (
    Column("device_id", t.VARCHAR),
    Column("ts", t.TIMESTAMP),
    Column("temperature", t.DOUBLE),
    Column("n", t.INTEGER),
    Column("tags", t.Array(t.VARCHAR)),
    Column("s", t.Row((("a", t.INTEGER), ("b", t.VARCHAR)))),
    Column("$path", t.VARCHAR, hidden=True),
    Column("year", t.VARCHAR),
    Column("day", t.DATE),
)
READINGS = Table("awsdatacatalog", "lake", "readings", COLUMNS, ("year", "day"))
ROWS = """
SELECT 'd' || (i % 2) AS device_id, TIMESTAMP '2024-01-01' + to_hours(i) AS ts, CAST(i * 1.5 AS DOUBLE) AS temperature,
CAST(i AS INTEGER) AS n, ['x', 'y'] AS tags, {'a': CAST(i AS INTEGER), 'b': 'q'} AS s, 's3://b/' || i AS "$path",
CASE WHEN i < 3 THEN '2024' ELSE '2025' END AS year, DATE '2024-01-01' + CAST(i AS INTEGER) AS day FROM range(6) AS r(i)
"""


class Lake(EmptyCatalog):
    def table(self, catalog: str, database: str, name: str) -> Table | None:
        return READINGS if (catalog, database, name) == ("awsdatacatalog", "lake", "readings") else None

    def view(self, catalog: str, database: str, name: str) -> View | None:
        sql = "SELECT device_id, temperature AS warmth, year AS y FROM readings"
        return View(sql, (), "awsdatacatalog", "lake") if (database, name) == ("other", "warm") else None

    def has_database(self, catalog: str, database: str) -> bool:
        return database in ("lake", "other")


def run(sql: str, database: str = "lake", parameters: tuple[str, ...] = ()) -> tuple[list[Any], list[TableUse]]:
    query = analyse(sql, Lake(), Context(database=database), parameters)
    with duckdb.connect() as connection:
        for use in query.tables:
            # Only what the query says it reads is there.
            columns = ", ".join(t.quoted(name) for name in use.columns) or "1 AS nothing"
            connection.execute(f"CREATE VIEW {use.relation} AS SELECT {columns} FROM ({ROWS})")
        for udf in query.udfs:
            udf.register(connection)
        return connection.execute(query.text_sql).fetchall(), list(query.tables)


def rows(sql: str, parameters: tuple[str, ...] = ()) -> list[Any]:
    return run(sql, parameters=parameters)[0]


@pytest.mark.parametrize(
    ("sql", "wanted"),
    [
        ("SELECT count(*) FROM readings", [("6",)]),
        ('SELECT COUNT(*) FROM "lake"."READINGS"', [("6",)]),
        ("SELECT count(*) FROM awsdatacatalog.lake.readings r WHERE r.n > 3", [("2",)]),
        ("SELECT device_id, avg(temperature) FROM readings GROUP BY 1 ORDER BY 1", [("d0", "3.0"), ("d1", "4.5")]),
        ("SELECT device_id AS d, sum(n) FROM readings GROUP BY device_id HAVING sum(n) > 6", [("d1", "9")]),
        ("SELECT n / 2, n % 2 FROM readings WHERE n = 5", [("2", "1")]),
        ("SELECT s.b, readings.s.a, tags[2] FROM readings WHERE n = 1", [("q", "1", "y")]),
        ("SELECT (s).* FROM readings WHERE n = 2", [("2", "q")]),
        ('SELECT "$path" FROM readings WHERE n = 2', [("s3://b/2",)]),
        ("SELECT tag FROM readings CROSS JOIN UNNEST(tags) AS u(tag) WHERE n = 0", [("x",), ("y",)]),
        ("SELECT a.n FROM readings a JOIN readings b USING (n) WHERE b.year = '2025'", None),
        ("SELECT n, b.day FROM readings a JOIN readings b USING (n) WHERE n = 1", [("1", "2024-01-02")]),
        (
            "SELECT max(n) FROM readings o WHERE n = (SELECT max(i.n) FROM readings i WHERE i.device_id = o.device_id)",
            [("5",)],
        ),
        ("SELECT n FROM readings WHERE n IN (SELECT n + 4 FROM readings) ORDER BY n", [("4",), ("5",)]),
        ("WITH w AS (SELECT n FROM readings WHERE n < 2) SELECT a.n, b.n FROM w a, w b WHERE a.n < b.n", [("0", "1")]),
        ("SELECT x FROM (SELECT n AS x FROM readings ORDER BY n DESC LIMIT 1)", [("5",)]),
        ("SELECT n FROM readings ORDER BY temperature DESC, n LIMIT 1", [("5",)]),
        ("SELECT n AS temperature FROM readings ORDER BY temperature DESC LIMIT 1", [("5",)]),
        ("SELECT n AS m FROM readings ORDER BY -m LIMIT 1", [("5",)]),
        ("SELECT DISTINCT year FROM readings ORDER BY year", [("2024",), ("2025",)]),
        (
            "SELECT date_trunc('day', ts) AS d, count(*) FROM readings GROUP BY date_trunc('day', ts)",
            [("2024-01-01 00:00:00.000", "6")],
        ),
        (
            "SELECT year, count(*) FROM readings GROUP BY ROLLUP (year) ORDER BY year",
            [("2024", "3"), ("2025", "3"), (None, "6")],
        ),
        (
            "SELECT grouping(year), count(*) FROM readings GROUP BY GROUPING SETS ((year), ()) ORDER BY 1, 2",
            [("0", "3"), ("0", "3"), ("1", "6")],
        ),
        ("SELECT n - lag(n, 1, -1) OVER (ORDER BY n) FROM readings WHERE n < 2", [("1",), ("1",)]),
        ("SELECT sum(n) OVER w FROM readings WHERE n < 2 WINDOW w AS (ORDER BY n)", [("0",), ("1",)]),
        ("SELECT n FROM readings WHERE day = DATE '2024-01-03'", [("2",)]),
        ("SELECT transform(tags, x -> x || device_id) FROM readings WHERE n = 0", [("[xd0, yd0]",)]),
        ("SELECT 1 WHERE EXISTS (SELECT 1 FROM readings r, LATERAL (SELECT r.n + 1 AS m) l WHERE l.m = 6)", [("1",)]),
        ("SELECT count(*) FROM readings a LEFT JOIN readings b ON a.n = b.n + 3", [("6",)]),
        ("SELECT count(*) FROM readings a FULL JOIN readings b ON a.n = b.n + 3", [("9",)]),
        ("TABLE readings LIMIT 0", []),
        ("SELECT device_id, try(max(n) / min(n)) FROM readings GROUP BY 1 ORDER BY 1", [("d0", None), ("d1", "5")]),
        (
            "SELECT try_cast(max(device_id) AS integer), try((SELECT min(n) FROM readings) / 0) FROM readings",
            [(None, None)],
        ),
        ("SELECT try(sum(n) OVER () / n) FROM readings WHERE n < 2 ORDER BY n", [(None,), ("1",)]),
        ("SELECT n FROM readings EXCEPT SELECT n FROM readings WHERE n > 0", [("0",)]),
        ("SELECT n FROM readings INTERSECT SELECT BIGINT '4'", [("4",)]),
    ],
)
def test_a_query_over_a_table_has_the_rows_that_trino_gives(sql: str, wanted: list[Any] | None) -> None:
    if wanted is None:  # a column of USING has no qualifier
        with pytest.raises(QueryError, match="COLUMN_NOT_FOUND"):
            rows(sql)
    else:
        assert rows(sql) == wanted


def test_parameters_stand_for_their_expressions_in_order() -> None:
    sql = "SELECT n + ? FROM readings WHERE year = ? AND n > ? LIMIT ?"
    assert rows(sql, ("10", "'2025'", "CAST('3' AS integer)", "1")) == [("14",)]


def test_a_view_is_read_in_its_own_database() -> None:
    found, uses = run("SELECT max(warmth) FROM warm WHERE y = '2024'", "other")
    assert found == [("3.0",)]
    assert uses[0].partition_filter == "(\"year\" = '2024')"


def partitions(where: str) -> tuple[str | None, dict[str, Any]]:
    use = run(f"SELECT n FROM readings WHERE {where}")[1][0]
    return use.partition_filter, use.partition_values


@pytest.mark.parametrize(
    ("where", "condition"),
    [
        ("year = '2024'", "(\"year\" = '2024')"),
        ("year = '2024' AND n > 3", "(\"year\" = '2024')"),
        (
            "(year = '2024' AND day > DATE '2024-01-01')",
            "(\"year\" = '2024') AND (\"day\" > CAST('2024-01-01' AS DATE))",
        ),
        ("year = '2024' OR n > 3", None),
        ("n > 3", None),
        ("year = device_id", None),
        ("year IN (SELECT max(year) FROM readings)", None),
        ("year || '' = '2024'", "((\"year\" || '') = '2024')"),
    ],
)
def test_only_conditions_on_partition_columns_alone_are_kept_for_pruning(where: str, condition: str | None) -> None:
    assert partitions(where)[0] == condition


def test_values_of_partition_columns_are_told_for_injected_projection() -> None:
    assert partitions("year IN ('2024', '2025') AND year = '2024'")[1] == {"year": frozenset({"2024"})}


def test_the_outer_side_of_a_join_is_not_pruned_by_the_inner_one() -> None:
    sql = "SELECT count(*) FROM readings a LEFT JOIN readings b ON a.n = b.n WHERE b.year IS NULL"
    assert [use.partition_filter for use in run(sql)[1]] == [None, None]


def test_a_limited_subquery_is_not_pruned_from_outside() -> None:
    sql = "SELECT * FROM (SELECT year FROM readings LIMIT 1) WHERE year = '2025'"
    assert run(sql)[1][0].partition_filter is None


def test_a_missing_table_and_a_missing_schema_are_told_apart() -> None:
    with pytest.raises(
        QueryError, match=r"TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.lake.gone' does not exist"
    ):
        run("SELECT * FROM gone")
    with pytest.raises(QueryError, match="SCHEMA_NOT_FOUND: line 1:15: Schema 'nowhere' does not exist"):
        run("SELECT * FROM nowhere.readings")


def test_a_number_compared_with_a_text_partition_is_a_mismatch() -> None:
    with pytest.raises(QueryError, match=r"TYPE_MISMATCH: line 1:35: Cannot apply operator: varchar = integer"):
        run("SELECT n FROM readings WHERE year = 2025")
