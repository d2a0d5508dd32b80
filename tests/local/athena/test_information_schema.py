"""``information_schema``: Glue's databases, tables and columns, read by queries."""

from __future__ import annotations

from account import Account


def test_tables_views_and_columns_are_those_of_glue(account: Account) -> None:
    account.done(
        "CREATE OR REPLACE VIEW tops AS SELECT device_id, max(temperature) AS top FROM sensor GROUP BY device_id"
    )
    tables = "SELECT table_catalog, table_name, table_type FROM information_schema.tables "
    where = "WHERE table_schema = 'room_db' AND table_name IN ('sensor', 'tops') ORDER BY table_name"
    assert account.done(tables + where).rows == [
        ("awsdatacatalog", "sensor", "BASE TABLE"),
        ("awsdatacatalog", "tops", "VIEW"),
    ]
    columns = account.done(
        "SELECT ordinal_position, column_name, data_type FROM awsdatacatalog.information_schema.columns "
        "WHERE table_schema = 'room_db' AND table_name = 'sensor' ORDER BY 1"
    )
    account.done("DROP VIEW tops")
    assert columns.rows == [
        ("1", "device_id", "varchar"),
        ("2", "temperature", "double"),
        ("3", "reading", "bigint"),
        ("4", "year", "varchar"),
        ("5", "month", "varchar"),
        ("6", "day", "varchar"),
    ]
    assert columns.execution["Statistics"]["DataScannedInBytes"] == 0


def test_a_schema_that_no_condition_names_is_found_too(account: Account) -> None:
    found = account.done("SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE '%room%'").rows
    assert sorted(found) == [("room-db",), ("room_db",)]
    many = account.done(
        "SELECT count(DISTINCT table_schema) FROM information_schema.tables WHERE table_name = 'sensor'"
    )
    assert int(many.rows[0][0] or 0) >= 2


def test_a_table_that_the_schema_does_not_have_is_named(account: Account) -> None:
    told = account.failure("SELECT * FROM information_schema.nothing")
    assert told == "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.information_schema.nothing' does not exist"
