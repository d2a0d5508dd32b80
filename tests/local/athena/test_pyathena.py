"""PyAthena's cursors, unchanged, with only the variables of `lab env`."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Any

import pyarrow.fs
import pyathena
import pytest
from account import BUCKET, OUTPUT, Account
from pyathena.arrow.cursor import ArrowCursor
from pyathena.async_cursor import AsyncCursor
from pyathena.cursor import DictCursor
from pyathena.error import DatabaseError, OperationalError
from pyathena.pandas.cursor import PandasCursor


@pytest.fixture
def connection(account: Account) -> Iterator[Any]:
    opened = pyathena.connect(s3_staging_dir=OUTPUT, schema_name="room_db", poll_interval=0.05)
    yield opened
    opened.close()


def test_rows_come_with_python_s_types(connection: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(
        "SELECT 1, 'a', 1.5e0, true, DATE '2024-02-29', TIMESTAMP '2024-02-29 01:02:03.004', DECIMAL '1.50', "
        "CAST(NULL AS varchar), X'313233', ARRAY[1, 2], ''"
    )
    assert cursor.fetchone() == (
        1,
        "a",
        1.5,
        True,
        dt.date(2024, 2, 29),
        dt.datetime(2024, 2, 29, 1, 2, 3, 4000),
        Decimal("1.50"),
        None,
        b"123",
        [1, 2],
        "",
    )
    assert cursor.fetchone() is None
    assert cursor.description[0][:2] == ("_col0", "integer")


def test_parameters_are_formatted_or_bound(connection: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("SELECT count(*) FROM sensor WHERE month = %(m)s AND reading > %(r)s", {"m": "01", "r": 2})
    assert cursor.fetchall() == [(2,)]
    cursor.execute("SELECT count(*) FROM sensor WHERE month = ? AND reading > ?", ["'01'", "2"], paramstyle="qmark")
    assert cursor.fetchall() == [(2,)]


def test_many_rows_come_in_pages(connection: Any) -> None:
    cursor = connection.cursor()
    cursor.arraysize = 1000
    cursor.execute("SELECT n, CAST(n AS varchar) FROM UNNEST(sequence(1, 2500)) AS t(n)")
    rows = cursor.fetchall()
    assert (len(rows), sum(n for n, _ in rows)) == (2500, 2500 * 2501 // 2)


def test_a_dictionary_of_each_row(connection: Any) -> None:
    cursor = connection.cursor(DictCursor)
    cursor.execute("SELECT device_id, reading FROM sensor ORDER BY reading LIMIT 1")
    assert cursor.fetchall() == [{"device_id": "d1", "reading": 1}]


@pytest.mark.parametrize("unload", [False, True])
def test_a_frame_of_pandas(connection: Any, unload: bool) -> None:
    cursor = connection.cursor(PandasCursor, unload=unload)
    frame = cursor.execute("SELECT device_id, reading FROM sensor").as_pandas().sort_values("reading")
    assert frame["device_id"].tolist() == ["d1", "d2", "d1", "d2", "d1", "d3"]
    assert frame["reading"].tolist() == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("unload", [False, True])
def test_a_table_of_arrow(connection: Any, unload: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    # PyAthena makes pyarrow's S3 client without an endpoint, and pyarrow reads AWS_ENDPOINT_URL only for URIs.
    endpoint = os.environ["AWS_ENDPOINT_URL"]
    monkeypatch.setattr(pyarrow.fs, "S3FileSystem", partial(pyarrow.fs.S3FileSystem, endpoint_override=endpoint))
    cursor = connection.cursor(ArrowCursor, unload=unload)
    table = cursor.execute("SELECT device_id, reading FROM sensor").as_arrow().sort_by("reading")
    assert table.to_pydict() == {"device_id": ["d1", "d2", "d1", "d2", "d1", "d3"], "reading": [1, 2, 3, 4, 5, 6]}


def test_a_result_that_is_awaited_elsewhere(connection: Any) -> None:
    cursor = connection.cursor(AsyncCursor)
    _, future = cursor.execute("SELECT 1")
    assert future.result().fetchall() == [(1,)]
    cursor.close()


def test_definitions_and_writing_through_a_cursor(connection: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(
        "CREATE EXTERNAL TABLE IF NOT EXISTS pya (number_of_rows int) ROW FORMAT DELIMITED "
        f"FIELDS TERMINATED BY '\\t' STORED AS TEXTFILE LOCATION 's3://{BUCKET}/pya/'"
    )
    cursor.execute("SHOW COLUMNS IN pya")
    assert cursor.description == [("field", "string", None, None, 0, 0, "UNKNOWN")]
    assert cursor.fetchall() == [("number_of_rows      ",)]
    cursor.execute("INSERT INTO pya SELECT 7")
    assert cursor.rowcount == 1
    cursor.execute("SELECT * FROM pya")
    assert cursor.fetchall() == [(7,)]
    cursor.execute("CREATE TABLE pya_copy AS SELECT * FROM pya")
    cursor.execute("SELECT * FROM pya_copy")
    assert cursor.fetchall() == [(7,)]
    for name in ("pya", "pya_copy"):
        cursor.execute(f"DROP TABLE {name}")


def test_errors_carry_athena_s_words(connection: Any) -> None:
    cursor = connection.cursor()
    with pytest.raises(OperationalError, match="COLUMN_NOT_FOUND: line 1:8"):
        cursor.execute("SELECT foo FROM sensor")
    with pytest.raises(DatabaseError, match="mismatched input 'SELEC'"):
        cursor.execute("SELEC 1")


def test_metadata_of_tables(connection: Any) -> None:
    cursor = connection.cursor()
    names = [table.name for table in cursor.list_table_metadata(catalog_name="AwsDataCatalog", schema_name="room_db")]
    assert "sensor" in names
    found = cursor.get_table_metadata("sensor", catalog_name="AwsDataCatalog", schema_name="room_db")
    assert [(column.name, column.type) for column in found.columns][:2] == [
        ("device_id", "string"),
        ("temperature", "double"),
    ]
    assert [key.name for key in found.partition_keys] == ["year", "month", "day"]
