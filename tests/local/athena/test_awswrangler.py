"""awswrangler, unchanged, with only the variables of `lab env`."""

from __future__ import annotations

import datetime as dt
from typing import Any

import awswrangler as wr
import pandas as pd
import pytest
from account import BUCKET, OUTPUT, Account

SQL = "SELECT device_id, temperature, reading, year FROM sensor ORDER BY reading"
WANTED = pd.DataFrame(
    {
        "device_id": ["d1", "d2", "d1", "d2", "d1", "d3"],
        "temperature": [20.5, 21.5, 22.5, None, 30.0, -1.0],
        "reading": [1, 2, 3, 4, 5, 6],
        "year": ["2024"] * 6,
    }
).astype({"device_id": "string", "year": "string", "reading": "Int64"})


def read(sql: str, **options: Any) -> pd.DataFrame:
    """Ask, and look for the answer more often than once a second."""
    options = {"s3_output": OUTPUT, "athena_query_wait_polling_delay": 0.05, **options}
    return wr.athena.read_sql_query(sql, database="room_db", **options)


@pytest.mark.parametrize(
    "options",
    [
        {"ctas_approach": False},
        {"ctas_approach": True},
        {"ctas_approach": False, "unload_approach": True},
    ],
    ids=["plain", "ctas", "unload"],
)
def test_a_query_gives_the_same_frame_in_each_mode(account: Account, options: dict) -> None:
    if options.get("unload_approach"):
        options["s3_output"] = f"s3://{BUCKET}/unloaded/"
    found = read(SQL, **options).sort_values("reading", ignore_index=True)
    pd.testing.assert_frame_equal(found, WANTED, check_dtype=False)
    assert account.done("SHOW TABLES 'temp_table*'").rows == [], "the table of the CTAS mode is gone"


def test_an_empty_result_keeps_its_columns(account: Account) -> None:
    for ctas in (True, False):
        found = read("SELECT device_id, reading FROM sensor WHERE false", ctas_approach=ctas)
        assert (list(found.columns), len(found)) == (["device_id", "reading"], 0)


def test_types_come_as_pandas_has_them(account: Account) -> None:
    sql = (
        "SELECT DATE '2024-02-29' AS d, TIMESTAMP '2024-02-29 12:00:00.5' AS t, DECIMAL '1.50' AS n, true AS b, "
        "ARRAY[1, 2] AS a, MAP(ARRAY['k'], ARRAY[1]) AS m, CAST(ROW(1, 'x') AS ROW(p integer, q varchar)) AS r"
    )
    row = read(sql, ctas_approach=True).iloc[0]
    assert (row["d"], row["t"]) == (dt.date(2024, 2, 29), pd.Timestamp("2024-02-29 12:00:00.500"))
    assert (str(row["n"]), bool(row["b"]), list(row["a"])) == ("1.50", True, [1, 2])
    assert (dict(row["m"]), row["r"]) == ({"k": 1}, {"p": 1, "q": "x"})


def test_parameters_are_bound_by_the_engine_or_by_the_client(account: Account) -> None:
    for options in ({"paramstyle": "qmark", "params": ["'01'", "2"]}, {"params": {"m": "01", "r": 2}}):
        marks = ("?", "?") if "paramstyle" in options else (":m", ":r")
        sql = f"SELECT count(*) AS n FROM sensor WHERE month = {marks[0]} AND reading > {marks[1]}"
        assert read(sql, ctas_approach=False, **options)["n"].tolist() == [2]


def test_results_come_in_chunks(account: Account) -> None:
    for ctas in (True, False):
        parts = list(read(SQL, ctas_approach=ctas, chunksize=4))
        assert sum(len(part) for part in parts) == 6


def test_a_failed_query_is_an_exception_with_the_reason(account: Account) -> None:
    with pytest.raises(wr.exceptions.QueryFailed, match="COLUMN_NOT_FOUND: line 1:8: Column 'foo'"):
        read("SELECT foo FROM sensor", ctas_approach=False)
    with pytest.raises(wr.exceptions.InvalidArgumentValue, match="define all columns names"):
        read("SELECT 1", ctas_approach=True)


def test_a_table_of_a_query_and_an_unload_tell_where_they_wrote(account: Account) -> None:
    made = wr.athena.create_ctas_table(
        "SELECT device_id, reading, month FROM sensor",
        database="room_db",
        ctas_table="wrangled",
        s3_output=f"s3://{BUCKET}/wrangled/",
        partitioning_info=["month"],
        write_compression="snappy",
        wait=True,
    )
    assert made["ctas_table"] == "wrangled"
    assert wr.catalog.get_partitions(database="room_db", table="wrangled").keys() == {
        f"s3://{BUCKET}/wrangled/wrangled/month=01/",
        f"s3://{BUCKET}/wrangled/wrangled/month=02/",
    }
    assert [table["Name"] for table in wr.catalog.search_tables(text="WRANGLED")] == ["wrangled"]
    place = {"database": "room_db", "table": "wrangled"}
    wr.catalog.upsert_table_parameters({"owner": "me"}, **place, catalog_versioning=True)
    wr.catalog.add_column("room_db", "wrangled", "z", "double", "of nothing")
    assert wr.catalog.get_table_types(database="room_db", table="wrangled")["z"] == "double"
    assert wr.catalog.get_table_parameters(database="room_db", table="wrangled")["owner"] == "me"
    assert wr.catalog.get_table_number_of_versions(database="room_db", table="wrangled") == 3
    assert wr.catalog.delete_all_partitions(database="room_db", table="wrangled")
    assert wr.catalog.get_partitions(database="room_db", table="wrangled") == {}
    wr.catalog.delete_table_if_exists(database="room_db", table="wrangled")
    settings = {"ResultConfiguration": {"OutputLocation": OUTPUT}, "EnforceWorkGroupConfiguration": True}
    account.athena.create_work_group(Name="unloads", Configuration=settings)
    folder = f"s3://{BUCKET}/wrunload/"
    wr.athena.unload("SELECT reading FROM sensor", path=folder, database="room_db", workgroup="unloads")
    account.athena.delete_work_group(WorkGroup="unloads", RecursiveDeleteOption=True)
    assert len(wr.s3.read_parquet(folder)) == 6


def test_a_frame_becomes_a_table_of_the_catalog_that_can_be_asked(account: Account) -> None:
    frame = pd.DataFrame({"id": [1, 2], "name": ["a", "b"], "day": ["x", "y"]})
    wr.s3.to_parquet(
        frame,
        path=f"s3://{BUCKET}/framed/",
        dataset=True,
        database="room_db",
        table="framed",
        partition_cols=["day"],
    )
    assert wr.catalog.does_table_exist(database="room_db", table="framed")
    assert wr.catalog.get_table_types(database="room_db", table="framed") == {
        "id": "bigint",
        "name": "string",
        "day": "string",
    }
    assert "framed" in wr.catalog.tables(database="room_db")["Table"].tolist()
    assert "room_db" in wr.catalog.databases()["Database"].tolist()
    assert read("SELECT sum(id) AS n FROM framed WHERE day = 'y'")["n"].tolist() == [2]
    described = wr.athena.describe_table("framed", database="room_db", s3_output=OUTPUT)
    assert described["Column Name"].tolist() == ["id", "name", "day"]
    assert described["Partition"].tolist() == [False, False, True]
    shown = wr.athena.show_create_table("framed", database="room_db", s3_output=OUTPUT)
    assert shown.startswith("CREATE EXTERNAL TABLE `room_db.framed`(")
    assert wr.athena.repair_table("framed", database="room_db", s3_output=OUTPUT) == "SUCCEEDED"
    wr.catalog.delete_table_if_exists(database="room_db", table="framed")


def test_prepared_statements_are_kept_and_listed(account: Account) -> None:
    wr.athena.create_prepared_statement("SELECT * FROM sensor WHERE reading > ?", "wrangled")
    assert [entry["StatementName"] for entry in wr.athena.list_prepared_statements()] == ["wrangled"]
    assert len(read("EXECUTE wrangled USING 4", ctas_approach=False)) == 2
    wr.athena.delete_prepared_statement("wrangled")


def test_iceberg_is_refused_by_name_and_leaves_no_table(account: Account) -> None:
    with pytest.raises(wr.exceptions.QueryFailed, match=r"NOT_SUPPORTED: CREATE TABLE of an Iceberg table"):
        wr.athena.to_iceberg(
            pd.DataFrame({"id": [1]}),
            database="room_db",
            table="ice",
            table_location=f"s3://{BUCKET}/ice/",
            temp_path=f"s3://{BUCKET}/ice-temp/",
            s3_output=OUTPUT,
        )
    assert account.done("SHOW TABLES 'ice*'").rows == []
