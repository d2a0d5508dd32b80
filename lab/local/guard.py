"""The guard before every request: loopback callers only, a credential that is not a back door, no administration paths.

MiniStack takes the key ``test``, its own key id, every 12-digit key id and a missing credential for the root user and
never asks for the secret. Here nobody is root: those are refused, every other signature MiniStack checks itself.
"""

from __future__ import annotations

import ipaddress
import json
import logging
import re
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final
from urllib.parse import parse_qs

from lab.local.legible import legible

logger = logging.getLogger("lab.guard")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

CLOSED_PATHS: Final = ("/_ministack", "/_localstack", "/_aws", "/latest/meta-data", "/health")
SIGNING_NAMES: Final = frozenset(
    {
        "athena",
        "budgets",
        "cloudformation",
        "dynamodb",
        "ecr",
        "events",
        "firehose",
        "glue",
        "iam",
        "iot",
        "iotdata",
        "iotdevicegateway",
        "kinesis",
        "kms",
        "logs",
        "monitoring",
        "s3",
        "scheduler",
        "secretsmanager",
        "sns",
        "sqs",
        "ssm",
        "sts",
        "tagging",
    }
)
"""Services that somebody checked here. Any other is refused by name, not answered by an untested emulation."""

_CREDENTIAL: Final = re.compile(r"Credential=([^/,\s]+)/")
_SCOPE: Final = re.compile(r"Credential=[^/,\s]+/\d{8}/[^/,\s]+/([^/,\s]+)/aws4_request")
_ACCOUNT_KEY: Final = re.compile(r"^\d{12}$")
_HOSTS: Final = re.compile(r"^(127\.0\.0\.1|localhost|\[::1\]|[a-z0-9.-]+\.localhost)(:\d+)?$", re.IGNORECASE)
_FORWARDED: Final = (b"x-forwarded-proto", b"x-forwarded-for", b"x-forwarded-host", b"forwarded")


def guard(application: Application, root_key_id: str) -> Application:
    """Wrap the ASGI application.

    Parameters: root_key_id, the key id that MiniStack itself would take for root.
    """

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await application(scope, receive, send)
            return
        if scope["type"] != "http":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": "not served here"})
            return
        refusal = _refusal(scope, root_key_id)
        if refusal is not None:
            await _refuse(scope, send, *refusal)
            return
        # Policies that ask for TLS mean "not over a network in the clear". Loopback is no network.
        headers = [(name, value) for name, value in scope["headers"] if name.lower() not in _FORWARDED]
        await _answered(application, {**scope, "scheme": "https", "headers": headers}, receive, send)

    return guarded


async def _answered(application: Application, scope: Scope, receive: Receive, send: Send) -> None:
    """Call the application; what it does not foresee becomes an AWS error, not a closed connection."""
    begun = False
    send = legible(send)

    async def sending(message: MutableMapping[str, Any]) -> None:
        nonlocal begun
        begun = True
        await send(message)

    try:
        await application(scope, receive, sending)
    except UnicodeDecodeError:
        await _refuse(scope, send, 400, "SerializationException", "The request is not UTF-8.")
    except Exception:
        logger.exception("A request to %s failed in a way that is not foreseen", scope["path"])
        if begun:
            raise
        await _refuse(scope, send, 500, "InternalFailure", "The request failed in a way that is not foreseen.")


def access_key_id(headers: dict[str, str], query: dict[str, list[str]]) -> str:
    """Return the key id that a request is signed with (header or presigned query), or an empty text."""
    match = _CREDENTIAL.search(headers.get("authorization", ""))
    if match:
        return match[1]
    for name in ("X-Amz-Credential", "AWSAccessKeyId"):
        for value in query.get(name, []):
            return value.split("/")[0]
    legacy = re.match(r"AWS ([^:\s]+):", headers.get("authorization", ""))
    return legacy[1] if legacy else ""


def _refusal(scope: Scope, root_key_id: str) -> tuple[int, str, str] | None:
    """Return (status, code, message) when a request is not let in."""
    client = (scope.get("client") or ("",))[0]
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    if not _is_loopback(client) or not _HOSTS.match(headers.get("host", "")):
        return 403, "AccessDenied", "This AWS answers callers on its own computer only."
    if scope["path"].startswith(CLOSED_PATHS):
        return 403, "AccessDenied", "Administration paths are closed."
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
    key_id = access_key_id(headers, query)
    if not key_id:
        return 403, "MissingAuthenticationToken", "Request is missing Authentication Token"
    if key_id in ("test", root_key_id) or _ACCOUNT_KEY.match(key_id):
        return 403, "InvalidClientTokenId", "The security token included in the request is invalid."
    signed_for = _SCOPE.search(headers.get("authorization", ""))
    if signed_for and signed_for[1] not in SIGNING_NAMES:
        return 400, "UnsupportedOperation", f"The service {signed_for[1]} is not served by this AWS."
    return None


def _is_loopback(address: str) -> bool:
    """Tell whether a peer address is of this computer itself."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


async def _refuse(scope: Scope, send: Send, status: int, code: str, message: str) -> None:
    """Answer with an error document in the caller's protocol: JSON for JSON services, XML for the others."""
    names = {name.lower(): value for name, value in scope["headers"]}
    content_type = names.get(b"content-type", b"")
    request_id = str(uuid.uuid4())
    if b"x-amz-target" in names or b"json" in content_type:
        body = json.dumps({"__type": code, "message": message, "Message": message}).encode()
        media = b"application/x-amz-json-1.1"
    elif b"form-urlencoded" in content_type:
        body = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        ).encode()
        media = b"text/xml"
    else:
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f"<Error><Code>{code}</Code><Message>{message}</Message><RequestId>{request_id}</RequestId></Error>"
        ).encode()
        media = b"application/xml"
    headers = [
        (b"content-type", media),
        (b"content-length", str(len(body)).encode()),
        (b"x-amzn-errortype", code.encode()),
        (b"x-amzn-requestid", request_id.encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
