"""One contract from the device to the table: every message passes schema, rule, job and Athena's types alike."""

from __future__ import annotations

import io
import itertools
import json
import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from boto3.dynamodb.types import TypeSerializer

from glue import temperature_etl as etl
from lab import contract, sensor, telemetry
from lab.device.compiler import ROOT
from lab.device.core import topic
from lab.local.athena import type_text
from lab.local.crawler import dynamodb, formats
from lab.local.crawler.classify import classify
from lab.local.rules.message import Message
from lab.local.rules.query import query
from tests.firmware import probe

SEED = b'{"device_id":"test-device-001","timestamp":1640995200,"temperature":25.5,"humidity":60.2}'
STACK = (ROOT / "infra" / "cdk" / "stacks" / "level1.py").read_text(encoding="utf-8")
# Read, not imported: the CDK needs seconds and Node.
RULE = re.findall(r'^READINGS: Final = "(.+)"$', STACK, re.MULTILINE)[0]
LATEST_US = 2_000_000_000 * etl.MICROS
ARROW = {"string": pa.string(), "timestamp": pa.timestamp("us"), "double": pa.float64()}
PARTITIONS = {"year", "month", "day"}
KEYS = {
    "KeySchema": [
        {"AttributeName": "device_id", "KeyType": "HASH"},
        {"AttributeName": "timestamp", "KeyType": "RANGE"},
    ],
    "AttributeDefinitions": [
        {"AttributeName": "device_id", "AttributeType": "S"},
        {"AttributeName": "timestamp", "AttributeType": "N"},
    ],
}


def core_messages() -> list[bytes]:
    every = [
        probe.reading(21.5, 50.25),
        probe.reading(-49.99),
        probe.reading(99.99, 100, score=0.9, dropped=2**32 - 1, simulated=1),
        probe.reading(-0.004, 0, score=0.01),
    ]
    messages = [probe.payload("wio-terminal-001", reading) or b"" for reading in every]
    return [*messages, probe.payload("w" * 128, every[2]) or b""]


def simulated_messages() -> list[bytes]:
    return [sensor.record(reading).data for reading in itertools.islice(telemetry.generate(1, 1_790_000_000), 20)]


def column_types(reading: etl.Reading) -> dict[str, str]:
    """What Athena makes of the job's file with this reading."""
    fields = dict(field.split() for field in etl.CURATED_DDL.split(", ") if field.split()[0] not in PARTITIONS)
    schema = pa.schema([(name, ARROW[kind]) for name, kind in fields.items()])
    row = {**reading._asdict(), "event_time": reading.event_us}
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([{name: row[name] for name in fields}], schema=schema), file)
    content = file.getvalue()
    shape = classify(lambda first, last: content[first:] if first < 0 else content[first : last + 1])
    return {column["Name"]: type_text.from_hive(column["Type"]).name for column in formats.columns(shape)}


@pytest.mark.parametrize(
    ("source", "messages"),
    [("core", core_messages()), ("simulator", simulated_messages()), ("the seed's example", [SEED])],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_message_keeps_the_contract_from_the_device_to_the_table(source, messages):
    assert messages, source
    for payload in messages:
        document = json.loads(payload)
        assert contract.problems(document) == []
        device_id = document["device_id"]
        assert contract.TOPIC_PATTERN.match(topic(device_id))

        published = Message(contract.topic(device_id), payload, "000000000000", "ap-northeast-1", client_id=device_id)
        selected = query(RULE).result(published)
        assert {name: float(value) if name != "device_id" else value for name, value in selected.items()} == {
            name: float(value) if name != "device_id" else value for name, value in document.items()
        }
        item = {name: TypeSerializer().serialize(value) for name, value in selected.items()}
        columns = {column["Name"]: column["Type"] for column in dynamodb.columns(KEYS, [item])}
        assert type_text.from_hive(columns["device_id"]).name == "varchar"
        assert type_text.from_hive(columns["timestamp"]).name in {"bigint", "double"}

        reading = etl.examine(document, LATEST_US)
        assert reading.reason is None
        assert (reading.device_id, reading.event_us) == (device_id, round(document["timestamp"] * etl.MICROS))
        assert (reading.temperature, reading.humidity) == (document["temperature"], document.get("humidity"))
        assert {name: kind for name, kind in column_types(reading).items() if name != "extra"} == {
            "device_id": "varchar",
            "event_time": "timestamp(3)",
            "temperature": "double",
            "humidity": "double",
        }


def test_the_limits_of_the_core_are_those_of_the_job():
    for temperature in (-50.0, -49.99, 99.99, 100.0, -49.996, 99.996):
        plausible = bool(probe.host().probe_plausible(probe.reading(temperature)))
        message = {"device_id": "a", "timestamp": 1_790_000_000, "temperature": round(temperature, 2)}
        assert plausible is (etl.examine(message, LATEST_US).reason is None), temperature


def test_the_topic_of_the_core_is_that_of_the_contract():
    name = "Wio:1_a-" + "z" * 120
    assert topic(name) == contract.topic(name)


def test_a_message_of_the_device_as_a_whole_keeps_the_contract(port):
    port.run(1)
    port.record()
    port.run(1)
    (message,) = port.acknowledged
    assert contract.problems(json.loads(message)) == []
