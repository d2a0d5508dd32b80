"""Who asks: a query reads and writes under its caller's permissions, as on AWS.

Athena calls S3 and Glue with the credentials of whoever started the query. Objects are read from the files in which
they lie, so that the permission to get each of them is looked up here instead.
Source: https://docs.aws.amazon.com/athena/latest/ug/security-iam-athena.html
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from lab.local.context import Context, Credentials
from lab.local.errors import AwsError

if TYPE_CHECKING:
    from ministack.core.iam_evaluator import PrincipalInfo

MOST_CALLERS: Final = 20


class Caller:
    """One principal, during one request.

    Parameters: client, makes a client that signs as the principal; principal, with its policies; region, of the calls.
    """

    def __init__(self, client: Callable[[str], Any], principal: PrincipalInfo, region: str) -> None:
        self.client = client
        self._principal = principal
        self._region = region

    def denial(self, action: str, resource: str) -> str | None:
        """Why the principal may not do this, in AWS's words; None when it may."""
        from ministack.core import iam_evaluator

        principal = self._principal
        if principal.policies is None:
            return None
        asked = iam_evaluator.EvalContext(
            principal_arn=principal.arn,
            principal_type=principal.type,
            principal_account=principal.account,
            action=action,
            resource_arn=resource,
            region=self._region,
            secure_transport=True,
            principal_keys=principal.keys,
        )
        decision = iam_evaluator.evaluate(asked, principal.policies, *principal.limits)
        own = iam_evaluator._resource_policy(action.partition(":")[0], resource)
        if own is not None:
            decision = iam_evaluator.combine_resource_policy(decision, asked, *own, limits=tuple(principal.limits))
        if decision.decision == "Allow":
            return None
        return f"User: {principal.arn} is not authorized to perform: {action} on resource: {resource}"

    def require(self, action: str, resource: str) -> None:
        """Raises: AwsError AccessDeniedException unless the principal may do this."""
        refusal = self.denial(action, resource)
        if refusal is not None:
            raise AwsError("AccessDeniedException", refusal)


class Callers:
    """Knows the principal behind each request, and keeps the clients of the latest ones."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._clients: OrderedDict[str, tuple[Credentials, dict[str, Any]]] = OrderedDict()

    def of(self, headers: Mapping[str, str]) -> Caller:
        """The caller of a request whose signature was checked. Raises: AwsError when its key is no longer valid."""
        from ministack.core import iam_evaluator
        from ministack.core.responses import request_scope

        from lab.local.guard import access_key_id

        key, account = access_key_id(dict(headers), {}), self._context.account
        with request_scope(account, self._context.region):
            known = iam_evaluator.resolve_credential(key, account)
            principal = iam_evaluator.resolve_principal(key, account)
        for found in (known, principal):
            if isinstance(found, iam_evaluator.CredentialResolutionError | iam_evaluator.AuthError):
                raise AwsError("UnrecognizedClientException", "The security token included in the request is invalid.")
        credentials = Credentials(key, known.secret_access_key, known.session_token, known.expiration)
        return Caller(lambda service: self._client(credentials, service), principal, self._context.region)

    def _client(self, credentials: Credentials, service: str) -> Any:
        with self._lock:
            held, clients = self._clients.get(credentials.access_key_id, (None, {}))
            if held != credentials:
                clients = {}
            self._clients[credentials.access_key_id] = credentials, clients
            self._clients.move_to_end(credentials.access_key_id)
            if service not in clients:
                clients[service] = self._made(credentials, service)
            while len(self._clients) > MOST_CALLERS:
                self._clients.popitem(last=False)
            return clients[service]

    def _made(self, credentials: Credentials, service: str) -> Any:
        from lab.local.clients import Clients

        own = Clients(self._context.endpoint, self._context.region, credentials, self._context.assume, time.time)
        return own.service(service)
