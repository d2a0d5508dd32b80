"""Mosquitto as a raw broker with mutual TLS: what a broker without rules and policies does on this computer."""

from __future__ import annotations

import datetime
import getpass
import ipaddress
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lab import ports
from tests.benchmarks.stock import listening

PLACES: Final = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin")


def program() -> str | None:
    """Return where mosquitto is installed, or None."""
    return shutil.which("mosquitto") or next((f"{p}/mosquitto" for p in PLACES if Path(p, "mosquitto").exists()), None)


@contextmanager
def mosquitto(folder: Path) -> Iterator[list[str]]:
    """Run mosquitto and yield host, port, authority's file, certificate's file and key's file of a device."""
    folder.mkdir(parents=True, exist_ok=True)
    port, files = ports.free(0), certificates(folder)
    configuration = folder / "mosquitto.conf"
    configuration.write_text(
        f"user {getpass.getuser()}\nlistener {port} 127.0.0.1\n"
        f"cafile {files['ca']}\ncertfile {files['server']}\nkeyfile {files['server-key']}\n"
        "require_certificate true\nuse_identity_as_username true\nallow_anonymous true\nmax_inflight_messages 0\n"
        "max_queued_messages 0\n"
    )
    command = [str(program()), "-c", str(configuration)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        listening(port)
        yield ["127.0.0.1", str(port), str(files["ca"]), str(files["device"]), str(files["device-key"])]
    finally:
        process.terminate()
        process.wait(10)


def certificates(folder: Path) -> dict[str, Path]:
    """Make an authority, and certificates of a server and of a device that it signed."""
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority = certificate("bench authority", authority_key.public_key(), "bench authority", authority_key, True)
    files = {"ca": written(folder / "ca.pem", authority.public_bytes(serialization.Encoding.PEM))}
    for name in ("server", "device"):
        key = ec.generate_private_key(ec.SECP256R1())
        made = certificate(name, key.public_key(), "bench authority", authority_key, False)
        files[name] = written(folder / f"{name}.pem", made.public_bytes(serialization.Encoding.PEM))
        plain = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        files[f"{name}-key"] = written(folder / f"{name}.key", plain)
    return files


def certificate(
    name: str,
    key: ec.EllipticCurvePublicKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    is_authority: bool,
) -> x509.Certificate:
    """Return a certificate for a day, good for 127.0.0.1."""
    now = datetime.datetime.now(datetime.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(address, critical=False)
        .sign(issuer_key, hashes.SHA256())
    )


def written(file: Path, content: bytes) -> Path:
    """Write a file that its owner alone reads, and return it."""
    file.touch(mode=0o600)
    file.write_bytes(content)
    return file
