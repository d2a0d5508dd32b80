"""What every worker of the embedded AWS is given: where the endpoint is, and credentials to act with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Credentials:
    """Credentials of one principal. expires: Unix seconds, or None for a user's long-lived key."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None
    expires: float | None = None


@dataclass(frozen=True)
class Caller:
    """A service that acts for one of its resources.

    principal: such as ``firehose.amazonaws.com``; source: the ARN that it says it acts for when it assumes a role
    (``aws:SourceArn``), empty for a service that says nothing.
    """

    principal: str
    source: str = ""


@dataclass(frozen=True)
class Context:
    """The embedded AWS as its own workers see it: over its endpoint, under a role.

    endpoint: http URL on loopback; state: folder in which a worker keeps its checkpoints (one sub-folder a worker);
    objects: folder in which S3 objects lie as files; service_client: a boto3 client of the embedded AWS's own user, for
    what the service itself does (reading the catalog, listing streams); assume: credentials of a role for a caller,
    refused with AwsError unless the role trusts it; role_client: a boto3 client of a service under such a role; now:
    Unix seconds.
    """

    endpoint: str
    region: str
    account: str
    state: Path
    objects: Path
    service_client: Callable[[str], Any]
    assume: Callable[[str, Caller], Credentials]
    role_client: Callable[[str, Caller, str], Any]
    now: Callable[[], float]

    def role_arn(self, role: str) -> str:
        """Return a role's ARN; Glue takes a role by its path and name alone, too."""
        return role if role.startswith("arn:") else f"arn:aws:iam::{self.account}:role/{role}"
