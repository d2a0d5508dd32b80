"""Refusals in XML that a parser can read, whatever the request said that they repeat.

Source: https://www.w3.org/TR/xml/#charsets
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Final

from lab.local.edge import Response, Wire
from lab.local.forms import error, refusal

_NO_CHARACTER: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]|\xed[\xa0-\xbf][\x80-\xbf]")
"""In UTF-8: control characters, U+FFFE, U+FFFF and surrogates."""
_CODE: Final = re.compile(rb"<Code>([^<>&]+)</Code>")
_MESSAGE: Final = re.compile(rb"<Message>(.*)</Message>", re.DOTALL)
REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}".encode()


def legible(handler: Wire) -> Wire:
    """Wrap a service's handler."""

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Response:
        status, fields, answer = await handler(method, path, headers, body, query)
        if status < 300 or not isinstance(answer, bytes) or not answer.startswith(b"<"):
            return status, fields, answer
        changed = {name: text for name, text in fields.items() if name.lower() != "content-length"}
        return status, changed, readable(answer)

    return handle


def readable(document: bytes) -> bytes:
    """Return a refusal that is XML: without characters that XML does not have, and with its marks escaped."""
    cleaned = _NO_CHARACTER.sub(REPLACEMENT, document)
    try:
        ET.fromstring(cleaned)  # noqa: S314  (declarations stand at the top, and that is our own)
    except ET.ParseError:
        code, message = _CODE.search(cleaned), _MESSAGE.search(cleaned)
        texts = [found[1].decode("utf-8", errors="replace") if found else "" for found in (code, message)]
        form = refusal if b"<ErrorResponse" in cleaned else error
        return form(texts[0] or "InternalFailure", texts[1])
    return cleaned
