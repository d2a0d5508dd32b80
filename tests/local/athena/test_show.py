"""SHOW, DESCRIBE, EXPLAIN and views: text objects in the forms of the user guide's examples."""

from __future__ import annotations

import base64
import json

import pytest
from account import BUCKET, Account


def test_databases_and_tables_are_listed_by_pattern(account: Account) -> None:
    answer = account.done("SHOW DATABASES LIKE 'room*'")
    assert answer.rows == [("room-db",), ("room_db",)]
    assert answer.columns == [("database_name", "string")]
    assert answer.execution["StatementType"] == "UTILITY"
    assert answer.location.endswith(".txt")
    assert account.body(answer.location) == b"room-db\nroom_db\n"
    assert account.done("SHOW TABLES 'sen*|nothing'").rows == [("sensor",)]
    assert account.done("SHOW TABLES IN `room-db`").rows == [("sensor",)]
    assert account.done("SHOW TABLES LIKE 'none'").rows == []
    assert "Database does not exist: nowhere" in account.failure("SHOW TABLES IN nowhere")


def test_columns_are_filled_up_to_twenty_characters(account: Account) -> None:
    answer = account.done("SHOW COLUMNS IN sensor")
    names = ["device_id", "temperature", "reading", "year", "month", "day"]
    assert answer.rows == [(name.ljust(20),) for name in names]
    assert answer.columns == [("field", "string")]
    assert account.done("SHOW COLUMNS FROM sensor IN `room-db`").rows == answer.rows


def test_partitions_are_listed_in_order(account: Account) -> None:
    assert account.done("SHOW PARTITIONS sensor").rows == [
        ("year=2024/month=01/day=01",),
        ("year=2024/month=01/day=02",),
        ("year=2024/month=02/day=01",),
    ]
    account.done(f"CREATE EXTERNAL TABLE plain (a int) LOCATION 's3://{BUCKET}/plain/'")
    assert "Table plain is not a partitioned table" in account.failure("SHOW PARTITIONS plain")
    account.done("DROP TABLE plain")


def test_a_name_with_a_catalog_is_no_hive_name(account: Account) -> None:
    reason = account.failure("SHOW PARTITIONS cat.room_db.sensor")
    assert reason.startswith("FAILED: ParseException line 1:")
    assert "missing EOF at '.' near 'room_db'" in reason


def test_a_shown_statement_makes_the_same_table_again(account: Account) -> None:
    account.done(
        "CREATE EXTERNAL TABLE again (a int COMMENT 'it''s', b array<struct<x:double>>) COMMENT 'kept' "
        "PARTITIONED BY (d date) ROW FORMAT DELIMITED FIELDS TERMINATED BY '|' "
        f"LOCATION 's3://{BUCKET}/again/' TBLPROPERTIES ('owner'='me')"
    )
    before = account.glue.get_table(DatabaseName="room_db", Name="again")["Table"]
    answer = account.done("SHOW CREATE TABLE again")
    assert answer.columns == [("createtab_stmt", "string")]
    account.done("DROP TABLE again")
    text = "\n".join(str(row[0]) for row in answer.rows)
    assert text.startswith("CREATE EXTERNAL TABLE `room_db.again`(\n  `a` int COMMENT 'it\\'s', \n")
    account.done(text.replace("`room_db.again`", "again"))
    after = account.glue.get_table(DatabaseName="room_db", Name="again")["Table"]
    for member in ("StorageDescriptor", "PartitionKeys", "Parameters", "TableType"):
        assert after[member] == before[member]
    assert ("owner\tme",) in account.done("SHOW TBLPROPERTIES again").rows
    assert account.done("SHOW TBLPROPERTIES again('owner')").rows == [("owner\tme",)]
    account.done("DROP TABLE again")


def test_a_description_names_the_partition_columns_twice(account: Account) -> None:
    answer = account.done("DESCRIBE sensor")
    assert answer.columns == [("col_name", "string"), ("data_type", "string"), ("comment", "string")]
    lines = account.body(answer.location).decode().splitlines()
    assert lines[0].split("\t") == ["device_id".ljust(20), "string".ljust(20), " " * 20]
    named = [line.split("\t")[0].strip() for line in lines]
    at = named.index("# Partition Information")
    assert named[:at] == ["device_id", "temperature", "reading", "year", "month", "day", ""]
    assert named[at:] == ["# Partition Information", "# col_name", "", "year", "month", "day"]
    assert account.done("DESC sensor reading").rows == [
        ("\t".join(["reading".ljust(20), "bigint".ljust(20), " " * 20]),)
    ]
    assert "Table not found room_db.nothing" in account.failure("DESCRIBE nothing")


def test_a_view_is_kept_as_trino_keeps_it_and_read_in_its_own_database(account: Account) -> None:
    account.done("CREATE VIEW warm AS SELECT device_id, temperature AS c FROM sensor WHERE temperature > 22")
    document = account.glue.get_table(DatabaseName="room_db", Name="warm")["Table"]
    assert document["TableType"] == "VIRTUAL_VIEW"
    encoded = document["ViewOriginalText"].removeprefix("/* Presto View: ").removesuffix(" */")
    view = json.loads(base64.b64decode(encoded))
    assert view["originalSql"] == "SELECT device_id, temperature AS c FROM sensor WHERE temperature > 22"
    assert view["columns"] == [{"name": "device_id", "type": "varchar"}, {"name": "c", "type": "double"}]
    rows = account.done("SELECT c FROM room_db.warm ORDER BY 1", database="room-db").rows
    assert rows == [("22.5",), ("30.0",)]
    assert account.done("SHOW VIEWS").rows == [("warm",)]
    assert "View already exists: 'room_db.warm'" in account.failure("CREATE VIEW warm AS SELECT 1 AS a")
    account.done("CREATE OR REPLACE VIEW warm AS SELECT 1 AS a")
    assert account.done("SELECT * FROM warm").rows == [("1",)]
    assert account.done("SHOW CREATE VIEW warm").rows == [("CREATE VIEW room_db.warm AS",), ("SELECT 1 AS a",)]
    assert "Table already exists" in account.failure("CREATE OR REPLACE VIEW sensor AS SELECT 1 AS a")
    account.done("DROP VIEW warm")
    assert "Table not found" in account.failure("DROP VIEW warm")


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("SELECT 1", "MISSING_COLUMN_NAME: line 1:1: Column name not specified at position 1"),
        ("SELECT 1 AS a, 2 AS A", "DUPLICATE_COLUMN_NAME: line 1:1: Column name 'A' specified more than once"),
        ("SELECT nothing FROM sensor", "COLUMN_NOT_FOUND: line 1:27: Column 'nothing' cannot be resolved"),
    ],
)
def test_a_view_that_could_not_be_read_is_not_made(account: Account, query: str, reason: str) -> None:
    assert account.failure(f"CREATE VIEW bad AS {query}").startswith(reason)


def test_an_explanation_names_the_columns_and_the_partitions_that_are_read(account: Account) -> None:
    answer = account.done("EXPLAIN SELECT reading FROM sensor WHERE month = '02'")
    assert (answer.columns, answer.execution["StatementType"]) == ([("Query Plan", "varchar")], "UTILITY")
    text = "\n".join(str(row[0]) for row in answer.rows)
    assert "TableScan[table = awsdatacatalog:room_db:sensor]" in text
    assert "Columns: [month, reading]" in text
    assert account.done("EXPLAIN (TYPE VALIDATE) SELECT 1").rows == [("true",)]
    assert "COLUMN_NOT_FOUND: line 1:16" in account.failure("EXPLAIN SELECT foo FROM sensor")
    assert "NOT_SUPPORTED: EXPLAIN ANALYZE" in account.failure("EXPLAIN ANALYZE SELECT 1")


def test_a_prepared_statement_is_run_with_its_values_until_it_is_forgotten(account: Account) -> None:
    account.done("PREPARE p1 FROM SELECT count(*) FROM sensor WHERE month = ? AND reading > ?")
    assert account.done("EXECUTE p1 USING '01', 2").rows == [("2",)]
    assert account.done("EXECUTE p1 USING concat('0', '1'), abs(-3)").rows == [("1",)]
    assert account.done("EXECUTE p1", ExecutionParameters=["'02'", "0"]).rows == [("2",)]
    stored = account.athena.get_prepared_statement(WorkGroup="primary", StatementName="p1")["PreparedStatement"]
    assert stored["QueryStatement"] == "SELECT count(*) FROM sensor WHERE month = ? AND reading > ?"
    assert "Incorrect number of parameters: expected 2 but found 1" in account.failure("EXECUTE p1 USING '01'")
    account.done("DEALLOCATE PREPARE p1")
    assert account.failure("EXECUTE p1 USING '01', 2") == "NOT_FOUND: Prepared statement not found: p1"
    assert "NOT_FOUND" in account.failure("DEALLOCATE PREPARE p1")
