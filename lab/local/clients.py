"""boto3 clients of the embedded AWS's own workers: over the endpoint, under a user or a role."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from lab.local.context import Caller, Credentials

RENEW_SECONDS: Final = 300


class Clients:
    """Makes clients and keeps them: one for the service's user and service, one for each role, caller and service.

    Parameters: endpoint, region; own, the service user's credentials; assume, returns a role's credentials for a
    caller; now, Unix seconds.
    """

    def __init__(
        self,
        endpoint: str,
        region: str,
        own: Credentials,
        assume: Callable[[str, Caller], Credentials],
        now: Callable[[], float],
    ) -> None:
        self._endpoint = endpoint
        self._region = region
        self._own = own
        self._assume = assume
        self._now = now
        self._lock = threading.Lock()
        self._kept: dict[tuple[object, ...], tuple[Any, float | None]] = {}

    def service(self, service: str) -> Any:
        """Return a client of the embedded AWS's own user."""
        return self._client((service,), service, lambda: self._own)

    def role(self, role_arn: str, caller: Caller, service: str) -> Any:
        """Return a client under a role; its credentials are renewed before they run out.

        Raises: AwsError AccessDeniedException when the role does not trust the caller.
        """
        return self._client((role_arn, caller, service), service, lambda: self._assume(role_arn, caller))

    def _client(self, key: tuple[object, ...], service: str, credentials: Callable[[], Credentials]) -> Any:
        with self._lock:
            client, expires = self._kept.get(key, (None, None))
            if client is not None and (expires is None or expires - self._now() > RENEW_SECONDS):
                return client
            granted = credentials()
            client = self._make(service, granted)
            self._kept[key] = client, granted.expires
            return client

    def _make(self, service: str, credentials: Credentials) -> Any:
        import boto3  # 40 MB of memory that an idle AWS does without
        from botocore.config import Config

        return boto3.Session().client(
            service,
            endpoint_url=self._endpoint,
            region_name=self._region,
            aws_access_key_id=credentials.access_key_id,
            aws_secret_access_key=credentials.secret_access_key,
            aws_session_token=credentials.session_token,
            config=Config(
                retries={"mode": "standard", "max_attempts": 3},
                max_pool_connections=20,
                s3={"addressing_style": "path"},
            ),
        )
