"""The one place where rules reach other services: in this process, under the rule's role.

Actions run before the publisher's acknowledgement, so a signed request over the endpoint for each would cost more than
the message itself. The role's permission is decided here by the same evaluation that the endpoint uses.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from ministack import app
from ministack.core.iam_evaluator import pin_request_origin
from ministack.core.responses import request_scope
from ministack.services import s3

from lab.local.context import Caller
from lab.local.rules import permission
from lab.local.rules.errors import ActionError

TARGETS: Final = {
    "dynamodb": "DynamoDB_20120810",
    "kinesis": "Kinesis_20131202",
    "firehose": "Firehose_20150804",
    "logs": "Logs_20140328",
    "sqs": "AmazonSQS",
}


@dataclass(frozen=True)
class Effects:
    """Requests of a rule under one role. account, region: where the rule is."""

    role_arn: str
    account: str
    region: str
    rule_name: str

    def require(self, action: str, resource: str) -> None:
        """Return when the role trusts the rule and allows the action. Raises: ActionError otherwise."""
        caller = Caller(permission.PRINCIPAL, self.arn("iot", f"rule/{self.rule_name}"))
        permission.require(self.role_arn, caller, action, resource, self.region)

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource beside the rule."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    async def call(self, service: str, operation: str, resource: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Call an operation of a JSON service. Parameters: resource, the ARN that permission is needed on.

        Raises: ActionError when the role may not or the service refuses.
        """
        self.require(f"{service}:{operation}", resource)
        headers = {
            "x-amz-target": f"{TARGETS[service]}.{operation}",
            "content-type": "application/x-amz-json-1.1",
            "host": f"{service}.{self.region}.amazonaws.com",
        }
        body = json.dumps(payload).encode()
        answer = await self._request(service, "POST", "/", headers, body)
        return dict(json.loads(answer or b"{}"))

    async def put_object(self, bucket: str, key: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Put an object into a bucket. Raises: ActionError when the role may not or S3 refuses."""
        self.require("s3:PutObject", f"arn:aws:s3:::{bucket}/{key}")
        # S3 takes a request without signature for an anonymous one, unless it is told that a service asks in-process.
        with request_scope(self.account, self.region):
            status, _, answer = await s3.handle_request(
                "PUT", f"/{bucket}/{key}", {"host": "127.0.0.1", **headers}, body, {}, internal=True
            )
        if status >= 400:
            raise ActionError(_reason("s3", status, answer))

    async def publish(self, topic_arn: str, form: Mapping[str, str]) -> None:
        """Publish to an SNS topic. Raises: ActionError when the role may not or SNS refuses."""
        self.require("sns:Publish", topic_arn)
        fields = {"Action": "Publish", "Version": "2010-03-31", "TopicArn": topic_arn, **form}
        body = "&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items()).encode()
        await self._request("sns", "POST", "/", {"content-type": "application/x-www-form-urlencoded"}, body)

    async def _request(self, service: str, method: str, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
        handler = app.SERVICE_HANDLERS.get(service)
        if handler is None:
            raise ActionError(f"The service {service} is not served by this AWS")
        with request_scope(self.account, self.region):
            # A service calls a service over TLS; a device's session has no such origin of its own, and a policy that
            # refuses requests without TLS would refuse the rule's. Where the message came from does not count here.
            context = copy_context()
            context.run(pin_request_origin, "", True)
            request = asyncio.create_task(handler(method, path, dict(headers), body, {}), context=context)
            status, _, answer = await request
        raw = answer if isinstance(answer, bytes) else str(answer).encode()
        if status >= 400:
            raise ActionError(_reason(service, status, raw))
        return raw


def _reason(service: str, status: int, answer: bytes) -> str:
    """Return a refused request's message in the form of AWS's SDK for Java, which the error document quotes."""
    text = answer.decode("utf-8", errors="replace")
    try:
        document = json.loads(text)
        code = str(document.get("__type", "")).rpartition("#")[2]
        message = document.get("message") or document.get("Message") or ""
    except (ValueError, AttributeError):
        code, message = _between(text, "Code"), _between(text, "Message") or text[:200]
    return f"{message} (Service: {service}; Status Code: {status}; Error Code: {code})"


def _between(text: str, name: str) -> str:
    return text.partition(f"<{name}>")[2].partition(f"</{name}>")[0]
