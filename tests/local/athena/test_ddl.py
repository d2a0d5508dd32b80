"""Data definition over the endpoint: what Glue holds afterwards, and the messages of what is refused."""

from __future__ import annotations

import pytest
from account import BUCKET, Account
from botocore.exceptions import ClientError


def test_a_database_is_made_described_and_dropped(account: Account) -> None:
    account.done("CREATE DATABASE IF NOT EXISTS made COMMENT 'for a test' WITH DBPROPERTIES ('owner'='lab')")
    found = account.glue.get_database(Name="made")["Database"]
    assert (found["Description"], found["Parameters"]) == ("for a test", {"owner": "lab"})
    account.done("CREATE SCHEMA IF NOT EXISTS made")
    assert "AlreadyExistsException(message:Database made already exists)" in account.failure("CREATE DATABASE made")
    account.done("ALTER DATABASE made SET DBPROPERTIES ('owner'='me', 'x'='1')")
    assert account.glue.get_database(Name="made")["Database"]["Parameters"] == {"owner": "me", "x": "1"}
    account.done(f"CREATE EXTERNAL TABLE made.t (a int) LOCATION 's3://{BUCKET}/made/'")
    assert "is not empty" in account.failure("DROP DATABASE made")
    account.done("DROP DATABASE made CASCADE")
    with pytest.raises(account.glue.exceptions.EntityNotFoundException):
        account.glue.get_database(Name="made")
    assert "Database does not exist: made" in account.failure("DROP DATABASE made")
    account.done("DROP DATABASE IF EXISTS made")


def test_a_table_of_text_has_the_serde_and_the_delimiters_that_were_said(account: Account) -> None:
    account.put("tsv/a.tsv", b"id\tname\n1\tone\n2\t\\N\n")
    account.done(
        "CREATE EXTERNAL TABLE tsv (id int COMMENT 'number', name varchar(10)) COMMENT 'lines' "
        "ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t' STORED AS TEXTFILE "
        f"LOCATION 's3://{BUCKET}/tsv/' TBLPROPERTIES ('skip.header.line.count'='1')"
    )
    table = account.glue.get_table(DatabaseName="room_db", Name="tsv")["Table"]
    descriptor = table["StorageDescriptor"]
    assert [(c["Name"], c["Type"], c.get("Comment")) for c in descriptor["Columns"]] == [
        ("id", "int", "number"),
        ("name", "varchar(10)", None),
    ]
    assert descriptor["SerdeInfo"]["SerializationLibrary"] == "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
    assert table["TableType"] == "EXTERNAL_TABLE"
    assert account.done("SELECT * FROM tsv ORDER BY id").rows == [("1", "one"), ("2", None)]
    account.done("DROP TABLE tsv")
    assert account.keys("tsv/") == ["tsv/a.tsv"], "the data stays"


def test_a_table_of_json_lines_is_read_with_its_nested_types(account: Account) -> None:
    account.put("json/a.json", b'{"id": 1, "tags": ["a", "b"], "place": {"x": 1.5}}\n{"id": 2}\n')
    account.done(
        "CREATE EXTERNAL TABLE json_t (id int, tags array<string>, place struct<x:double>) "
        f"ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' LOCATION 's3://{BUCKET}/json/'"
    )
    assert account.done("SELECT id, tags, place.x FROM json_t ORDER BY id").rows == [
        ("1", "[a, b]", "1.5"),
        ("2", None, None),
    ]
    account.done("DROP TABLE json_t")


def test_partitions_are_added_moved_renamed_and_dropped(account: Account) -> None:
    account.done(
        "CREATE EXTERNAL TABLE parts (a int) PARTITIONED BY (year string, month int) STORED AS PARQUET "
        f"LOCATION 's3://{BUCKET}/parts/'"
    )
    account.done(
        "ALTER TABLE parts ADD PARTITION (year = '2024', month = 1) "
        f"PARTITION (year = '2024', month = 2) LOCATION 's3://{BUCKET}/elsewhere/'"
    )

    def places() -> dict[tuple[str, ...], str]:
        found = account.glue.get_partitions(DatabaseName="room_db", TableName="parts")["Partitions"]
        return {tuple(p["Values"]): p["StorageDescriptor"]["Location"] for p in found}

    assert places() == {
        ("2024", "1"): f"s3://{BUCKET}/parts/year=2024/month=1/",
        ("2024", "2"): f"s3://{BUCKET}/elsewhere/",
    }
    assert "Partition already exists" in account.failure("ALTER TABLE parts ADD PARTITION (year='2024', month=1)")
    account.done("ALTER TABLE parts ADD IF NOT EXISTS PARTITION (year='2024', month=1)")
    account.done(f"ALTER TABLE parts PARTITION (year='2024', month=1) SET LOCATION 's3://{BUCKET}/moved/'")
    account.done("ALTER TABLE parts PARTITION (year='2024', month=2) RENAME TO PARTITION (year='2024', month=12)")
    assert places() == {("2024", "1"): f"s3://{BUCKET}/moved/", ("2024", "12"): f"s3://{BUCKET}/elsewhere/"}
    account.done("ALTER TABLE parts DROP PARTITION (year='2024', month > 9)")
    assert list(places()) == [("2024", "1")]
    assert "Partition not found" in account.failure("ALTER TABLE parts DROP PARTITION (year='1999')")
    assert "is not a partition column" in account.failure("ALTER TABLE parts ADD PARTITION (day='1')")
    assert "doesn't contain all (2) partition columns" in account.failure("ALTER TABLE parts ADD PARTITION (year='1')")
    account.done("DROP TABLE parts")


def test_repair_registers_the_folders_that_are_not_known_and_says_which(account: Account) -> None:
    account.done(
        "CREATE EXTERNAL TABLE mended (a int) PARTITIONED BY (day string) ROW FORMAT DELIMITED "
        f"LOCATION 's3://{BUCKET}/mended/'"
    )
    account.put("mended/day=2024-01-01/a", b"1\n")
    account.put("mended/day=a%3Ab/a", b"2\n")
    account.put("mended/other/a", b"3\n")
    assert account.done("SELECT count(*) FROM mended").rows == [("0",)], "an unregistered partition is not read"
    rows = account.done("MSCK REPAIR TABLE `mended`").rows
    assert ("Repair: Added partition to metastore mended:day=2024-01-01",) in rows
    assert account.done("SELECT a, day FROM mended ORDER BY a").rows == [("1", "2024-01-01"), ("2", "a:b")]
    assert account.done("MSCK REPAIR TABLE mended").rows == []
    account.done("DROP TABLE mended")


def test_columns_and_properties_of_a_table_change(account: Account) -> None:
    account.done(f"CREATE EXTERNAL TABLE changing (a int, b string) STORED AS PARQUET LOCATION 's3://{BUCKET}/ch/'")

    def columns() -> list[tuple[str, str]]:
        table = account.glue.get_table(DatabaseName="room_db", Name="changing")["Table"]
        return [(column["Name"], column["Type"]) for column in table["StorageDescriptor"]["Columns"]]

    account.done("ALTER TABLE changing ADD COLUMNS (c map<string,int>)")
    assert columns() == [("a", "int"), ("b", "string"), ("c", "map<string,int>")]
    assert "Duplicate column name: a" in account.failure("ALTER TABLE changing ADD COLUMNS (a int)")
    account.done("ALTER TABLE changing CHANGE COLUMN a aa bigint COMMENT 'wide'")
    assert columns()[0] == ("aa", "bigint")
    assert "Invalid column reference zz" in account.failure("ALTER TABLE changing CHANGE zz z int")
    account.done("ALTER TABLE changing REPLACE COLUMNS (x date)")
    assert columns() == [("x", "date")]
    account.done("ALTER TABLE changing SET TBLPROPERTIES ('owner' = 'me')")
    account.done(f"ALTER TABLE changing SET LOCATION 's3://{BUCKET}/other/'")
    table = account.glue.get_table(DatabaseName="room_db", Name="changing")["Table"]
    assert table["Parameters"]["owner"] == "me"
    assert table["StorageDescriptor"]["Location"] == f"s3://{BUCKET}/other/"
    account.done("DROP TABLE changing")
    assert "Table not found room_db.changing" in account.failure("DROP TABLE changing")
    account.done("DROP TABLE IF EXISTS changing")


def test_a_table_that_is_there_is_made_again_only_when_asked_leniently(account: Account) -> None:
    text = f"TABLE %s sensor (a int) STORED AS PARQUET LOCATION 's3://{BUCKET}/x/'"
    assert "Table sensor already exists" in account.failure(f"CREATE EXTERNAL {text % ''}")
    account.done(f"CREATE EXTERNAL {text % 'IF NOT EXISTS'}")
    assert account.done("SELECT count(reading) FROM sensor").rows == [("6",)]


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("CREATE EXTERNAL TABLE o (a int) STORED AS ORC LOCATION 's3://b/o/'", "NOT_SUPPORTED: STORED AS ORC"),
        (
            "CREATE TABLE i (a int) LOCATION 's3://b/i/' TBLPROPERTIES ('table_type'='ICEBERG')",
            "NOT_SUPPORTED: CREATE TABLE of an Iceberg table",
        ),
        ("CREATE TABLE i (a int) LOCATION 's3://b/i/'", "External keyword required"),
        ("ALTER TABLE sensor CLUSTERED BY (a)", "NOT_SUPPORTED"),
        (
            "CREATE EXTERNAL TABLE nowhere.t (a int) LOCATION 's3://b/i/'",
            "FAILED: SemanticException [Error 10072]: Database does not exist: nowhere",
        ),
        ("MSCK REPAIR TABLE nothing", "Table not found room_db.nothing"),
    ],
)
def test_what_cannot_be_made_fails_with_its_reason(account: Account, sql: str, reason: str) -> None:
    assert reason in account.failure(sql)


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("CREATE EXTERNAL TABEL t (a int)", "line 1:8: mismatched input 'EXTERNAL'. Expecting: 'DATABASE'"),
        ("CREATE EXTERNAL TABLE t (a itn) LOCATION 's3://b/'", "line 1:28: mismatched input 'itn'. Expecting: <type>"),
        ("DROP TABLE a b", "line 1:14: missing EOF at 'b'"),
        ("ALTER TABLE t ADD", "mismatched input '<EOF>'. Expecting: 'COLUMNS', 'PARTITION'"),
        ("MSCK REPAIR t", "mismatched input 't'. Expecting: 'TABLE'"),
    ],
)
def test_a_text_that_is_no_statement_is_refused_before_an_execution_is_made(
    account: Account, sql: str, message: str
) -> None:
    with pytest.raises(ClientError) as refusal:
        account.ask(sql)
    error = refusal.value.response
    assert error["Error"]["Code"] == "InvalidRequestException"
    assert error["AthenaErrorCode"] == "MALFORMED_QUERY"
    assert message in error["Error"]["Message"]


def test_a_definition_is_reported_as_ddl_with_an_empty_text_object(account: Account) -> None:
    answer = account.done("CREATE DATABASE IF NOT EXISTS room_db")
    assert (answer.execution["StatementType"], answer.execution["SubstatementType"]) == ("DDL", "CREATE_DATABASE")
    assert answer.location.endswith(f"/results/{answer.id}.txt")
    assert account.body(answer.location) == b""
    assert account.body(f"{answer.location}.metadata") != b""
    assert (answer.rows, answer.columns, answer.updated) == ([], [], None)


def test_a_table_is_not_dropped_as_a_view_nor_a_view_as_a_table(account: Account) -> None:
    account.done("CREATE VIEW seen AS SELECT device_id FROM sensor")
    assert "Cannot drop a base table with DROP VIEW" in account.failure("DROP VIEW sensor")
    assert "Cannot drop a view with DROP TABLE" in account.failure("DROP TABLE seen")
    account.done("DROP VIEW IF EXISTS sensor")
    account.done("DROP TABLE IF EXISTS seen")
    assert {("sensor",), ("seen",)} <= set(account.done("SHOW TABLES").rows)
    account.done("DROP VIEW seen")


def test_a_column_name_comes_once(account: Account) -> None:
    where = f"LOCATION 's3://{BUCKET}/twice/'"
    assert "Duplicate column name: a" in account.failure(f"CREATE EXTERNAL TABLE twice (a int, A string) {where}")
    refused = account.failure(f"CREATE EXTERNAL TABLE twice (a int) PARTITIONED BY (a string) {where}")
    assert "Column repeated in partitioning columns" in refused
    account.done(f"CREATE EXTERNAL TABLE twice (a int, b int) PARTITIONED BY (c string) {where}")
    for name in ("b", "c"):
        assert f"Duplicate column name: {name}" in account.failure(f"ALTER TABLE twice CHANGE COLUMN a {name} int")
    account.done("ALTER TABLE twice CHANGE COLUMN a a bigint")
    account.done("DROP TABLE twice")


def test_a_view_over_a_view_that_has_changed_says_which_of_the_two_is_wrong(account: Account) -> None:
    account.done("CREATE VIEW inner_view AS SELECT device_id, temperature AS t FROM sensor")
    account.done("CREATE VIEW outer_view AS SELECT t FROM inner_view")
    account.done("CREATE OR REPLACE VIEW inner_view AS SELECT device_id FROM sensor")
    assert account.failure("SELECT * FROM outer_view").startswith(
        "INVALID_VIEW: Failed analyzing stored view 'awsdatacatalog.room_db.outer_view': "
    )
    account.done("DROP VIEW outer_view")
    account.done("DROP VIEW inner_view")
