"""The first look at a request of a JSON service: is it a JSON object, of the operation's types, with what it requires?

What comes further may rely on that. Ranges, greatest lengths and patterns are the operation's own matter.
Source: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
"""

from __future__ import annotations

import binascii
import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from lab.local.edge import Response, Wire, error_response
from lab.local.errors import AwsError
from lab.local.hook import Hook
from lab.local.models import Model, Shape, model

DEEPEST: Final = 64
"""Nesting that is followed; DynamoDB's own limit is 32."""
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "character": (str,),
    "blob": (str,),
    "boolean": (bool,),
    "integer": (int, float),
    "long": (int, float),
    "float": (int, float, str),
    "double": (int, float, str),
    "timestamp": (int, float, str),
    "list": (list,),
    "map": (dict,),
    "structure": (dict,),
}
_INVALID: Final = {"athena": "InvalidRequestException", "iot": "InvalidRequestException"}
"""The error for a constraint that is not held, where it is not ValidationException."""


def check(service: str, operation: str, body: bytes) -> bytes:
    """Return the body when it may be an input of the operation, without members that are null, which count as missing.

    An operation that the model does not know passes.
    Raises: AwsError SerializationException for another type, ValidationException for a missing member.
    """
    found = model(service)
    if found is None:
        return body
    try:
        payload = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise AwsError("SerializationException", "The request body is not JSON.") from None
    if not isinstance(payload, dict):
        raise AwsError("SerializationException", "The request body is not a JSON object.")
    shape = found.inputs.get(operation)
    if shape:
        _value(service, found, shape, payload, "")
    if None in payload.values():
        return json.dumps({name: value for name, value in payload.items() if value is not None}).encode()
    return body


def check_body(service: str, operation: str, payload: dict[str, Any]) -> None:
    """Hold the body of a REST request to the types of the operation's members; others may stand in path and query.

    Raises: AwsError as ``check`` does.
    """
    found = model(service)
    shape = found.inputs.get(operation) if found else None
    if found is None or not shape:
        return
    if found.shapes[shape].payload:
        shape = found.shapes[shape].members[found.shapes[shape].payload]
        _value(service, found, shape, payload, "")
        return
    members = found.shapes[shape].members
    for name, item in payload.items():
        if item is not None and name in members:
            _value(service, found, members[name], item, name)


def checked(service: str, handler: Wire) -> Wire:
    """Wrap a service's handler: requests of AWS JSON that cannot be inputs are refused before it sees them."""

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Response:
        target = headers.get("x-amz-target", "")
        if target and headers.get("content-type", "").startswith("application/x-amz-json"):
            try:
                body = check(service, target.rpartition(".")[2], body)
            except AwsError as error:
                return error_response(error)
        return await handler(method, path, headers, body, query)

    return handle


def checked_rest(service: str, handler: Wire) -> Wire:
    """Wrap the handler of a REST service: bodies of JSON that cannot be inputs are refused before it sees them."""

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Response:
        try:
            payload = json.loads(body or b"{}")
            if not isinstance(payload, dict):
                raise AwsError("SerializationException", "The request body is not a JSON object.")
            for verb, pattern, operation in (model(service) or Model({}, {}, ())).routes:
                if verb == method and pattern.fullmatch(path):
                    check_body(service, operation, payload)
        except (ValueError, RecursionError):
            return error_response(AwsError("SerializationException", "The request body is not JSON."))
        except AwsError as error:
            return error_response(error)
        return await handler(method, path, headers, body, query)

    return handle


def resource(original: Callable[..., str]) -> Callable[..., str]:
    """Wrap MiniStack's search for the resource that permission is asked for, which comes before any check of types."""

    @wraps(original)
    def extract_resource_arn(  # noqa: PLR0917  (MiniStack's own signature)
        service: str,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query_params: dict[str, list[str]],
        region: str,
        account_id: str,
    ) -> str:
        try:
            found = original(service, method, path, headers, body, query_params, region, account_id)
            return found if isinstance(found, str) else "*"
        except (TypeError, ValueError, AttributeError, KeyError, IndexError):
            return "*"  # a request that names no resource: whoever may do it to all of them is told what is wrong

    return extract_resource_arn


HOOKS: Final = (
    Hook(
        "ministack.core.iam_actions",
        "extract_resource_arn",
        ("service", "method", "path", "headers", "body", "query_params", "region", "account_id"),
        "requests whose resource cannot be read",
        resource,
    ),
)


def _value(service: str, known: Model, name: str, value: Any, path: str) -> None:
    shape = known.shapes[name]
    if shape.kind == "any":
        return
    types: tuple[type, ...] = _TYPES[shape.kind]
    if type(value) not in types:
        raise AwsError("SerializationException", f"The value at '{path}' cannot be converted to {shape.kind}.")
    if shape.least and shape.kind in ("string", "list") and len(value) < shape.least:
        raise _invalid(service, repr(value), path, f"Member must have length greater than or equal to {shape.least}")
    if shape.kind == "blob" and not _base64(value):
        raise AwsError("SerializationException", f"The value at '{path}' is not Base64.")
    if path.count(".") > DEEPEST:
        raise AwsError("SerializationException", "The request is nested too deeply.")
    if shape.kind == "structure":
        _structure(service, known, shape, value, path)
    elif shape.kind == "list":
        for number, item in enumerate(value, 1):
            _value(service, known, shape.item, item, f"{path}.{number}")
    elif shape.kind == "map":
        for key, item in value.items():
            _value(service, known, shape.item, item, f"{path}.{key}")


def _base64(text: str) -> bool:
    try:
        binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        return False
    return True


def _structure(service: str, known: Model, shape: Shape, value: dict[str, Any], path: str) -> None:
    for name in shape.required:
        if value.get(name) is None:
            raise _invalid(service, "null", f"{path}.{name}".lstrip("."), "Member must not be null")
    for name, item in value.items():
        if item is not None and name in shape.members:
            _value(service, known, shape.members[name], item, f"{path}.{name}".lstrip("."))


def _invalid(service: str, value: str, path: str, constraint: str) -> AwsError:
    """Return the error for a value that breaks a constraint of the model."""
    return AwsError(
        _INVALID.get(service, "ValidationException"),
        f"1 validation error detected: Value {value} at '{path[0].lower() + path[1:]}' failed to satisfy constraint: "
        + constraint,
    )
