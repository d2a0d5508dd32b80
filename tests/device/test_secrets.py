from __future__ import annotations

import ast
import dataclasses
import re
from pathlib import Path

import botocore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from lab.device import Identity, authority, secrets
from lab.device.secrets import Wifi
from lab.errors import LabError

HOME = Wifi("home", "password")
HOST = "192.0.2.7"


def constants(header: str) -> dict[str, str]:
    """Read the header's texts as a compiler does: neighbouring literals joined, octal escapes resolved."""
    found = re.findall(r'constexpr char (\w+)\[\] =((?:\s+"(?:[^"\\\n]|\\[0-7]{3})*")+);', header)
    return {name: ast.literal_eval("(" + re.sub(r'(^|\s)"', r'\1b"', body) + ")").decode() for name, body in found}


def test_the_header_holds_what_the_board_needs(identity: Identity) -> None:
    assert identity.ca is not None
    assert constants(secrets.header(identity, HOME, HOST, 8883)) == {
        "kWifiName": "home",
        "kWifiPassword": "password",
        "kDeviceId": identity.device_id,
        "kMqttHost": HOST,
        "kNtpServer": secrets.NTP_SERVER,
        "kAuthority": identity.ca.read_text(),
        "kCertificate": identity.certificate.read_text(),
        "kKey": identity.key.read_text(),
    }


@pytest.mark.parametrize("text", ['"quoted" \\n ??=', "お茶の間", "tab\t1", "x" * 31])
def test_every_letter_of_a_name_survives(identity: Identity, text: str) -> None:
    assert constants(secrets.header(identity, Wifi(text, "password"), HOST, 8883))["kWifiName"] == text


def test_the_header_is_private_also_when_an_older_one_was_not(tmp_path: Path) -> None:
    path = tmp_path / "secrets.h"
    path.write_text("old")
    path.chmod(0o644)
    secrets.write("new", path)
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["secrets.h"]


@pytest.mark.parametrize(
    ("wifi", "message"),
    [
        (Wifi("", "password"), "1 to 31 bytes"),
        (Wifi("x" * 32, "password"), "1 to 31 bytes"),
        (Wifi("あ" * 11, "password"), "1 to 31 bytes"),
        (Wifi("home", "short"), "8 to 63 characters, this one 5"),
        (Wifi("home", ""), "the board joins no open network"),
    ],
)
def test_a_network_that_the_board_cannot_join_is_refused(identity: Identity, wifi: Wifi, message: str) -> None:
    with pytest.raises(LabError, match=message):
        secrets.header(identity, wifi, HOST, 8883)


def test_a_board_is_not_told_to_dial_this_computers_loopback(identity: Identity) -> None:
    with pytest.raises(LabError, match=r"127\.0\.0\.1 is this computer alone: .*lab up --lan"):
        secrets.header(identity, HOME, "127.0.0.1", 8883)


def test_for_aws_the_authority_is_amazon_root_ca_1(identity: Identity) -> None:
    text = authority.of(dataclasses.replace(identity, ca=None))
    root = x509.load_pem_x509_certificate(text.encode())
    assert root.subject.rfc4514_string() == "CN=Amazon Root CA 1,O=Amazon,C=US"
    # https://www.amazontrust.com/repository/
    assert root.fingerprint(hashes.SHA256()).hex() == "8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e"
    assert text in Path(botocore.__file__).with_name("cacert.pem").read_text()


def test_a_bundle_without_it_is_refused(identity: Identity) -> None:
    assert identity.ca is not None
    with pytest.raises(LabError, match=r"does not hold Amazon Root CA 1.*lab doctor"):
        authority.amazon_root(identity.ca)


def test_the_example_names_the_same_constants(identity: Identity) -> None:
    example = (secrets.HEADER.with_name("secrets.example.h")).read_text()
    written = secrets.header(identity, HOME, HOST, 8883)
    names = r"constexpr (?:char|uint16_t) (\w+)"
    assert re.findall(names, example) == re.findall(names, written)
