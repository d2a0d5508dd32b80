"""What a board can use: the certificate, the key and the authority, checked before they are flashed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from lab.errors import LabError

LARGEST_BYTES: Final = 4000
"""The Wio Terminal hands each PEM to its WiFi module through a buffer of 4,096 bytes."""


@dataclass(frozen=True)
class Credentials:
    """Three PEM texts that fit a board and each other. expires: when the first of the two certificates ends."""

    certificate: str
    key: str
    authority: str
    expires: datetime


def read(certificate: Path, key: Path, authority: str, now: datetime | None = None) -> Credentials:
    """Read and check a device's certificate and key, and the authority that it is to trust.

    Parameters: authority, PEM text; now, the time to check against (default: the present).
    Raises: LabError naming the first thing that is wrong: missing, too large, no PEM, a chain, not yet or no longer
    valid, an authority that is none, a key that the board's TLS does not know, or one of another certificate.
    """
    now = now or datetime.now(UTC)
    device_text, key_text = _text(certificate), _text(key)
    device = _certificate("certificate", device_text, now)
    root = _certificate("authority", authority, now)
    _is_authority(root)
    _is_pair(device, key_text)
    return Credentials(device_text, key_text, authority, min(device.not_valid_after_utc, root.not_valid_after_utc))


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise LabError(f"{path} cannot be read: {error}.", "Run `lab device provision` again.") from error


def _certificate(what: str, text: str, now: datetime) -> x509.Certificate:
    _fits(what, text)
    if text.count("-----BEGIN CERTIFICATE-----") != 1:
        found = text.count("-----BEGIN CERTIFICATE-----")
        raise LabError(f"The {what} holds {found} certificates; a board takes one.", "Give it without its chain.")
    try:
        certificate = x509.load_pem_x509_certificate(text.encode())
    except ValueError as error:
        raise LabError(f"The {what} is no PEM certificate: {error}.", "Run `lab device provision` again.") from error
    if now > certificate.not_valid_after_utc:
        raise LabError(
            f"The {what} expired on {certificate.not_valid_after_utc:%Y-%m-%d}.",
            "Remove the device's folder and run `lab device provision` again.",
        )
    if now < certificate.not_valid_before_utc:
        raise LabError(
            f"The {what} is valid from {certificate.not_valid_before_utc:%Y-%m-%d} on.", "Set this computer's clock."
        )
    return certificate


def _fits(what: str, text: str) -> None:
    size = len(text.encode())
    if size > LARGEST_BYTES:
        raise LabError(
            f"The {what} has {size:,} bytes; the WiFi module takes {LARGEST_BYTES:,}.", "Use a P-256 or RSA-2048 key."
        )


def _is_authority(root: x509.Certificate) -> None:
    try:
        authority = root.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        authority = False
    if not authority:
        raise LabError(f"{root.subject.rfc4514_string()} is no certificate authority.", "Give the root certificate.")


def _is_pair(device: x509.Certificate, text: str) -> None:
    _fits("key", text)
    try:
        key = serialization.load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise LabError(f"The key cannot be read: {error}.", "Remove the device's folder, provision again.") from error
    p256 = isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1)
    if not (p256 or (isinstance(key, rsa.RSAPrivateKey) and key.key_size == 2048)):
        raise LabError("The key is neither P-256 nor RSA-2048.", "Remove the device's folder and provision again.")
    if key.public_key() != device.public_key():
        raise LabError(
            "The certificate belongs to another key.",
            "Remove the device's folder and run `lab device provision` again.",
        )
