from __future__ import annotations

import re
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from lab.device import Identity, provision
from lab.errors import LabError


def arn(identity: Identity) -> str:
    return (identity.folder / "certificate.arn").read_text()


def test_the_certificate_certifies_the_key_that_stayed_here(identity: Identity) -> None:
    certificate = x509.load_pem_x509_certificate(identity.certificate.read_bytes())
    key = serialization.load_pem_private_key(identity.key.read_bytes(), password=None)
    assert certificate.public_key() == key.public_key()
    assert identity.key.stat().st_mode & 0o777 == 0o600
    assert identity.folder.stat().st_mode & 0o777 == 0o700


def test_thing_certificate_and_policy_are_joined(aws: Any, identity: Identity, policy: str) -> None:
    iot = aws.client("iot")
    assert iot.list_thing_principals(thingName=identity.device_id)["principals"] == [arn(identity)]
    attached = iot.list_attached_policies(target=arn(identity))["policies"]
    assert [found["policyName"] for found in attached] == [policy]


def test_a_second_call_finds_the_same_certificate(identity: Identity) -> None:
    before = identity.certificate.read_bytes(), identity.key.read_bytes()
    assert provision(identity.device_id) == identity
    assert (identity.certificate.read_bytes(), identity.key.read_bytes()) == before


@pytest.mark.parametrize("lost", ["certificate.arn", "certificate.pem", "private.key"])
def test_a_lost_file_is_answered_by_a_new_certificate(identity: Identity, lost: str) -> None:
    before = arn(identity)
    (identity.folder / lost).unlink()
    provision(identity.device_id)
    assert arn(identity) != before
    assert identity.key.exists()
    assert identity.certificate.exists()


def test_a_revoked_certificate_is_replaced(aws: Any, identity: Identity) -> None:
    before = arn(identity)
    aws.client("iot").update_certificate(certificateId=before.rpartition("/")[2], newStatus="REVOKED")
    provision(identity.device_id)
    assert arn(identity) != before


def test_a_name_that_cannot_stand_in_the_topic_is_refused() -> None:
    with pytest.raises(LabError, match=re.escape("'a/b' cannot name a device. Use 1 to 128 letters")):
        provision("a/b")
