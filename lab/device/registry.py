"""What AWS IoT keeps of a device: the thing that its certificate belongs to, and what the certificate lets it do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lab import target
from lab.device.chain import Box, draw
from lab.device.identity import Identity, certificate_arn, signing_request
from lab.notebook import figures

if TYPE_CHECKING:
    from cryptography import x509
    from matplotlib.figure import Figure

THING_NAME: Final = "${iot:Connection.Thing.ThingName}"
"""Source: https://docs.aws.amazon.com/iot/latest/developerguide/thing-policy-variables.html"""


@dataclass(frozen=True)
class Registered:
    """things: to which the certificate is attached; status: of the certificate, such as ``ACTIVE``.

    policies: name → document of each policy that is attached to the certificate.
    """

    things: tuple[str, ...]
    status: str
    policies: Mapping[str, Mapping[str, Any]]


def of(identity: Identity) -> Registered:
    """Return what AWS IoT keeps of a device.

    Source: https://docs.aws.amazon.com/iot/latest/developerguide/attach-to-cert.html
    """
    iot, arn = target.client("iot"), certificate_arn(identity.folder)
    described = iot.describe_certificate(certificateId=arn.rpartition("/")[2])
    names = [policy["policyName"] for policy in iot.list_attached_policies(target=arn)["policies"]]
    documents = {name: json.loads(iot.get_policy(policyName=name)["policyDocument"]) for name in names}
    things = iot.list_principal_things(principal=arn)["things"]
    return Registered(tuple(things), described["certificateDescription"]["status"], documents)


def rights(policy: Mapping[str, Any], thing: str) -> list[tuple[str, str]]:
    """Return what a policy allows a thing: actions with the resource, its name in the place of the variable.

    The resource is the part of the ARN behind the account, such as ``topic/device/a/data``.
    """
    return [
        (action, resource.split(":", 5)[5].replace(THING_NAME, thing))
        for statement in policy["Statement"]
        if statement["Effect"] == "Allow"
        for action in _listed(statement["Action"])
        for resource in _listed(statement["Resource"])
    ]


def picture(identity: Identity, certificate: x509.Certificate, kept: Registered) -> Figure:
    """Draw an identity: the key that stays, the request that travels, the certificate, and what it is attached to."""
    request = signing_request(identity)
    attached = [*(f"thing {name}" for name in kept.things), *(f"policy {name}" for name in kept.policies)]
    names = [certificate.subject.rfc4514_string(), f"issued by {certificate.issuer.rfc4514_string()}"]
    until = f"valid until {certificate.not_valid_after_utc:%Y-%m-%d}"
    return draw(
        [
            Box("this computer", [identity.key.name, "readable by you alone", "never sent"], "asks", figures.BAD),
            Box(
                "request", [request.subject.rfc4514_string(), "public key", "signed by the key"], "signs", figures.MUTED
            ),
            Box("certificate", [*names, until, kept.status], "stands for", figures.HUMIDITY),
            Box("AWS IoT", attached, colour=figures.GOOD),
        ]
    )


def _listed(value: Any) -> Iterator[str]:
    yield from [value] if isinstance(value, str) else value
