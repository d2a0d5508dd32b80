"""The authority that a device trusts: the embedded AWS's own, or Amazon Root CA 1."""

from __future__ import annotations

import re
import ssl
from pathlib import Path
from typing import Final

import botocore
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from lab.device.identity import Identity
from lab.errors import LabError

AMAZON_ROOT_CA_1: Final = "8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e"
"""SHA-256 of the certificate, as Amazon publishes it. Source: https://www.amazontrust.com/repository/"""

_BUNDLE: Final = Path(botocore.__file__).with_name("cacert.pem")
_PEM: Final = re.compile(r"-----BEGIN CERTIFICATE-----\n.*?-----END CERTIFICATE-----\n", re.DOTALL)
_COMMON_NAME: Final = b"Amazon Root CA 1"


def of(identity: Identity) -> str:
    """Return the authority's certificate as PEM text.

    Raises: LabError when the file is missing.
    """
    if identity.ca is None:
        return amazon_root(_BUNDLE)
    if not identity.ca.is_file():
        raise LabError(f"The embedded AWS's authority is not at {identity.ca}.", "Run `lab up`.")
    return identity.ca.read_text()


def amazon_root(bundle: Path) -> str:
    """Return Amazon Root CA 1 from a file of authorities; the AWS SDK brings one.

    Raises: LabError when the file does not hold the certificate with the published digest.
    """
    for text in _PEM.findall(bundle.read_text()):
        if _digest(text) == AMAZON_ROOT_CA_1:
            return str(text)
    raise LabError(f"{bundle} does not hold Amazon Root CA 1.", "Run `lab doctor`: a package may be damaged.")


def _digest(text: str) -> str:
    """Return the SHA-256 of a certificate of Amazon's, and nothing for one that was not asked for."""
    der = ssl.PEM_cert_to_DER_cert(text)
    if _COMMON_NAME not in der:
        return ""
    return x509.load_der_x509_certificate(der).fingerprint(hashes.SHA256()).hex()
