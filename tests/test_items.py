"""Readings in a DynamoDB table of the embedded AWS."""

import json

import pytest

from lab import items, latency
from lab.errors import LabError

TABLE = "items-under-test"


@pytest.fixture(scope="module")
def table(aws):
    client = aws.client("dynamodb")
    client.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "device_id", "AttributeType": "S"},
            {"AttributeName": "timestamp", "AttributeType": "N"},
        ],
        KeySchema=[
            {"AttributeName": "device_id", "KeyType": "HASH"},
            {"AttributeName": "timestamp", "KeyType": "RANGE"},
        ],
    )
    yield client
    client.delete_table(TableName=TABLE)


def put(client, device: str, timestamp: str, temperature: str, **more: dict) -> None:
    item = {"device_id": {"S": device}, "timestamp": {"N": timestamp}, "temperature": {"N": temperature}, **more}
    client.put_item(TableName=TABLE, Item=item)


def test_a_devices_readings_come_in_order_as_plain_values(table) -> None:
    put(table, "a", "20", "21.5")
    put(table, "a", "10.5", "20", humidity={"N": "40.25"}, simulated={"BOOL": True})
    put(table, "b", "15", "1")
    assert items.of_device(TABLE, "a", 0, 100) == [
        {"device_id": "a", "timestamp": 10.5, "temperature": 20, "humidity": 40.25, "simulated": True},
        {"device_id": "a", "timestamp": 20, "temperature": 21.5},
    ]


def test_both_ends_of_the_time_are_included(table) -> None:
    put(table, "c", "1", "1")
    put(table, "c", "2", "1")
    put(table, "c", "3", "1")
    assert items.count_of(TABLE, "c", 1, 2) == 2
    assert items.count_of(TABLE, "c", 4, 9) == 0
    assert items.count(TABLE) >= 3


def test_a_reading_that_does_not_come_is_an_error_with_a_remedy(table) -> None:
    with pytest.raises(LabError, match="not in items-under-test after 0 s"):
        items.wait_for(TABLE, "nobody", 1, seconds=0)


def test_an_item_is_given_with_its_types_or_is_empty(table) -> None:
    put(table, "e", "1.5", "20.25")
    assert items.typed(TABLE, "e", 1.5) == {
        "device_id": {"S": "e"},
        "timestamp": {"N": "1.5"},
        "temperature": {"N": "20.25"},
    }
    assert items.typed(TABLE, "e", 2) == {}


def test_an_item_of_an_earlier_measurement_is_not_taken_for_a_probe(table) -> None:
    class Line:
        def publish(self, topic, payload):
            assert topic == "device/d/data"
            reading = json.loads(payload)
            put(table, "d", str(reading["timestamp"]), "20", sent_at={"N": repr(reading["sent_at"])})
            return True

    put(table, "d", str(latency.FIRST_TIMESTAMP), "20", sent_at={"N": "1"})
    times = latency.measure(Line(), TABLE, "d", 3)
    assert all(0 < each.acknowledged < each.stored for each in times)
    assert len(times) == items.count_of(TABLE, "d", 0, 2_000_000_000) == 3
