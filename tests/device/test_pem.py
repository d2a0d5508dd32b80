from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from lab.device import pem
from lab.errors import LabError

NOW = datetime(2026, 6, 1, tzinfo=UTC)
P256 = ec.generate_private_key(ec.SECP256R1())


def certificate(key=P256, *, start=-1, days=365, ca=False, common_name="a", padding=0) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW + timedelta(days=start))
        .not_valid_after(NOW + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if padding:
        builder = builder.add_extension(
            x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"x" * padding), False
        )
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def private(key=P256) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ).decode()


ROOT = certificate(ca=True, days=100)


def read(folder: Path, device: str, key: str, root: str = ROOT) -> pem.Credentials:
    (folder / "certificate.pem").write_text(device)
    (folder / "private.key").write_text(key)
    return pem.read(folder / "certificate.pem", folder / "private.key", root, NOW)


def test_what_fits_is_returned_with_its_first_end(tmp_path: Path) -> None:
    device = certificate()
    found = read(tmp_path, device, private())
    assert (found.certificate, found.key, found.authority) == (device, private(), ROOT)
    assert found.expires == NOW + timedelta(days=100)


def test_an_rsa_key_of_2048_bits_is_taken(tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert read(tmp_path, certificate(key), private(key)).key == private(key)


@pytest.mark.parametrize(
    ("device", "key", "root", "message"),
    [
        (certificate(days=-1, start=-9), private(), ROOT, "certificate expired on 2026-05-31"),
        (certificate(start=3), private(), ROOT, "certificate is valid from 2026-06-04 on. Set this computer's clock"),
        (certificate(), private(ec.generate_private_key(ec.SECP256R1())), ROOT, "belongs to another key"),
        (certificate(padding=4000), private(), ROOT, r"certificate has [56],\d+ bytes; the WiFi module takes 4,000"),
        (certificate() + ROOT, private(), ROOT, "certificate holds 2 certificates; a board takes one"),
        ("", private(), ROOT, "certificate holds 0 certificates"),
        (certificate().replace("M", "N", 1), private(), ROOT, "certificate is no PEM certificate"),
        (certificate(), private()[:80], ROOT, "key cannot be read"),
        (certificate(), private(), certificate(), "CN=a is no certificate authority"),
        (certificate(), private(), certificate(ca=True, days=-1, start=-9), "authority expired on 2026-05-31"),
    ],
    ids=lambda value: "pem" if "\n" in value else None,  # keys are new in each process; names of tests must not be
)
def test_what_a_board_cannot_use_is_refused(tmp_path: Path, device: str, key: str, root: str, message: str) -> None:
    with pytest.raises(LabError, match=message):
        read(tmp_path, device, key, root)


def test_a_curve_that_the_module_need_not_know_is_refused(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    with pytest.raises(LabError, match="neither P-256 nor RSA-2048"):
        read(tmp_path, certificate(key), private(key))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"certificate.pem cannot be read: .* Run `lab device provision` again"):
        pem.read(tmp_path / "certificate.pem", tmp_path / "private.key", ROOT, NOW)
