"""`lab device doctor`: looks at everything between this computer and a working board, and says how to mend it."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509

from lab import target
from lab.device import flash, identity, usb
from lab.doctor import Finding
from lab.errors import LabError

WARN_DAYS: Final = 30
CONNECT_S: Final = 10.0
_TEXT: Final = re.compile(r'constexpr char (\w+)\[\] =((?:\s+"(?:[^"\\\n]|\\[0-7]{3})*")+);')
_PORT: Final = re.compile(r"kMqttPort = (\d+);")


@dataclass(frozen=True)
class Settings:
    """What secrets.h holds, as far as it can be tried from here."""

    device_id: str
    host: str
    port: int
    authority: str
    certificate: str
    key: str


def examine(
    header: Path, which: flash.Which = shutil.which, ports: usb.Ports = usb.list_ports.comports
) -> list[Finding]:
    """Return what was found, one entry a subject, well or not."""
    return [build_tool(which), board(ports), *settings(header)]


def build_tool(which: flash.Which) -> Finding:
    """arduino-cli or PlatformIO."""
    try:
        return Finding("build tool", flash.tool(which).name)
    except LabError as error:
        return Finding("build tool", "none", error.remedy)


def board(ports: usb.Ports) -> Finding:
    """A Wio Terminal on USB."""
    try:
        wio = usb.find(None, ports)
    except LabError as error:
        return Finding("board", error.message, error.remedy)
    return Finding("board", f"{wio.port}, " + ("waiting for a sketch" if wio.in_bootloader else "running a sketch"))


def settings(header: Path) -> Iterator[Finding]:
    """secrets.h: there, private, not expired; and its broker, tried with its authority."""
    if not header.is_file():
        yield Finding("settings", "none", "lab device secrets DEVICE_ID")
        return
    found = read(header.read_text())
    if found is None:
        yield Finding(
            "settings", f"{header.name} is not as `lab device secrets` writes it", "lab device secrets DEVICE_ID"
        )
        return
    again = f"lab device secrets {found.device_id}, then lab device flash"
    mode = header.stat().st_mode & 0o077
    yield Finding("settings", f"of {found.device_id}", f"chmod 600 {header}" if mode else "")
    yield certificate(found, again)
    yield registration(found, again)
    yield broker(found, again)


def read(text: str) -> Settings | None:
    """Return the settings in the text of secrets.h, or None when one is missing."""
    texts = {name: _joined(body) for name, body in _TEXT.findall(text)}
    port = _PORT.search(text)
    try:
        device_id, host = texts["kDeviceId"], texts["kMqttHost"]
        authority, certificate, key = texts["kAuthority"], texts["kCertificate"], texts["kKey"]
    except KeyError:
        return None
    return Settings(device_id, host, int(port[1]), authority, certificate, key) if port else None


def certificate(found: Settings, again: str, now: datetime | None = None) -> Finding:
    """The device's certificate, as it is on the board."""
    try:
        end = x509.load_pem_x509_certificate(found.certificate.encode()).not_valid_after_utc
    except ValueError as error:
        return Finding("certificate", str(error), again)
    days = (end - (now or datetime.now(UTC))).days
    return Finding("certificate", f"valid until {end:%Y-%m-%d}", again if days < WARN_DAYS else "")


def registration(found: Settings, again: str) -> Finding:
    """The target knows the certificate in the settings, and as active."""
    folder = identity.folder_of(found.device_id)
    kept = folder / "certificate.pem"
    if not kept.is_file() or kept.read_text() != found.certificate:
        return Finding("registration", "the settings hold another certificate than this computer", again)
    if not identity.is_active(target.client("iot"), folder):
        return Finding("registration", f"not active in {target.name()}", again)
    return Finding("registration", f"active in {target.name()}")


def broker(found: Settings, again: str) -> Finding:
    """TLS to the broker by the name, the authority and the certificate of the board.

    No MQTT is spoken: a CONNECT under the board's name would throw the board out.
    """
    address = f"{found.host}:{found.port}"
    try:
        with (
            socket.create_connection((found.host, found.port), timeout=CONNECT_S) as plain,
            _context(found).wrap_socket(plain, server_hostname=found.host),
        ):
            pass
    except ssl.SSLError as error:
        reason = getattr(error, "verify_message", "") or error.reason or str(error)
        return Finding("broker", f"{address}: {reason}", again)
    except OSError as error:
        return Finding("broker", f"{address}: {error}", "let port 8883 pass; locally: lab up --lan ADDRESS")
    return Finding("broker", f"{address} answers")


def _context(found: Settings) -> ssl.SSLContext:
    """Return the TLS settings of the board; its WiFi module knows no version after 1.2."""
    context = ssl.create_default_context(cadata=found.authority)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with tempfile.TemporaryDirectory() as folder:  # private to the person, as the standard library makes it
        pair = Path(folder) / "pair.pem"
        pair.write_text(found.certificate + found.key)
        context.load_cert_chain(pair)
    return context


def _joined(body: str) -> str:
    """Return the text of neighbouring C++ literals with octal escapes."""
    joined = "".join(re.findall(r'"((?:[^"\\\n]|\\[0-7]{3})*)"', body))
    raw = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), joined)
    return raw.encode("latin-1").decode("utf-8", "replace")
