"""A device's identity: a key that stays on this computer, a certificate for it, a thing, the policy of Level 1."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lab import contract, stacks, target
from lab.errors import LabError


@dataclass(frozen=True)
class Identity:
    """Where a device's key and certificate lie. ca: the authority to trust, or None for the system's."""

    device_id: str
    folder: Path
    certificate: Path
    key: Path
    ca: Path | None


def folder_of(device_id: str) -> Path:
    """Return the folder in which a device's key and certificate are kept."""
    return target.state_folder() / "devices" / device_id


def provision(device_id: str) -> Identity:
    """Return a device's identity, made on the first call and found again on the next.

    Raises: LabError when the name cannot be one, or Level 1 is not deployed.
    Source: https://docs.aws.amazon.com/iot/latest/apireference/API_CreateCertificateFromCsr.html
    """
    if contract.TOPIC_PATTERN.match(contract.topic(device_id)) is None:
        raise LabError(f"{device_id!r} cannot name a device.", "Use 1 to 128 letters, digits, ':', '_' or '-'.")
    policy = stacks.outputs("level1")["DevicePolicyName"]
    folder = folder_of(device_id)
    identity = Identity(device_id, folder, folder / "certificate.pem", folder / "private.key", target.mqtt().ca_file)
    client = target.client("iot")
    if not (identity.certificate.exists() and identity.key.exists() and is_active(client, folder)):
        _create(client, identity, policy)
    return identity


def _create(client: Any, identity: Identity, policy: str) -> None:
    identity.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    pem = _request(identity.device_id, key).public_bytes(serialization.Encoding.PEM).decode()
    made = client.create_certificate_from_csr(certificateSigningRequest=pem, setAsActive=True)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    _write_private(identity.key, private)
    _write_private(identity.folder / "certificate.arn", made["certificateArn"].encode())
    client.create_thing(thingName=identity.device_id)
    client.attach_policy(policyName=policy, target=made["certificateArn"])
    client.attach_thing_principal(thingName=identity.device_id, principal=made["certificateArn"])
    _write_private(identity.certificate, made["certificatePem"].encode())  # last: its presence says that all is done


def signing_request(identity: Identity) -> x509.CertificateSigningRequest:
    """Return the request by which a device asks for its certificate: its name, its public key, signed by its key.

    It is all that leaves this computer. Source: https://www.rfc-editor.org/rfc/rfc2986
    """
    key = serialization.load_pem_private_key(identity.key.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise LabError(f"{identity.key} was not made here.", "Remove the device's folder and provision again.")
    return _request(identity.device_id, key)


def _request(device_id: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateSigningRequest:
    return (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, device_id[:64])]))
        .sign(key, hashes.SHA256())
    )


def certificate_arn(folder: Path) -> str:
    """Return the ARN of the certificate in a device's folder."""
    return (folder / "certificate.arn").read_text()


def is_active(client: Any, folder: Path) -> bool:
    """Say whether the target knows the certificate in a device's folder as active: another AWS, or a reset, does not.

    A certificate whose name was lost cannot be asked for, and counts as unknown: a new one is made.
    """
    try:
        arn = certificate_arn(folder)
    except FileNotFoundError:
        return False
    try:
        found = client.describe_certificate(certificateId=arn.rpartition("/")[2])
    except client.exceptions.ResourceNotFoundException:
        return False
    return bool(found["certificateDescription"]["status"] == "ACTIVE")


def _write_private(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
