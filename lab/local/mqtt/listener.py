"""The TLS listener: where it is bound and whom it lets in."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Awaitable, Callable
from typing import Final

from ministack.services import iot

LOOPBACK: Final = "127.0.0.1"
BIND: Final = "IOT_MTLS_BIND"
"""Environment variable: an address to listen on beside loopback, for a board in the network."""


Names = tuple[list[str], list[str]]
"""Host names and IP addresses."""


def certificate_required(original: Callable[[], ssl.SSLContext]) -> Callable[[], ssl.SSLContext]:
    """Refuse clients without a certificate in the TLS handshake, as port 8883 of AWS does."""

    def _mtls_build_ssl_context() -> ssl.SSLContext:
        context = original()
        context.verify_mode = ssl.CERT_REQUIRED
        return context

    return _mtls_build_ssl_context


def addresses() -> list[str]:
    """Return the addresses to listen on."""
    return list(dict.fromkeys((LOOPBACK, os.environ.get(BIND, LOOPBACK))))


def named(original: Callable[[], Names]) -> Callable[[], Names]:
    """Add the addresses to what the gateway's certificate is for: a device checks where it connected to.

    Each stands there as a name too: a board's mbedTLS 2 compares what it dialled with the names alone.
    Source: https://github.com/Mbed-TLS/mbedtls/blob/mbedtls-2.16.0/library/x509_crt.c (x509_crt_verify_name)
    """

    def _mtls_server_cert_sans() -> Names:
        names, known = original()
        return list(dict.fromkeys((*names, *addresses()))), list(dict.fromkeys((*known, *addresses())))

    return _mtls_server_cert_sans


def chosen_address(_original: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """Bind the chosen address; an address that is taken stops the start instead of leaving the gateway out.

    The certificate is made first. A device that connects while it is being made would lose its first bytes and wait
    in vain: in Python 3.11 a transport that is paused in ``connection_made`` may read on.
    Source: https://github.com/python/cpython/issues/103607
    """

    async def _mtls_start_locked() -> None:
        port = iot._mtls_port()
        if iot._mtls_server is not None or port is None:
            return
        if await iot._mtls_context() is None:
            raise RuntimeError("The device gateway has no certificate; the log says why.")
        loop = asyncio.get_running_loop()
        iot._mtls_server = await loop.create_server(iot._MtlsAcceptor, addresses(), port)
        iot._mtls_loop = loop

    return _mtls_start_locked
