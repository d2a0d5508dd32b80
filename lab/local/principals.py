"""Who acts inside the embedded AWS: the person's IAM user, the service's own user, and roles that services assume.

Nobody is root. The users are made in-process before the port opens; afterwards every request carries a signature.
"""

from __future__ import annotations

import secrets
import string
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlencode

from ministack import app as ministack_app
from ministack.core.responses import request_scope
from ministack.services import iam, sts

from lab.local import trust
from lab.local.context import Caller, Credentials
from lab.local.errors import AwsError

PERSON: Final = "lab"
SERVICE: Final = "embedded-aws"
ADMINISTRATOR: Final = "arn:aws:iam::aws:policy/AdministratorAccess"
SESSION_SECONDS: Final = 3600
_ALPHABET: Final = string.ascii_uppercase + string.digits


async def user_credentials(name: str, known: Credentials | None, account: str, region: str) -> Credentials:
    """Return an active access key of a user with administrator's rights, making user and key where they are missing.

    Parameters: known, the key handed out earlier; it is returned again while the user still has it.
    """
    with request_scope(account, region):
        if known is not None and iam._access_keys.get_scoped(account, None, known.access_key_id):
            return known
        await _iam("CreateUser", accepted=("EntityAlreadyExists",), UserName=name)
        await _iam("AttachUserPolicy", UserName=name, PolicyArn=ADMINISTRATOR)
        for old in await _key_ids(name):
            await _iam("DeleteAccessKey", UserName=name, AccessKeyId=old)
        answer = await _iam("CreateAccessKey", UserName=name)
    return Credentials(_text(answer, "AccessKeyId"), _text(answer, "SecretAccessKey"))


def assume_role(role_arn: str, caller: Caller, now: float | None = None) -> Credentials:
    """Return credentials of a role for a service.

    Raises: AwsError AccessDeniedException unless the role exists and its trust policy lets the caller assume it.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-service.html
    """
    try:
        _, _, _, _, account, resource = role_arn.split(":", 5)
        name = resource.rsplit("/", 1)[1]
    except (ValueError, IndexError):
        raise AwsError("ValidationException", f"{role_arn} is not a role's ARN.") from None
    role = iam._roles.get_scoped(account, None, name)
    if role is None or not trust.trusts(role["AssumeRolePolicyDocument"], caller, account):
        raise AwsError("AccessDeniedException", f"{caller.principal} is not authorized to assume {role_arn}", 403)
    began = time.time() if now is None else now
    session = caller.principal.partition(".")[0]
    credentials = Credentials(
        "ASIA" + "".join(secrets.choice(_ALPHABET) for _ in range(16)),
        secrets.token_urlsafe(30),
        secrets.token_urlsafe(120),
        began + SESSION_SECONDS,
    )
    sts.register_session(
        credentials.access_key_id,
        {
            "Arn": f"arn:aws:sts::{account}:assumed-role/{name}/{session}",
            "AccountId": account,
            "UserId": f"{role['RoleId']}:{session}",
            "PrincipalType": "AssumedRole",
            "SecretAccessKey": credentials.secret_access_key,
            "SessionToken": credentials.session_token,
            "Expiration": credentials.expires,
        },
    )
    return credentials


async def _key_ids(user: str) -> list[str]:
    """Return the ids of a user's access keys."""
    answer = await _iam("ListAccessKeys", UserName=user)
    return [element.text or "" for element in answer.iter() if element.tag.endswith("AccessKeyId")]


async def _iam(action: str, accepted: tuple[str, ...] = (), **parameters: str) -> ET.Element:
    """Call IAM in-process, beneath the signature check."""
    body = urlencode({"Action": action, "Version": "2010-05-08", **parameters}).encode()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    handler: Callable[..., Any] = ministack_app.SERVICE_HANDLERS["iam"]
    status, _, answer = await handler("POST", "/", headers, body, {})
    document = ET.fromstring(answer)  # noqa: S314  (our own process made it)
    if status >= 400 and _text(document, "Code") not in accepted:
        raise RuntimeError(f"IAM {action} failed: {answer.decode(errors='replace')}")
    return document


def _text(document: ET.Element, name: str) -> str:
    """Return the text of the first element of a name, in any namespace."""
    for element in document.iter():
        if element.tag.rsplit("}", 1)[-1] == name:
            return element.text or ""
    raise RuntimeError(f"IAM answered without {name}")
