"""CREATE TABLE AS, INSERT INTO and UNLOAD over the endpoint: what lies in the bucket, and what is read back."""

from __future__ import annotations

import gzip
import io
import json

import pyarrow.parquet as pq
import pytest
from account import BUCKET, Account, Answer


def manifest(account: Account, answer: Answer) -> list[str]:
    """The objects that the manifest names."""
    return account.body(answer.manifest).decode().splitlines()


def drop(account: Account, *names: str) -> None:
    for name in names:
        account.done(f"DROP TABLE {name}")


def test_a_table_of_a_query_s_rows_lies_where_it_was_told(account: Account) -> None:
    answer = account.done(
        f"CREATE TABLE ctas_t WITH (format = 'PARQUET', external_location = 's3://{BUCKET}/ctas_t/') AS "
        "SELECT device_id, reading FROM sensor WHERE month = '01'"
    )
    assert account.done("SELECT count(*), sum(reading) FROM ctas_t").rows == [("4", "10")]
    execution = answer.execution
    assert (execution["StatementType"], execution["SubstatementType"]) == ("DDL", "CREATE_TABLE_AS_SELECT")
    assert (answer.rows, answer.updated) == ([], 4)
    assert answer.manifest.endswith(f"/results/{answer.id}-manifest.csv")
    (uri,) = manifest(account, answer)
    table = pq.read_table(io.BytesIO(account.body(uri)))
    assert table.sort_by("reading").to_pydict() == {"device_id": ["d1", "d2", "d1", "d2"], "reading": [1, 2, 3, 4]}
    described = account.glue.get_table(DatabaseName="room_db", Name="ctas_t")["Table"]
    assert [(c["Name"], c["Type"]) for c in described["StorageDescriptor"]["Columns"]] == [
        ("device_id", "string"),
        ("reading", "bigint"),
    ]
    assert execution["Statistics"]["DataScannedInBytes"] > 0
    assert "Destination table 'awsdatacatalog.room_db.ctas_t' already exists" in account.failure(
        "CREATE TABLE ctas_t AS SELECT 1 AS a"
    )
    assert account.done("CREATE TABLE IF NOT EXISTS ctas_t AS SELECT 1 AS a").updated == 0
    drop(account, "ctas_t")
    assert "HIVE_PATH_ALREADY_EXISTS" in account.failure(
        f"CREATE TABLE ctas_t WITH (external_location = 's3://{BUCKET}/ctas_t') AS SELECT 1 AS a"
    )


def test_a_table_without_a_location_lies_below_the_results(account: Account) -> None:
    answer = account.done('CREATE TABLE "room-db".placed AS SELECT 1 AS a')
    (uri,) = manifest(account, answer)
    assert uri.startswith(f"s3://{BUCKET}/results/tables/{answer.id}/")
    account.done("DROP TABLE `room-db`.placed")


def test_a_table_without_rows_has_columns_and_an_empty_manifest(account: Account) -> None:
    answer = account.done("CREATE TABLE no_rows AS SELECT device_id, temperature FROM sensor WHERE false")
    assert (manifest(account, answer), answer.updated) == ([], 0)
    account.done("CREATE TABLE no_data AS SELECT * FROM sensor WITH NO DATA")
    for name, columns in (("no_rows", 2), ("no_data", 6)):
        found = account.done(f"SELECT * FROM {name}")
        assert (found.rows, len(found.columns)) == ([], columns)
    drop(account, "no_rows", "no_data")


TYPED = (
    "SELECT 1 AS i, BIGINT '9007199254740993' AS l, 1.5e0 AS d, true AS b, 'täxt' AS s, DATE '2024-02-29' AS day, "
    "TIMESTAMP '2024-02-29 12:34:56.789' AS at, DECIMAL '12.340' AS n, CAST(NULL AS varchar) AS nothing"
)
BYTES = "X'00ff' AS bin"
NESTED = "ARRAY[1, NULL] AS a, MAP(ARRAY['k'], ARRAY[2]) AS m, CAST(ROW(1, 'x') AS ROW(x integer, y varchar)) AS r"


@pytest.mark.parametrize("compression", ["GZIP", "SNAPPY", "ZSTD", "NONE"])
def test_every_type_comes_back_from_parquet_as_it_was(account: Account, compression: str) -> None:
    sql = f"{TYPED}, {NESTED}, {BYTES}"
    account.done(f"CREATE TABLE typed WITH (write_compression = '{compression}') AS {sql}")
    assert account.done("SELECT * FROM typed").rows == account.done(sql).rows
    drop(account, "typed")


def test_every_type_comes_back_from_json_and_every_scalar_from_text(account: Account) -> None:
    account.done(f"CREATE TABLE as_json WITH (format = 'JSON') AS {TYPED}, {NESTED}")
    account.done(f"CREATE TABLE as_text WITH (format = 'TEXTFILE', field_delimiter = ',') AS {TYPED}, {BYTES}")
    assert account.done("SELECT * FROM as_json").rows == account.done(f"{TYPED}, {NESTED}").rows
    assert account.done("SELECT * FROM as_text").rows == account.done(f"{TYPED}, {BYTES}").rows
    drop(account, "as_json", "as_text")


def test_rows_go_to_the_folders_of_their_partitions(account: Account) -> None:
    answer = account.done(
        "CREATE TABLE split WITH (partitioned_by = ARRAY['kind', 'day']) AS SELECT * FROM (VALUES "
        "(1, 'a/b', DATE '2024-01-01'), (2, NULL, DATE '2024-01-01'), (3, 'a/b', DATE '2024-01-01')) AS t(n, kind, day)"
    )
    folders = sorted(uri.split(f"{answer.id}/", 1)[1].rpartition("/")[0] for uri in manifest(account, answer))
    assert folders == ["kind=__HIVE_DEFAULT_PARTITION__/day=2024-01-01", "kind=a%2Fb/day=2024-01-01"]
    assert account.done("SELECT n, kind, day FROM split ORDER BY n").rows == [
        ("1", "a/b", "2024-01-01"),
        ("2", None, "2024-01-01"),
        ("3", "a/b", "2024-01-01"),
    ]
    assert account.done("SELECT count(*) FROM split WHERE kind = 'a/b'").rows == [("2",)]
    drop(account, "split")
    reason = account.failure("CREATE TABLE split WITH (partitioned_by = ARRAY['a']) AS SELECT 1 AS a, 2 AS b")
    assert reason.startswith("HIVE_COLUMN_ORDER_MISMATCH: Partition keys must be the last columns in the table")
    reason = account.failure(
        "CREATE TABLE split WITH (partitioned_by = ARRAY['k']) AS "
        "SELECT 1 AS a, k FROM UNNEST(sequence(1, 101)) AS t(k)"
    )
    assert reason == "HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of 100 open writers for partitions/buckets"
    assert account.ask("SHOW TABLES 'split'").rows == []


@pytest.mark.parametrize(
    ("properties", "query", "reason"),
    [
        ("", "SELECT 1", "MISSING_COLUMN_NAME: line 1:1: Column name not specified at position 1"),
        ("", "SELECT NULL AS a", "COLUMN_TYPE_UNKNOWN: line 1:1: Column type is unknown: a"),
        ("", "SELECT 1 AS a, 2 AS a", "DUPLICATE_COLUMN_NAME"),
        ("", "SELECT current_timestamp AS a", "Unsupported Hive type: timestamp(3) with time zone"),
        ("", "SELECT CAST(ROW(1) AS ROW(integer)) AS a", "Anonymous row type is not supported in Hive"),
        ("WITH (format = 'ORC')", "SELECT 1 AS a", "NOT_SUPPORTED: Writing ORC"),
        ("WITH (format = 'XML')", "SELECT 1 AS a", "INVALID_TABLE_PROPERTY"),
        ("WITH (colour = 'red')", "SELECT 1 AS a", "table property 'colour' does not exist"),
        ("WITH (table_type = 'ICEBERG')", "SELECT 1 AS a", "NOT_SUPPORTED: The table property table_type"),
        ("WITH (bucketed_by = ARRAY['a'], bucket_count = 2)", "SELECT 1 AS a", "NOT_SUPPORTED: The table property"),
        ("WITH (format = 'TEXTFILE')", "SELECT ARRAY[1] AS a", "NOT_SUPPORTED: Writing the column a"),
        ("WITH (format = 'JSON')", "SELECT ARRAY[X'00'] AS a", "NOT_SUPPORTED: Writing the column a of type array"),
        ("WITH (format = 'JSON', write_compression = 'ZSTD')", "SELECT 1 AS a", "NOT_SUPPORTED: Writing json"),
        ("WITH (format = 'TEXTFILE', field_delimiter = ',')", "SELECT 'a,b' AS a", "HIVE_WRITER_DATA_ERROR"),
        ("", "SELECT foo AS a FROM sensor", "COLUMN_NOT_FOUND: line 1:29: Column 'foo' cannot be resolved"),
    ],
)
def test_a_table_that_cannot_be_made_leaves_nothing(account: Account, properties: str, query: str, reason: str) -> None:
    before = account.keys("results/tables/")
    assert reason in account.failure(f"CREATE TABLE bad {properties} AS {query}")
    assert account.keys("results/tables/") == before
    assert account.done("SHOW TABLES 'bad'").rows == []


def test_inserted_rows_join_those_that_are_there(account: Account) -> None:
    account.done(f"CREATE EXTERNAL TABLE ins_t (a int, b string) STORED AS PARQUET LOCATION 's3://{BUCKET}/ins_t/'")
    answer = account.done("INSERT INTO ins_t VALUES (1, 'x'), (2, 'y')")
    assert (answer.updated, answer.execution["SubstatementType"], answer.rows) == (2, "INSERT", [])
    account.done("INSERT INTO ins_t SELECT 3, 'z'")
    account.done("INSERT INTO ins_t (b) VALUES 'only'")
    assert account.done("SELECT count(*), sum(a), max(b) FROM ins_t").rows == [("4", "6", "z")]
    assert len(account.keys("ins_t/")) == 3
    drop(account, "ins_t")


def test_inserted_rows_make_and_find_partitions(account: Account) -> None:
    account.done(
        "CREATE EXTERNAL TABLE days (n tinyint, s varchar(3)) PARTITIONED BY (day string) "
        "ROW FORMAT DELIMITED FIELDS TERMINATED BY ';' ESCAPED BY '\\\\' "
        f"LOCATION 's3://{BUCKET}/days/'"
    )
    account.done(f"ALTER TABLE days ADD PARTITION (day = 'old') LOCATION 's3://{BUCKET}/kept-elsewhere/'")
    account.done("INSERT INTO days SELECT TINYINT '1', 'a;b', 'new' UNION ALL SELECT TINYINT '2', 'c  ', 'old'")
    assert len(account.keys("kept-elsewhere/")) == 1
    assert account.done("SELECT n, s, day FROM days ORDER BY n").rows == [("1", "a;b", "new"), ("2", "c  ", "old")]
    assert "Cannot truncate non-space characters" in account.failure(
        "INSERT INTO days SELECT TINYINT '1', concat('long', 'er'), 'new'"
    )
    assert account.done("SELECT count(*) FROM days").rows == [("2",)]
    drop(account, "days")


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        (
            "INSERT INTO sensor SELECT 'd', 1.0e0, 'three', '2024', '01', '01'",
            "TYPE_MISMATCH: line 1:1: Insert query has mismatched column types: Table: [varchar, double, bigint, "
            "varchar, varchar, varchar], Query: [varchar(1), double, varchar(5), varchar(4), varchar(2), varchar(2)]",
        ),
        ("INSERT INTO sensor (nothing) VALUES 1", "Insert column name does not exist in target table: nothing"),
        ("INSERT INTO sensor (day, day) VALUES ('a', 'b')", "specified more than once: day"),
        ("INSERT INTO nowhere VALUES 1", "TABLE_NOT_FOUND: line 1:1: Table 'awsdatacatalog.room_db.nowhere'"),
        ("DELETE FROM sensor", "NOT_SUPPORTED: DELETE"),
        ("UPDATE sensor SET day = '1'", "NOT_SUPPORTED: UPDATE"),
        ("VACUUM sensor", "NOT_SUPPORTED: VACUUM"),
    ],
)
def test_what_cannot_be_written_fails_with_its_reason(account: Account, sql: str, reason: str) -> None:
    assert reason in account.failure(sql)


def test_unloaded_rows_lie_in_files_that_the_manifest_names(account: Account) -> None:
    answer = account.done(
        f"UNLOAD (SELECT device_id, reading FROM sensor) TO 's3://{BUCKET}/unload/' WITH (format = 'PARQUET')"
    )
    assert (answer.execution["StatementType"], answer.rows) == ("DML", [])
    (uri,) = manifest(account, answer)
    assert uri.startswith(f"s3://{BUCKET}/unload/")
    assert sorted(pq.read_table(io.BytesIO(account.body(uri)))["reading"].to_pylist()) == [1, 2, 3, 4, 5, 6]
    assert "HIVE_PATH_ALREADY_EXISTS" in account.failure(
        f"UNLOAD (SELECT 1 AS a) TO 's3://{BUCKET}/unload/' WITH (format = 'JSON')"
    )


def test_unloaded_json_is_compressed_lines_in_folders(account: Account) -> None:
    answer = account.done(
        f"UNLOAD (SELECT reading, month FROM sensor WHERE reading > 3) TO 's3://{BUCKET}/lines' "
        "WITH (format = 'JSON', partitioned_by = ARRAY['month'])"
    )
    uris = manifest(account, answer)
    assert [uri.split("/")[4] for uri in uris] == ["month=01", "month=02"]
    assert all(uri.endswith(".gz") for uri in uris)
    lines = gzip.decompress(account.body(uris[1])).decode().splitlines()
    assert sorted(json.loads(line)["reading"] for line in lines) == [5, 6]


def test_a_prepared_statement_may_write(account: Account) -> None:
    account.done("PREPARE writes FROM CREATE TABLE written AS SELECT reading FROM sensor WHERE reading > ?")
    account.done("EXECUTE writes USING 4")
    assert account.done("SELECT count(*) FROM written").rows == [("2",)]
    account.done("DEALLOCATE PREPARE writes")
    drop(account, "written")


def test_values_of_the_request_fill_the_marks_of_a_query(account: Account) -> None:
    answer = account.done("SELECT ? + 1, ?", ExecutionParameters=["41", "'a''b'"])
    assert answer.rows == [("42", "a'b")]
