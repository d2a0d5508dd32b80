from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography import x509

from lab.device import Identity, registry
from tests.device.conftest import POLICY


def test_a_device_is_kept_as_an_active_certificate_of_one_thing_under_one_policy(
    identity: Identity, policy: str
) -> None:
    assert registry.of(identity) == registry.Registered((identity.device_id,), "ACTIVE", {policy: POLICY})


def test_a_revoked_certificate_is_kept_as_revoked(aws: Any, identity: Identity) -> None:
    arn = (identity.folder / "certificate.arn").read_text()
    aws.client("iot").update_certificate(certificateId=arn.rpartition("/")[2], newStatus="REVOKED")
    assert registry.of(identity).status == "REVOKED"


def test_a_policy_reads_for_each_thing_with_its_own_name() -> None:
    assert registry.rights(POLICY, "a") == [("iot:Connect", "client/a"), ("iot:Publish", "topic/device/a/data")]
    written = "topic/device/${iot:Connection.Thing.ThingName}/data"
    assert registry.rights(POLICY, registry.THING_NAME)[1] == ("iot:Publish", written)


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_lists_are_taken_apart_and_what_is_denied_is_no_right(effect: str) -> None:
    arns = ["arn:aws:iot:r:1:topic/x", "arn:aws:iot:r:1:topic/y:z"]
    statement = {"Effect": effect, "Action": ["iot:Publish", "iot:Receive"], "Resource": arns}
    found = registry.rights(json.loads(json.dumps({"Statement": [statement]})), "a")
    assert found == (
        []
        if effect == "Deny"
        else [(action, topic) for action in statement["Action"] for topic in ("topic/x", "topic/y:z")]
    )


def test_the_picture_leads_from_the_key_to_the_thing(identity: Identity, policy: str) -> None:
    certificate = x509.load_pem_x509_certificate(identity.certificate.read_bytes())
    words = [text.get_text() for text in registry.picture(identity, certificate, registry.of(identity)).axes[0].texts]
    titles = [word for word in words if word in {"this computer", "request", "certificate", "AWS IoT"}]
    assert titles == ["this computer", "request", "certificate", "AWS IoT"]
    assert {"private.key", "ACTIVE", f"CN={identity.device_id}"} <= set(words)
    assert f"thing {identity.device_id}" in words
