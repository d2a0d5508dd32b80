"""A lean client of one JSON service under a role, for bulk reading: botocore's parsing costs more than all the rest.

Source: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
"""

from __future__ import annotations

import http.client
import json
from typing import Any, Final
from urllib.parse import urlsplit

from lab.local.context import Caller, Context, Credentials

RENEW_SECONDS: Final = 300
TIMEOUT_SECONDS: Final = 60.0


class JsonClient:
    """Calls operations over the endpoint, signed. For one thread.

    Parameters: role, its ARN; caller, who assumes it; service, the signing name; prefix, of the
    X-Amz-Target header, such as ``Kinesis_20131202``.
    """

    def __init__(self, context: Context, role: str, caller: Caller, service: str, prefix: str) -> None:
        self._context = context
        self._role = role
        self._caller = caller
        self._service = service
        self._prefix = prefix
        self._credentials: Credentials | None = None
        self._connection: http.client.HTTPConnection | None = None

    def call(self, operation: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Return an operation's output, as JSON has it: blobs are Base64, times Unix seconds.

        Raises: AwsError when the role cannot be assumed, botocore's ClientError when the service refuses.
        """
        from botocore.exceptions import ClientError

        status, document = self._send(operation, json.dumps(payload).encode())
        if status < 300:
            return document
        code = str(document.get("__type", "InternalFailure")).rpartition("#")[2]
        message = document.get("message") or document.get("Message") or ""
        raise ClientError({"Error": {"Code": code, "Message": message}}, operation)

    def _send(self, operation: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """Send a request on the kept connection, or on a new one; a broken one is not used again."""
        headers = self._signed(operation, body)
        if self._connection is None:
            address = urlsplit(self._context.endpoint).netloc
            self._connection = http.client.HTTPConnection(address, timeout=TIMEOUT_SECONDS)
        try:
            self._connection.request("POST", "/", body, headers)
            answer = self._connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            self._connection = None
            raise
        return answer.status, dict(json.loads(content or b"{}"))

    def _signed(self, operation: str, body: bytes) -> dict[str, str]:
        from botocore import credentials
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest

        granted = self._granted()
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"{self._prefix}.{operation}"}
        request = AWSRequest("POST", f"{self._context.endpoint}/", headers=headers, data=body)
        key = credentials.Credentials(granted.access_key_id, granted.secret_access_key, granted.session_token)
        SigV4Auth(key, self._service, self._context.region).add_auth(request)
        return dict(request.headers)

    def _granted(self) -> Credentials:
        known = self._credentials
        if known is None or (known.expires is not None and known.expires - self._context.now() < RENEW_SECONDS):
            known = self._context.assume(self._role, self._caller)
            self._credentials = known
        return known
