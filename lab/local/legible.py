"""Refusals in XML that a parser can read, whatever the request said that they repeat.

Source: https://www.w3.org/TR/xml/#charsets
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from lab.local.forms import error, refusal

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]

_NO_CHARACTER: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]|\xed[\xa0-\xbf][\x80-\xbf]")
"""In UTF-8: control characters, U+FFFE, U+FFFF and surrogates."""
_CODE: Final = re.compile(rb"<Code>([^<>&]+)</Code>")
_MESSAGE: Final = re.compile(rb"<Message>(.*)</Message>", re.DOTALL)
REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}".encode()


def legible(send: Send) -> Send:
    """Wrap the sending of one answer: a refusal in XML is held back until it is whole."""
    start: Message | None = None
    parts: list[bytes] = []

    async def sending(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start" and message["status"] >= 300:
            start = message
            return
        if start is None:
            await send(message)
            return
        parts.append(message.get("body", b""))
        if message.get("more_body"):
            return
        body = b"".join(parts)
        if body.startswith(b"<"):
            body = readable(body)
            kept = [(name, text) for name, text in start["headers"] if name.lower() != b"content-length"]
            start = {**start, "headers": [*kept, (b"content-length", str(len(body)).encode())]}
        await send(start)
        await send({**message, "body": body})

    return sending


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
