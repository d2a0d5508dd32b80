"""The first look at a request of the query protocol: are its texts of the types that the operation wants?

Source: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from lab.local.edge import Response, Wire
from lab.local.models import Model, model


def _boolean(text: str) -> None:
    if text.lower() not in ("true", "false"):
        raise ValueError(text)


READERS: Final[dict[str, Callable[[str], object]]] = {
    "integer": int,
    "long": int,
    "float": float,
    "double": float,
    "boolean": _boolean,
}
"""What reads a text of a kind, raising ValueError when it is none; other kinds are texts or the operation's matter."""


def problem(service: str, body: bytes) -> str:
    """Return what is wrong with a form; nothing when its operation may look at it.

    An operation or a member that the model does not know passes: the service knows what to do with it.
    """
    found = model(service)
    fields = dict(parse_qsl(body.decode("utf-8", errors="replace"), keep_blank_values=True))
    shape = found.inputs.get(fields.get("Action", "")) if found else None
    if found is None or not shape:
        return ""
    for name, text in fields.items():
        kind = _kind(found, shape, name.split("."))
        try:
            READERS.get(kind, str)(text)
        except ValueError:
            return f"The value {text!r} at '{name}' is not of type {kind}."
    return ""


def readable(service: str, handler: Wire) -> Wire:
    """Wrap a service's handler: forms that cannot be inputs are refused before it sees them."""

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Response:
        if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            wrong = problem(service, body)
            if wrong:
                return 400, {"Content-Type": "text/xml"}, refusal("MalformedInput", wrong)
        return await handler(method, path, headers, body, query)

    return handle


def refusal(code: str, message: str) -> bytes:
    """Return a refusal as the query protocol carries it."""
    return b"<ErrorResponse>%s<RequestId>%s</RequestId></ErrorResponse>" % (
        error(code, message),
        str(uuid.uuid4()).encode(),
    )


def error(code: str, message: str) -> bytes:
    """Return the element of a refusal, which is all that S3 answers with."""
    return f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>".encode(errors="replace")


def _kind(known: Model, shape: str, path: list[str]) -> str:
    """Return the kind of the member that a field names, such as ``Tags.member.1.Key``; nothing when there is none."""
    for part in path:
        found = known.shapes[shape]
        if found.kind == "structure":
            if part not in found.members:
                return ""
            shape = found.members[part]
        elif found.kind == "list" and part.isdecimal():
            shape = found.item
        elif found.kind == "map" and part in ("key", "value"):
            return "" if part == "key" else known.shapes[found.item].kind
        elif found.kind not in ("list", "map"):
            return ""
    return known.shapes[shape].kind
