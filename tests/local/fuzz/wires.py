"""Requests of the REST and query protocols, made from the API models and then broken in some place."""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import quote, urlencode
from xml.sax.saxutils import escape

from hypothesis import strategies as st

from tests.local.fuzz.api import Request, members, model

FORM: Final = "application/x-www-form-urlencoded; charset=utf-8"
OPERATIONS: Final[dict[str, tuple[str, ...]]] = {
    "scheduler": (),
    "iot": (
        *("CreateThing", "DescribeThing", "UpdateThing", "ListThings", "CreatePolicy", "GetPolicy", "AttachPolicy"),
        *("CreateTopicRule", "ReplaceTopicRule", "GetTopicRule", "ListTopicRules", "EnableTopicRule"),
        *("DescribeEndpoint", "ListCertificates", "DescribeCertificate", "UpdateCertificate"),
        *("AttachThingPrincipal", "RegisterCertificateWithoutCA", "CreateCertificateFromCsr"),
    ),
    "s3": (
        *("CreateBucket", "PutObject", "GetObject", "HeadObject", "DeleteObject", "DeleteObjects", "ListObjectsV2"),
        *("PutBucketPolicy", "PutBucketTagging", "PutBucketVersioning", "PutPublicAccessBlock"),
        *("PutBucketLifecycleConfiguration", "CopyObject", "CreateMultipartUpload", "CompleteMultipartUpload"),
        "GetBucketLocation",
    ),
    "sns": ("CreateTopic", "Publish", "PublishBatch", "Subscribe", "GetTopicAttributes", "ListTopics", "TagResource"),
    "iam": (
        *("CreateRole", "GetRole", "UpdateAssumeRolePolicy", "PutRolePolicy", "GetRolePolicy", "ListRolePolicies"),
        *("AttachRolePolicy", "DetachRolePolicy", "CreatePolicy", "GetPolicy", "ListRoles", "TagRole"),
    ),
    "sts": ("AssumeRole", "GetCallerIdentity", "GetSessionToken"),
    "cloudformation": (
        *("ValidateTemplate", "CreateStack", "UpdateStack", "DescribeStacks", "DescribeStackEvents", "GetTemplate"),
        *("CreateChangeSet", "DescribeChangeSet", "ExecuteChangeSet", "ListStacks", "DeleteStack"),
    ),
    "cloudwatch": ("PutMetricData", "PutMetricAlarm", "GetMetricStatistics", "DescribeAlarms", "SetAlarmState"),
}
"""Operations that are tried, by the model's name; none named: all that the model has."""
QUERY: Final = ("sns", "iam", "sts", "cloudformation", "cloudwatch")
SIGNED_FOR: Final = {"cloudwatch": "monitoring"}


def operations() -> list[tuple[str, str]]:
    """Return (service, operation) of all that is tried."""
    return [(service, name) for service, some in OPERATIONS.items() for name in some or model(service).operation_names]


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Return requests for all operations."""
    service, name = draw(st.sampled_from(operations()))
    found = model(service)
    operation = found.operation_model(name)
    shape = operation.input_shape
    payload = draw(members(shape)) if shape is not None else {}
    if service in QUERY:
        fields = {"Action": name, "Version": found.metadata["apiVersion"], **form("", payload)}
        request = Request(SIGNED_FOR.get(service, service), "", FORM, urlencode(fields).encode())
    else:
        request = _rest(service, operation, payload)
    broken = draw(st.integers(0, 19))
    if broken == 0:
        return _with_body(request, draw(st.binary(max_size=40)))
    if broken == 1 and request.body:
        at = draw(st.integers(0, len(request.body)))
        return _with_body(request, request.body[:at] + draw(st.binary(max_size=3)) + request.body[at + 1 :])
    return request


def _with_body(request: Request, body: bytes) -> Request:
    return Request(request.service, request.target, request.content_type, body, request.method, request.path)


def form(prefix: str, value: Any) -> dict[str, str]:
    """Return a value as the query protocol carries it, whatever its type is.

    Source: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
    """
    if isinstance(value, dict):
        parts = [(f"{prefix}.{key}" if prefix else str(key), item) for key, item in value.items()]
    elif isinstance(value, list):
        parts = [(f"{prefix}.member.{number}", item) for number, item in enumerate(value, 1)]
    else:
        text = value if isinstance(value, str) else json.dumps(value)
        return {prefix: text.encode("utf-8", "replace").decode()}
    return {name: text for key, item in parts for name, text in form(key, item).items()}


def _rest(service: str, operation: Any, payload: Any) -> Request:
    """Return a REST request: members of the model where it wants them, in the body what is left."""
    path, query, rest = operation.http["requestUri"].partition("?")[0], {}, {}
    queried = operation.http["requestUri"].partition("?")[2]
    members_of = operation.input_shape.members if operation.input_shape is not None else {}
    for name, value in (payload if isinstance(payload, dict) else {}).items():
        where = members_of[name].serialization if name in members_of else {}
        wire = where.get("name", name)
        if where.get("location") == "uri":
            text = quote(_text(value), safe="")
            path = path.replace(f"{{{wire}}}", text).replace(f"{{{wire}+}}", quote(_text(value)))
        elif where.get("location") == "querystring":
            query[wire] = _text(value)
        elif "location" not in where:
            rest[wire] = value
    path = path.replace("{", "").replace("}", "").replace("+", "")
    found = "&".join(part for part in (queried, urlencode(query)) if part)
    body, media = (_xml(service, rest), "application/xml") if service == "s3" else (_json(rest), "application/json")
    has_body = operation.http["method"] in ("POST", "PUT", "PATCH")
    return Request(
        service, "", media, body if has_body else b"", operation.http["method"], path + (f"?{found}" if found else "")
    )


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", "replace").decode()


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _xml(service: str, value: Any) -> bytes:
    """Return the body of an S3 request: the first structure as XML, a text as it is."""
    first = next(iter(value.items()), None) if isinstance(value, dict) else None
    if first is None:
        return b""
    if not isinstance(first[1], dict | list):
        return _text(first[1]).encode()
    return (
        f'<{first[0]} xmlns="http://{service}.amazonaws.com/doc/2006-03-01/">{_element(first[1])}</{first[0]}>'.encode()
    )


def _element(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(f"<{_name(key)}>{_element(item)}</{_name(key)}>" for key, item in value.items())
    if isinstance(value, list):
        return "".join(f"<Item>{_element(item)}</Item>" for item in value)
    return escape(_text(value))


def _name(key: str) -> str:
    return "".join(letter for letter in key if letter.isalnum()) or "x"
