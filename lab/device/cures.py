"""Every known failure of a board as a sentence with its cure, by the code on the serial line and the screen."""

from __future__ import annotations

import re
from typing import Final

OLDEST_RADIO: Final = (2, 1, 2)
"""Firmware of the WiFi module that speaks at the speed of the pinned library, 614,400 baud."""

CURES: Final[dict[str, str]] = {
    "radio": "The WiFi module does not answer: its firmware is older than 2.1.2 or the factory's. Update it as "
    "docs/device.md#radio-firmware says; in Japan take the JP branch of the tool.",
    "wifi": "The network was not joined. Check name and password (`lab device secrets`, then `lab device flash`), take "
    "a 2.4 GHz access point, move closer.",
    "time": "No time server answered. Let UDP port 123 pass, or name another server: `lab device secrets --ntp`.",
    "time_wrong": "The time server gave a time before 2024 or after 2049, or one far from the clock that ran. "
    "Name another: `lab device secrets --ntp`.",
    "tls": "No TLS connection to the broker. `lab device doctor` tries it from here: host, port 8883, authority, "
    "expiry. Locally, start with `lab up --lan ADDRESS`; on AWS the -ats endpoint must allow TLS 1.2.",
    "mqtt_refused": "The broker let TLS through and refused MQTT: the certificate is not active, or its policy does "
    "not allow this client id. Run `lab device provision`, then `lab device secrets` and `lab device flash`.",
    "not_acknowledged": "A message was not acknowledged and is sent again. If it stays so, the policy does not allow "
    "the topic, or the signal is weak (below -80 dBm).",
    "link_lost": "The connection was lost. A second client with the same name throws the first one out: give every "
    "board a name of its own, and stop its twin. Else the signal is weak.",
    "payload": "A reading could not be written as a message. Flash the sketch of this checkout: `lab device flash`.",
    "secrets": "secrets.h misses a certificate, a key or the authority. Run `lab device secrets`, then "
    "`lab device flash`.",
}

SILENT: Final = (
    "No status line came. Has the cable data lines, is the power switch on, does another program hold the port? "
    "Flash the sketch: `lab device flash`. If the screen stays at its first line, update the WiFi module's firmware."
)
FOREIGN: Final = "The board writes, but no status line: another sketch runs. Run `lab device flash`."


def of(fault: str) -> str:
    """Return what to do about a fault; a code of a newer sketch is named as it is."""
    return CURES.get(fault, f"The board reports {fault!r}, which this version does not know: update the lab.")


def radio_is_old(version: str) -> bool:
    """Say whether a firmware of the WiFi module, such as ``2.1.3`` or ``2.1.3_JP``, is too old or unreadable."""
    found = re.match(r"(\d+)\.(\d+)\.(\d+)(?!\d)", version)
    return found is None or tuple(map(int, found.groups())) < OLDEST_RADIO
