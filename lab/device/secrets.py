"""The board's settings header: WiFi, broker, certificate and key, for one device; private and git-ignored."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lab import target
from lab.device import authority, pem
from lab.device.identity import Identity
from lab.errors import LabError

HEADER: Final = target.ROOT / "firmware" / "wioterminal" / "secrets.h"
NTP_SERVER: Final = "ntp.nict.jp"
"""Japan's standard time, open to everybody. Source: https://jjy.nict.go.jp/tsp/PubNtp/index-e.html"""
_LOOPBACK: Final = ("127.", "localhost", "::1")


@dataclass(frozen=True)
class Wifi:
    """The network to join. name: 1 to 31 bytes of UTF-8; password: of WPA2, 8 to 63 characters."""

    name: str
    password: str

    def check(self) -> None:
        """Refuse what the board's WiFi library (rpcWiFi 1.1.0, WiFiSTA.cpp) cannot join.

        A network's name may have 32 bytes, the library takes 31; with a password it joins WPA2 networks, and its way
        to join open ones reads a password that is not there.
        Raises: LabError.
        """
        if not 1 <= len(self.name.encode()) <= 31:
            raise LabError("The board joins networks with a name of 1 to 31 bytes.", "Give --wifi-name.")
        if not 8 <= len(self.password) <= 63:
            raise LabError(
                f"A WPA2 password has 8 to 63 characters, this one {len(self.password)}.",
                "Give it when asked, or in LAB_WIFI_PASSWORD; the board joins no open network.",
            )


def header(identity: Identity, wifi: Wifi, host: str, port: int, ntp_server: str = NTP_SERVER) -> str:
    """Return the text of secrets.h.

    Raises: LabError when the network, the host or one of the PEMs cannot be right (see lab.device.pem).
    """
    wifi.check()
    if host.startswith(_LOOPBACK):
        raise LabError(
            f"{host} is this computer alone: a board cannot reach it.",
            "Run `lab down`, `lab up --lan ADDRESS` with this computer's address in your network, then "
            "`lab device secrets` with --host ADDRESS.",
        )
    checked = pem.read(identity.certificate, identity.key, authority.of(identity))
    lines = (
        f"// Settings of {identity.device_id}, written by `lab device secrets`. Private: it holds the device's key.",
        f"// The certificates are valid until {checked.expires:%Y-%m-%d}.",
        "#pragma once",
        "",
        "#include <stdint.h>",
        "",
        "namespace secrets {",
        "",
        _constant("kWifiName", wifi.name),
        _constant("kWifiPassword", wifi.password),
        _constant("kDeviceId", identity.device_id),
        _constant("kMqttHost", host),
        f"constexpr uint16_t kMqttPort = {port};",
        _constant("kNtpServer", ntp_server),
        _constant("kAuthority", checked.authority),
        _constant("kCertificate", checked.certificate),
        _constant("kKey", checked.key),
        "",
        "}  // namespace secrets",
        "",
    )
    return "\n".join(lines)


def write(text: str, path: Path) -> Path:
    """Write the header so that only its owner can read it, also where an older one was open to others."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")  # ignored by git as well: see .gitignore
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    part.replace(path)
    return path


def _constant(name: str, text: str) -> str:
    """Return a C++ constant; a text of several lines becomes one literal a line."""
    lines = text.splitlines(keepends=True) or [""]
    literals = [f'"{_escaped(line)}"' for line in lines]
    if len(literals) == 1:
        return f"constexpr char {name}[] = {literals[0]};"
    return f"constexpr char {name}[] =\n    " + "\n    ".join(literals) + ";"


def _escaped(text: str) -> str:
    """Return text for a C++ literal: everything beyond plain ASCII as three octal digits, which cannot run on."""
    return "".join(
        chr(byte) if 32 <= byte < 127 and chr(byte) not in '"\\?' else f"\\{byte:03o}" for byte in text.encode()
    )
