from __future__ import annotations

import re
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from lab.device import Identity, provision
from lab.device.identity import signing_request
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


def test_the_request_holds_the_name_and_the_public_key_and_is_signed_by_the_key(identity: Identity) -> None:
    request = signing_request(identity)
    certificate = x509.load_pem_x509_certificate(identity.certificate.read_bytes())
    assert request.subject.rfc4514_string() == f"CN={identity.device_id}"
    assert request.public_key() == certificate.public_key()
    assert request.is_signature_valid


def test_a_key_of_another_kind_was_not_made_here(identity: Identity) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    identity.key.write_bytes(other.private_bytes(serialization.Encoding.PEM, *form))
    with pytest.raises(LabError, match="was not made here"):
        signing_request(identity)


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
