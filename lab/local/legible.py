"""Refusals in XML that a parser can read, whatever the request said that they repeat.

Source: https://www.w3.org/TR/xml/#charsets
"""

from __future__ import annotations

import re
from typing import Final

from lab.local.edge import Response, Wire

_NO_CHARACTER: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]|\xed[\xa0-\xbf][\x80-\xbf]")
"""In UTF-8: control characters, U+FFFE, U+FFFF and surrogates."""
REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}".encode()


def legible(handler: Wire) -> Wire:
    """Wrap a service's handler."""

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Response:
        status, fields, answer = await handler(method, path, headers, body, query)
        if status < 300 or not isinstance(answer, bytes) or not answer.startswith(b"<"):
            return status, fields, answer
        cleaned = _NO_CHARACTER.sub(REPLACEMENT, answer)
        changed = {name: text for name, text in fields.items() if name.lower() != "content-length"}
        return status, changed, cleaned

    return handle
