"""The TLS listener: where it is bound and whom it lets in."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Awaitable, Callable
from typing import Final

from ministack.services import iot

BIND: Final = "IOT_MTLS_BIND"
"""Environment variable: the address to listen on. Loopback, unless a board in the network is to reach the gateway."""


def certificate_required(original: Callable[[], ssl.SSLContext]) -> Callable[[], ssl.SSLContext]:
    """Refuse clients without a certificate in the TLS handshake, as port 8883 of AWS does."""

    def _mtls_build_ssl_context() -> ssl.SSLContext:
        context = original()
        context.verify_mode = ssl.CERT_REQUIRED
        return context

    return _mtls_build_ssl_context


def chosen_address(_original: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """Bind the chosen address; an address that is taken stops the start instead of leaving the gateway out."""

    async def _mtls_start_locked() -> None:
        port = iot._mtls_port()
        if iot._mtls_server is not None or port is None:
            return
        loop = asyncio.get_running_loop()
        iot._mtls_server = await loop.create_server(iot._MtlsAcceptor, os.environ.get(BIND, "127.0.0.1"), port)
        iot._mtls_loop = loop

    return _mtls_start_locked
