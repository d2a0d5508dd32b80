"""The edge: operations that we serve ourselves, in AWS's own wire protocols.

A request arrives here after its signature and its permission were checked. A service's table says which operations are
ours; the others go on to MiniStack, unless the service is ours alone: then an unknown operation is refused by name.
"""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lab.local.errors import AwsError

Response = tuple[int, dict[str, str], bytes]
Wire = Callable[[str, str, dict[str, str], bytes, dict[str, list[str]]], Awaitable[Response]]


@dataclass(frozen=True)
class Call:
    """One request for one operation.

    service: signing name; operation: as in the API reference; payload: the decoded input; account, region: where the
    caller works; headers: lower-case names.
    """

    service: str
    operation: str
    payload: dict[str, Any]
    account: str
    region: str
    headers: Mapping[str, str]


Operation = Callable[[Call], dict[str, Any]]
"""Answers one operation with the output members, or raises AwsError. It runs in a worker thread and may block."""


@dataclass(frozen=True)
class Service:
    """What we serve of one service: our operations, and whether the rest goes on to MiniStack."""

    operations: Mapping[str, Operation]
    passes_on: bool


_JSON_HEADERS: Final = {"Content-Type": "application/x-amz-json-1.1"}


def json_service(name: str, service: Service, original: Wire, scope: Callable[[], tuple[str, str]]) -> Wire:
    """Return a handler that serves an AWS JSON 1.1 service: ours first, then MiniStack's.

    Parameters: scope returns (account, region) of the request at hand.
    Source: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
    """

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Response:
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        if service.passes_on and operation not in service.operations:
            return await original(method, path, headers, body, query)
        try:
            payload = json.loads(body or b"{}")
        except ValueError:
            return error_response(AwsError("SerializationException", "The request body is not JSON."))
        if not isinstance(payload, dict):
            return error_response(AwsError("SerializationException", "The request body is not a JSON object."))
        account, region = scope()
        return await answer(ours, Call(name, operation, payload, account, region, headers), _JSON_HEADERS)

    def ours(call: Call) -> dict[str, Any]:
        """Look the operation up where it may block: its service may still be importing."""
        found = service.operations.get(call.operation)
        if found is None:
            raise AwsError(
                "UnknownOperationException", f"{name}:{call.operation or '(none)'} is not served by this AWS."
            )
        return found(call)

    return handle


def rest_service(
    name: str,
    routes: list[tuple[str, str, str]],
    service: Service,
    original: Wire,
    scope: Callable[[], tuple[str, str]],
    *,
    check: Callable[[str, dict[str, Any]], None],
) -> Wire:
    """Return a handler for a REST-JSON service.

    Parameters: routes, (method, path template as in the API reference, operation), where a greedy label such as
    ``{Arn+}`` takes slashes too; path and query members join the body's members in ``Call.payload``, a repeated query
    member as a list; check, raises AwsError for a body that is not of the operation's types.
    Source: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
    """
    table = [
        (method, re.compile("^" + re.sub(r"\{(\w+)(\+?)\}", _label, template) + "/?$"), operation)
        for method, template, operation in routes
    ]

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Response:
        for verb, pattern, operation in table:
            match = pattern.match(path)
            if verb != method or match is None or operation not in service.operations:
                continue
            try:
                payload = json.loads(body) if body else {}
            except ValueError:
                return error_response(AwsError("SerializationException", "The request body is not JSON."))
            if not isinstance(payload, dict):
                return error_response(AwsError("SerializationException", "The request body is not a JSON object."))
            try:
                check(operation, payload)
            except AwsError as error:
                return error_response(error)
            asked = {key: values[0] if len(values) == 1 else values for key, values in query.items()}
            members = asked | payload | match.groupdict()
            account, region = scope()
            call = Call(name, operation, members, account, region, headers)
            return await answer(service.operations[operation], call, {"Content-Type": "application/json"})
        if service.passes_on:
            return await original(method, path, headers, body, query)
        return error_response(AwsError("UnknownOperationException", f"{name}: {method} {path} is not served.", 404))

    return handle


def _label(found: re.Match[str]) -> str:
    """Return the pattern of one label of a path template."""
    return f"(?P<{found[1]}>{'.+' if found[2] else '[^/]+'})"


async def answer(operation: Operation, call: Call, headers: dict[str, str]) -> Response:
    """Run an operation in a thread and return its answer or its error on the wire."""
    try:
        output = await asyncio.to_thread(operation, call)
    except AwsError as error:
        return error_response(error)
    return 200, dict(headers), json.dumps(output, default=str).encode()


def error_response(error: AwsError) -> Response:
    """Return an error as the AWS JSON protocols carry it."""
    document = {"__type": error.code, "message": error.message, "Message": error.message, **error.fields}
    headers = {"x-amzn-errortype": error.code, "x-amzn-requestid": str(uuid.uuid4()), **_JSON_HEADERS}
    return error.status, headers, json.dumps(document, default=str).encode()
