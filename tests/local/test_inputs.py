"""The check of requests by the API models: types, required members, nulls."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from lab.local.errors import AwsError
from lab.local.inputs import HOOKS, check
from lab.local.models import FOLDERS, model


def refusal(service: str, operation: str, payload: Any) -> tuple[str, str]:
    with pytest.raises(AwsError) as refused:
        check(service, operation, json.dumps(payload).encode())
    return refused.value.code, refused.value.message


@pytest.mark.parametrize("service", FOLDERS)
def test_every_served_json_service_has_a_model_with_operations(service: str) -> None:
    found = model(service)
    assert found is not None
    assert all(shape in found.shapes for shape in found.inputs.values() if shape)


@pytest.mark.parametrize(
    ("service", "operation", "payload"),
    [
        ("firehose", "PutRecord", {"DeliveryStreamName": "s", "Record": {"Data": base64.b64encode(b"x").decode()}}),
        (
            "dynamodb",
            "PutItem",
            {"TableName": "t1", "Item": {"a": {"M": {"b": {"L": [{"N": "1"}, {"NULL": True}]}}}}},
        ),
        ("kinesis", "GetShardIterator", {"ShardId": "s", "ShardIteratorType": "AT_TIMESTAMP", "Timestamp": 1.5}),
        ("glue", "GetJobRuns", {"JobName": "job", "MaxResults": 5, "LaterMember": {"not": "known"}}),
        ("athena", "ListWorkGroups", {}),
        ("firehose", "NoSuchOperation", {"anything": [1]}),
        ("s3", "CreateBucket", [1]),
    ],
)
def test_what_may_be_an_input_passes_as_it_is(service: str, operation: str, payload: Any) -> None:
    body = json.dumps(payload).encode()
    assert check(service, operation, body) == body


def test_members_that_are_null_count_as_missing() -> None:
    body = json.dumps({"ShardIterator": "i", "Limit": None}).encode()
    assert json.loads(check("kinesis", "GetRecords", body)) == {"ShardIterator": "i"}
    assert refusal("kinesis", "GetRecords", {"ShardIterator": None})[0] == "ValidationException"


@pytest.mark.parametrize(
    ("service", "operation", "payload", "code", "where"),
    [
        (
            "firehose",
            "PutRecord",
            {"DeliveryStreamName": 1, "Record": {"Data": ""}},
            "Serialization",
            "DeliveryStreamName",
        ),
        ("firehose", "PutRecord", {"DeliveryStreamName": "s", "Record": {"Data": "?"}}, "Serialization", "Record.Data"),
        ("firehose", "PutRecord", {"DeliveryStreamName": "s"}, "Validation", "record"),
        ("dynamodb", "PutItem", {"TableName": "t", "Item": {"a": {"N": 1}}}, "Serialization", "Item.a.N"),
        ("dynamodb", "Scan", {"TableName": "t", "Limit": True}, "Serialization", "Limit"),
        ("glue", "GetJobRuns", {"JobName": ""}, "Validation", "length greater than or equal to 1"),
        ("athena", "StartQueryExecution", {}, "InvalidRequest", "queryString"),
        ("kinesis", "PutRecords", {"Records": ["r"]}, "Serialization", "Records.1"),
        ("kinesis", "PutRecords", [], "Serialization", "not a JSON object"),
    ],
)
def test_what_is_of_another_type_or_missing_is_refused_and_named(
    service: str, operation: str, payload: Any, code: str, where: str
) -> None:
    found = refusal(service, operation, payload)
    assert found[0] == f"{code}Exception"
    assert where in found[1]


@pytest.mark.parametrize("body", [b"\xff\xfe\xfd", b"{", b"[" * 100_000])
def test_a_body_that_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(AwsError, match="SerializationException"):
        check("kinesis", "PutRecord", body)


def test_a_value_that_is_nested_too_deeply_is_refused() -> None:
    value: dict[str, Any] = {"S": "x"}
    for _ in range(100):
        value = {"M": {"a": value}}
    assert refusal("dynamodb", "PutItem", {"TableName": "t", "Item": {"a": value}})[0] == "SerializationException"


def test_a_request_whose_resource_cannot_be_read_names_none() -> None:
    def broken(*_: Any) -> str:
        raise AttributeError("'list' object has no attribute 'get'")

    (hook,) = HOOKS
    assert hook.replace is not None
    assert hook.replace(broken)("glue", "POST", "/", {}, b"[]", {}, "r", "0") == "*"
