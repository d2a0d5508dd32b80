"""Where the device gateway listens and under which names, for a board in the network."""

from __future__ import annotations

import os
import subprocess
import sys

PRINT_NAMES = """
import os
from lab.local.mqtt import hooks
from ministack.services import iot
for hook in hooks.HOOKS:
    if hook.name == "_mtls_server_cert_sans":
        hook.install()
from cryptography import x509
certificate = x509.load_pem_x509_certificate(iot._mtls_ensure_server_cert()[0].encode())
names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
print(*names.get_values_for_type(x509.DNSName), "|", *names.get_values_for_type(x509.IPAddress))
"""


def names(address: str | None) -> tuple[set[str], set[str]]:
    """The names and the addresses in the certificate of a gateway that listens on an address."""
    variables = {name: value for name, value in os.environ.items() if name != "IOT_MTLS_BIND"}
    chosen = variables | ({"IOT_MTLS_BIND": address} if address else {})
    answer = subprocess.run([sys.executable, "-c", PRINT_NAMES], env=chosen, capture_output=True, text=True, check=True)
    dns_names, _, addresses = answer.stdout.strip().splitlines()[-1].partition(" | ")
    return set(dns_names.split()), set(addresses.split())


def test_an_address_in_the_network_stands_in_the_certificate_as_address_and_as_name() -> None:
    dns_names, addresses = names("192.0.2.7")
    assert {"localhost", "192.0.2.7"} <= dns_names
    assert {"127.0.0.1", "192.0.2.7"} <= addresses


def test_loopback_stands_in_it_once() -> None:
    assert names(None) == names("127.0.0.1")
