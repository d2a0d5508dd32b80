"""What crawlers write into the catalogue for tables of DynamoDB."""

from __future__ import annotations

from tests.local.crawler.room import Room


def test_when_a_table_of_dynamodb_is_crawled_its_attributes_are_columns(room: Room) -> None:
    room.dynamodb.create_table(
        TableName=room.name,
        KeySchema=[{"AttributeName": "Id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "Id", "AttributeType": "S"},
            {"AttributeName": "at", "AttributeType": "N"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    item = {
        "Id": {"S": "a"},
        "at": {"N": "1"},
        "t": {"N": "20"},
        "on": {"BOOL": True},
        "tags": {"SS": ["x"]},
        "in": {"M": {"v": {"N": "1.5"}, "w": {"S": "x"}}},
        "list": {"L": [{"N": "1"}, {"N": "2.5"}]},
        "nil": {"NULL": True},
    }
    room.dynamodb.put_item(TableName=room.name, Item=item)
    room.dynamodb.put_item(TableName=room.name, Item={"Id": {"S": "b"}, "at": {"N": "2"}, "t": {"N": "20.5"}})
    name = f"{room.name}-table"
    target = {"DynamoDBTargets": [{"Path": room.name}]}
    room.glue.create_crawler(Name=name, Role=room.name, DatabaseName=room.name, Targets=target)
    room.crawl(name)
    room.dynamodb.delete_table(TableName=room.name)
    assert room.columns(room.name) == [
        ("at", "bigint"),
        ("id", "string"),
        ("in", "struct<v:double,w:string>"),
        ("list", "array<double>"),
        ("nil", "string"),
        ("on", "boolean"),
        ("t", "double"),
        ("tags", "array<string>"),
    ]
    facts = room.table(room.name)["Parameters"]
    assert (facts["classification"], facts["hashKey"], facts["rangeKey"]) == ("dynamodb", "Id", "at")
