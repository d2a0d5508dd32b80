"""The edge: operations over the JSON protocols, errors in AWS's shape, nothing answered by accident."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lab.local.edge import Call, Response, Service, json_service, rest_service
from lab.local.errors import AwsError


def echo(call: Call) -> dict[str, Any]:
    return {"operation": call.operation, "payload": call.payload, "place": [call.account, call.region]}


def refuse(call: Call) -> dict[str, Any]:
    raise AwsError("EntityNotFoundException", "There is no such thing.", 400, Detail=call.payload.get("Name"))


async def elsewhere(*_: Any) -> Response:
    return 200, {}, b'"passed on"'


def accept(_operation: str, _body: dict[str, Any]) -> None:
    """Find every body well."""


def scope() -> tuple[str, str]:
    return "000000000000", "ap-northeast-1"


def ask(handler: Any, target: str, body: bytes) -> tuple[int, dict[str, str], Any]:
    status, headers, answer = asyncio.run(handler("POST", "/", {"x-amz-target": target}, body, {}))
    return status, headers, json.loads(answer)


OURS = Service({"Echo": echo, "Refuse": refuse}, passes_on=False)
SHARED = Service({"Echo": echo}, passes_on=True)


def test_when_an_operation_is_ours_it_gets_the_decoded_call() -> None:
    status, _, answer = ask(json_service("x", OURS, elsewhere, scope), "X_1.Echo", b'{"Name": "a"}')
    assert (status, answer) == (
        200,
        {"operation": "Echo", "payload": {"Name": "a"}, "place": ["000000000000", "ap-northeast-1"]},
    )


def test_when_an_operation_fails_the_error_has_name_message_and_fields() -> None:
    status, headers, answer = ask(json_service("x", OURS, elsewhere, scope), "X_1.Refuse", b'{"Name": "a"}')
    assert status == 400
    assert headers["x-amzn-errortype"] == "EntityNotFoundException"
    assert (answer["__type"], answer["message"], answer["Detail"]) == (
        "EntityNotFoundException",
        "There is no such thing.",
        "a",
    )


def test_when_an_operation_is_not_ours_it_is_refused_by_name_or_passed_on() -> None:
    _, _, refused = ask(json_service("x", OURS, elsewhere, scope), "X_1.Other", b"{}")
    assert refused["__type"] == "UnknownOperationException"
    assert "x:Other" in refused["message"]
    assert ask(json_service("x", SHARED, elsewhere, scope), "X_1.Other", b"{}")[2] == "passed on"


@given(body=st.binary(max_size=200), target=st.text(max_size=40))
def test_whatever_the_body_the_answer_is_json_with_an_aws_error_or_output(body: bytes, target: str) -> None:
    for name in ("X_1.Echo", target):
        status, _, answer = ask(json_service("x", OURS, elsewhere, scope), name, body)
        assert (status == 200) is ("__type" not in answer)


def test_when_a_rest_path_matches_its_members_join_the_body() -> None:
    handler = rest_service("r", [("PUT", "/things/{Name}", "Echo")], OURS, elsewhere, scope, check=accept)
    status, _, answer = asyncio.run(handler("PUT", "/things/a", {}, b'{"Size": 1}', {"Page": ["2"]}))
    assert status == 200
    assert json.loads(answer)["payload"] == {"Page": "2", "Size": 1, "Name": "a"}


def test_when_a_rest_label_is_greedy_it_takes_slashes_and_repeated_query_members_stay_a_list() -> None:
    handler = rest_service("r", [("GET", "/tags/{Arn+}", "Echo")], OURS, elsewhere, scope, check=accept)
    _, _, answer = asyncio.run(handler("GET", "/tags/arn:a:b/c/d", {}, b"", {"Key": ["1", "2"]}))
    assert json.loads(answer)["payload"] == {"Arn": "arn:a:b/c/d", "Key": ["1", "2"]}


def test_when_a_rest_body_is_no_object_it_is_refused() -> None:
    handler = rest_service("r", [("PUT", "/things/{Name}", "Echo")], OURS, elsewhere, scope, check=accept)
    for body in (b"[1]", b"{", b'"a"'):
        status, _, answer = asyncio.run(handler("PUT", "/things/a", {}, body, {}))
        assert (status, json.loads(answer)["__type"]) == (400, "SerializationException")


def test_when_no_rest_path_matches_it_is_refused() -> None:
    handler = rest_service("r", [("PUT", "/things/{Name}", "Echo")], OURS, elsewhere, scope, check=accept)
    assert asyncio.run(handler("GET", "/things/a", {}, b"", {}))[0] == 404


def test_when_a_rest_body_is_of_other_types_it_is_refused_before_the_operation() -> None:
    def refuse_all(operation: str, body: dict[str, Any]) -> None:
        raise AwsError("SerializationException", f"{operation} {body}")

    handler = rest_service("r", [("PUT", "/things/{Name}", "Echo")], OURS, elsewhere, scope, check=refuse_all)
    status, _, answer = asyncio.run(handler("PUT", "/things/a", {}, b'{"Size": 1}', {}))
    assert (status, json.loads(answer)["message"]) == (400, "Echo {'Size': 1}")
