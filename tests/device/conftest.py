"""Devices for the tests of this room: provisioned in the shared embedded AWS, removed at the end."""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lab import stacks, target
from lab.device import Identity, provision

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "iot:Connect",
            "Resource": "arn:aws:iot:*:*:client/${iot:Connection.Thing.ThingName}",
            "Condition": {"Bool": {"iot:Connection.Thing.IsAttached": "true"}},
        },
        {
            "Effect": "Allow",
            "Action": "iot:Publish",
            "Resource": "arn:aws:iot:*:*:topic/device/${iot:Connection.Thing.ThingName}/data",
        },
    ],
}


@pytest.fixture
def policy(aws: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of a device policy that stands where Level 1's would."""
    iot = aws.client("iot")
    name = f"policy-{uuid.uuid4().hex[:8]}"
    iot.create_policy(policyName=name, policyDocument=json.dumps(POLICY))
    monkeypatch.setattr(stacks, "outputs", lambda *_: {"DevicePolicyName": name})
    yield name
    for held in iot.list_targets_for_policy(policyName=name)["targets"]:
        iot.detach_policy(policyName=name, target=held)
    iot.delete_policy(policyName=name)


@pytest.fixture
def new_device(aws: Any, policy: str) -> Iterator[Callable[[], Identity]]:
    """Provision a device under a name of its own; things, certificates and folders are removed at the end."""
    made: list[str] = []

    def make() -> Identity:
        name = f"board-{uuid.uuid4().hex[:8]}"
        made.append(name)
        return provision(name)

    yield make
    for name in made:
        _remove(aws.client("iot"), name, policy)


@pytest.fixture
def identity(new_device: Callable[[], Identity]) -> Identity:
    """One provisioned device."""
    return new_device()


def _remove(iot: Any, name: str, policy: str) -> None:
    for arn in iot.list_thing_principals(thingName=name)["principals"]:
        certificate = arn.rpartition("/")[2]
        iot.detach_thing_principal(thingName=name, principal=arn)
        iot.detach_policy(policyName=policy, target=arn)
        iot.update_certificate(certificateId=certificate, newStatus="INACTIVE")
        iot.delete_certificate(certificateId=certificate)
    iot.delete_thing(thingName=name)
    shutil.rmtree(target.state_folder() / "devices" / name, ignore_errors=True)
