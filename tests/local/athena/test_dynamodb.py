"""The DynamoDB connector's catalog: schemas, tables, types, and the statements of the documents word for word.

Expectations: https://docs.aws.amazon.com/athena/latest/ug/connectors-dynamodb.html and the connector's sources.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from account import Account
from botocore.exceptions import ClientError

CATALOG = "room-connector"
FUNCTION = "arn:aws:lambda:ap-northeast-1:000000000000:function:room-connector"
IN_CATALOG = {"context": {"Catalog": CATALOG}}
SEED = """-- as the document writes it
SELECT * FROM "room-flagged"."room_sensor_data"
WHERE device_id = 'test-device-001'
ORDER BY timestamp DESC
LIMIT 10;"""
ITEMS: list[dict[str, Any]] = [
    {
        "device_id": {"S": "test-device-001"},
        "timestamp": {"N": "1640995200"},
        "temperature": {"N": "25.5"},
        "on": {"BOOL": True},
        "raw": {"B": b"\x00\xff"},
        "tags": {"SS": ["a", "b"]},
        "steps": {"L": [{"N": "1"}, {"N": "2.5"}]},
        "place": {"M": {"room": {"S": "lab"}, "floor": {"N": "3"}}},
        "nothing": {"NULL": True},
    },
    {"device_id": {"S": "test-device-001"}, "timestamp": {"N": "1640995260"}, "temperature": {"N": "26"}},
    {"device_id": {"S": "test-device-002"}, "timestamp": {"N": "1640995200"}, "Humidity": {"N": "60.25"}},
]


@pytest.fixture(scope="module")
def connector(account: Account) -> Iterator[Account]:
    """The connector's catalog, a DynamoDB table with items, and Glue tables as a crawler makes them."""
    dynamodb, glue = account.client("dynamodb"), account.glue
    dynamodb.create_table(
        TableName="Room-Sensor-Data",
        KeySchema=[
            {"AttributeName": "device_id", "KeyType": "HASH"},
            {"AttributeName": "timestamp", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "device_id", "AttributeType": "S"},
            {"AttributeName": "timestamp", "AttributeType": "N"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    for item in ITEMS:
        dynamodb.put_item(TableName="Room-Sensor-Data", Item=item)
    glue.create_database(DatabaseInput={"Name": "room-flagged", "LocationUri": "s3://dynamo-db-flag/"})
    columns = [("device_id", "string"), ("timestamp", "bigint"), ("temperature", "double")]
    arn = "arn:aws:dynamodb:ap-northeast-1:000000000000:table/Room-Sensor-Data"
    crawled = {
        "Name": "room_sensor_data",
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"classification": "dynamodb"},
        "StorageDescriptor": {"Location": arn, "Columns": [{"Name": n, "Type": k} for n, k in columns]},
    }
    glue.create_table(DatabaseName="room-flagged", TableInput=crawled)
    renamed = {
        "Name": "renamed",
        "Parameters": {
            "classification": "dynamodb",
            "sourceTable": "Room-Sensor-Data",
            "columnMapping": "id=device_id,damp=Humidity",
        },
        "StorageDescriptor": {"Columns": [{"Name": "id", "Type": "string"}, {"Name": "damp", "Type": "decimal(10,2)"}]},
    }
    glue.create_table(DatabaseName="room-flagged", TableInput=renamed)
    account.athena.create_data_catalog(Name=CATALOG, Type="LAMBDA", Parameters={"function": FUNCTION})
    yield account
    account.athena.delete_data_catalog(Name=CATALOG)
    glue.delete_database(Name="room-flagged")
    dynamodb.delete_table(TableName="Room-Sensor-Data")


def test_the_document_s_query_works_as_written_in_the_connector_s_catalog(connector: Account) -> None:
    answer = connector.done(SEED, **IN_CATALOG)
    assert answer.columns == [("device_id", "varchar"), ("timestamp", "bigint"), ("temperature", "double")]
    assert answer.rows == [("test-device-001", "1640995260", "26.0"), ("test-device-001", "1640995200", "25.5")]


def test_the_same_query_through_glue_s_catalog_is_refused_as_aws_refuses_it(connector: Account) -> None:
    reason = connector.failure(SEED)
    assert reason == "HIVE_UNSUPPORTED_FORMAT: Unable to create input format for table room-flagged.room_sensor_data"


def test_a_table_that_glue_does_not_know_has_the_columns_of_its_first_items(connector: Account) -> None:
    answer = connector.done(f'SELECT * FROM "{CATALOG}"."default"."room-sensor-data" WHERE place IS NOT NULL LIMIT 10')
    (row,) = answer.rows
    cells = {name: (kind, cell) for (name, kind), cell in zip(answer.columns, row, strict=True)}
    assert cells == {
        "device_id": ("varchar", "test-device-001"),
        "timestamp": ("decimal", "1640995200.000000000"),
        "temperature": ("decimal", "25.500000000"),
        "on": ("boolean", "true"),
        "raw": ("varbinary", "00 ff"),
        "tags": ("array", "[a, b]"),
        "steps": ("array", "[1.000000000, 2.500000000]"),
        "place": ("row", "{room=lab, floor=3.000000000}"),
        "humidity": ("decimal", None),
    }


def test_columns_are_renamed_as_the_table_s_properties_say(connector: Account) -> None:
    answer = connector.done('SELECT id, damp FROM "room-flagged"."renamed" WHERE damp > 1', **IN_CATALOG)
    assert answer.rows == [("test-device-002", "60.25")]


def test_both_catalogs_meet_in_one_query(connector: Account) -> None:
    sql = (
        "SELECT s.device_id, count(*) FROM room_db.sensor s JOIN "
        "(SELECT DISTINCT replace(device_id, 'test-device-00', 'd') AS d "
        f'FROM "{CATALOG}"."default"."room-sensor-data") ON s.device_id = d GROUP BY 1 ORDER BY 1'
    )
    assert connector.done(sql).rows == [("d1", "3"), ("d2", "2")]


def test_schemas_and_tables_are_those_that_the_connector_shows(connector: Account) -> None:
    schemas = [row[0] for row in connector.done("SHOW DATABASES", **IN_CATALOG).rows]
    assert {"default", "room-flagged"} <= set(schemas)
    assert "room_db" not in schemas
    listed = connector.athena.list_databases(CatalogName=CATALOG)["DatabaseList"]
    assert [one["Name"] for one in listed] == schemas
    tables = connector.athena.list_table_metadata(CatalogName=CATALOG, DatabaseName="room-flagged")
    assert [table["Name"] for table in tables["TableMetadataList"]] == ["renamed", "room_sensor_data"]
    shown = connector.done("SHOW TABLES", database="default", **IN_CATALOG).rows
    assert ("room-sensor-data",) in shown
    found = connector.athena.get_table_metadata(
        CatalogName=CATALOG, DatabaseName="default", TableName="room-sensor-data"
    )["TableMetadata"]
    assert {"Name": "timestamp", "Type": "decimal(38,9)"}.items() <= found["Columns"][1].items()


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        (f'INSERT INTO "{CATALOG}"."default"."room-sensor-data" VALUES (\'a\', 1)', "NOT_SUPPORTED"),
        (f'SELECT * FROM "{CATALOG}"."default"."nowhere"', f"Table '{CATALOG}.default.nowhere' does not exist"),
        (f'SELECT * FROM "{CATALOG}"."nowhere"."t"', "SCHEMA_NOT_FOUND: line 1:15: Schema 'nowhere' does not exist"),
        (
            'SELECT * FROM "no-catalog"."default"."t"',
            "CATALOG_NOT_FOUND: line 1:15: Catalog 'no-catalog' does not exist",
        ),
    ],
)
def test_what_the_connector_does_not_do_fails_with_its_reason(connector: Account, sql: str, reason: str) -> None:
    assert reason in connector.failure(sql)


def test_a_catalog_is_registered_changed_listed_and_removed(connector: Account) -> None:
    athena = connector.athena
    with pytest.raises(ClientError, match="already exists"):
        athena.create_data_catalog(Name=CATALOG, Type="LAMBDA", Parameters={"function": FUNCTION})
    with pytest.raises(ClientError, match=r"needs the parameters"):
        athena.create_data_catalog(Name="room-bare", Type="LAMBDA")
    with pytest.raises(ClientError, match=r"type FEDERATED are not served"):
        athena.create_data_catalog(Name="room-bare", Type="FEDERATED", Parameters={"connection-arn": "a"})
    athena.update_data_catalog(Name=CATALOG, Type="LAMBDA", Description="readings")
    found = athena.get_data_catalog(Name=CATALOG)["DataCatalog"]
    assert (found["Description"], found["Parameters"]) == ("readings", {"function": FUNCTION})
    names = [one["CatalogName"] for one in athena.list_data_catalogs()["DataCatalogsSummary"]]
    assert {"AwsDataCatalog", CATALOG} <= set(names)
    with pytest.raises(ClientError, match="cannot be deleted"):
        athena.delete_data_catalog(Name="AwsDataCatalog")
