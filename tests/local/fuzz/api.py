"""Requests made from the API models: right members with right or wrong values, wrong members, broken bodies."""

from __future__ import annotations

import functools
import http.client
import json
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import botocore.session
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import strategies as st

SECONDS: Final = 30.0
"""No answer for so long is a hang."""
OPERATIONS: Final = {
    "athena": None,
    "firehose": None,
    "glue": (
        *("CreateCrawler", "UpdateCrawler", "GetCrawler", "BatchGetCrawlers", "StartCrawler", "StopCrawler"),
        *("GetCrawlerMetrics", "DeleteCrawler", "ListCrawlers", "CreateJob", "GetJobRun", "GetJobRuns", "StartJobRun"),
        *("BatchStopJobRun", "CreateDatabase", "GetDatabase", "CreateTable", "GetTable", "GetTables", "GetPartitions"),
    ),
    "kinesis": ("PutRecord", "PutRecords", "GetRecords", "GetShardIterator", "ListShards", "DescribeStream"),
    "dynamodb": ("PutItem", "GetItem", "UpdateItem", "DeleteItem", "Query", "Scan", "BatchWriteItem", "DescribeTable"),
    "logs": ("PutLogEvents", "DescribeLogGroups", "DescribeLogStreams", "FilterLogEvents", "GetLogEvents"),
    "sqs": ("SendMessage", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes", "GetQueueUrl"),
}
"""Operations of the JSON services that are tried; None for all that the model has."""
JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES: Final = st.sampled_from(["known", "unknown", "", "a" * 300, "näme", "x/y", "arn:aws:iam::000000000000:role/r"])


@dataclass(frozen=True)
class Request:
    """One request.

    service: whom it is signed for; target: the X-Amz-Target header, empty for none; body: as it is sent; path: with its
    query.
    """

    service: str
    target: str
    content_type: str
    body: bytes
    method: str = "POST"
    path: str = "/"


@functools.cache
def model(service: str) -> Any:
    """Return a service's API model."""
    return botocore.session.get_session().get_service_model(service)


def operations() -> list[tuple[str, str]]:
    """Return (service, operation) of all that is tried."""
    return [(service, name) for service, some in OPERATIONS.items() for name in some or model(service).operation_names]


def values(shape: Any, depth: int = 0) -> st.SearchStrategy[Any]:
    """Return values for a shape: mostly of its type, sometimes anything."""
    if depth > 4:
        return JSON
    kind = shape.type_name
    right: st.SearchStrategy[Any] = JSON
    if kind == "string":
        right = st.sampled_from(shape.enum) if shape.enum else NAMES | st.text(max_size=20)
    elif kind in ("integer", "long"):
        right = st.integers(-(2**40), 2**40) | st.integers(0, 10)
    elif kind in ("float", "double", "timestamp"):
        right = st.floats(allow_nan=False, allow_infinity=False)
    elif kind == "boolean":
        right = st.booleans()
    elif kind == "blob":
        right = st.sampled_from(["", "AAAA", "not base64!"])
    elif kind == "list":
        right = st.lists(st.deferred(lambda: values(shape.member, depth + 1)), max_size=2)
    elif kind == "map":
        right = st.dictionaries(st.text(max_size=8), st.deferred(lambda: values(shape.value, depth + 1)), max_size=2)
    elif kind == "structure":
        right = members(shape, depth + 1)
    return st.integers(0, 9).flatmap(lambda chosen: JSON if chosen == 0 else right)


def members(shape: Any, depth: int = 0) -> st.SearchStrategy[Any]:
    """Return structures: the required members mostly, the optional ones sometimes."""
    required = {name: values(shape.members[name], depth) for name in shape.required_members}
    optional = {name: values(member, depth) for name, member in shape.members.items() if name not in required}
    whole = st.fixed_dictionaries(required, optional=optional) if depth < 3 else st.fixed_dictionaries(required)
    partial = st.fixed_dictionaries({}, optional={**required, **optional})
    return st.integers(0, 4).flatmap(lambda chosen: partial if chosen == 0 else whole)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Return requests for all operations."""
    service, name = draw(st.sampled_from(operations()))
    found = model(service)
    shape = found.operation_model(name).input_shape
    payload = draw(members(shape)) if shape is not None else {}
    body = json.dumps(payload).encode()
    broken = draw(st.integers(0, 19))
    if broken == 0:
        body = draw(st.binary(max_size=30))
    elif broken == 1:
        body = json.dumps(draw(JSON)).encode()
    operation = draw(st.sampled_from(["NoSuchOperation", ""])) if broken == 2 else name
    version = found.metadata["jsonVersion"]
    return Request(service, f"{found.metadata['targetPrefix']}.{operation}", f"application/x-amz-json-{version}", body)


def send(endpoint: str, key: dict[str, str], region: str, request: Request) -> tuple[int, bytes]:
    """Sign and send a request, and return status and body.

    Raises: TimeoutError for a hang, ConnectionError for a crash.
    """
    headers = {"Content-Type": request.content_type, **({"X-Amz-Target": request.target} if request.target else {})}
    signed = AWSRequest(request.method, endpoint + request.path, headers=headers, data=request.body)
    signer = S3SigV4Auth if request.service == "s3" else SigV4Auth
    credentials = Credentials(key["AWS_ACCESS_KEY_ID"], key["AWS_SECRET_ACCESS_KEY"])
    signer(credentials, request.service, region).add_auth(signed)
    connection = http.client.HTTPConnection(urlsplit(endpoint).netloc, timeout=SECONDS)
    try:
        connection.request(request.method, request.path, request.body, dict(signed.headers))
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def problem(status: int, body: bytes) -> str:
    """Return what is wrong with an answer; nothing when it is an answer or a refusal as AWS gives it."""
    if status >= 500 and status not in (501, 503):
        return f"status {status}: {body[:300]!r}"
    if status >= 300 and body[:1] == b"<":
        return _problem_of_xml(status, body)
    try:
        document = json.loads(body or b"{}")
    except ValueError:
        return f"status {status}, not JSON: {body[:200]!r}"
    refusal = document if isinstance(document, dict) else {}
    if status < 300 or (refusal.get("__type") and (refusal.get("message") or refusal.get("Message"))):
        return ""
    return f"status {status} without __type or message: {body[:200]!r}"


def _problem_of_xml(status: int, body: bytes) -> str:
    """Return what a refusal in XML lacks."""
    try:
        document = ET.fromstring(body)
    except ET.ParseError:
        return f"status {status}, not XML: {body[:200]!r}"
    found = {element.tag.rpartition("}")[2]: element.text for element in document.iter()}
    return (
        "" if found.get("Code") and "Message" in found else f"status {status} without code or message: {body[:200]!r}"
    )
