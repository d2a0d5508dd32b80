"""Refusals in XML: a parser reads them, whatever they repeat."""

from __future__ import annotations

import asyncio
import xml.etree.ElementTree as ET
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lab.local.edge import Response
from lab.local.legible import legible


def answer(status: int, body: bytes) -> Response:
    async def handler(*_: Any) -> Response:
        return status, {"Content-Length": str(len(body)), "x": "y"}, body

    return asyncio.run(legible(handler)("GET", "/", {}, b"", {}))


def shown(letter: str) -> str:
    """Return a character, or its replacement unless the specification's production Char has it."""
    code = ord(letter)
    if code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000:
        return letter
    return "\N{REPLACEMENT CHARACTER}"


@given(st.text(st.characters(exclude_characters="<>&"), max_size=30))
def test_a_refusal_that_repeats_the_request_is_read_and_keeps_what_xml_may_hold(text: str) -> None:
    status, headers, body = answer(400, f"<Error><Message>{text}</Message></Error>".encode("utf-8", "surrogatepass"))
    assert (status, headers) == (400, {"x": "y"})
    read = text.replace("\r\n", "\n").replace("\r", "\n")  # as every parser of XML reads line ends
    assert (ET.fromstring(body).findtext("Message") or "") == "".join(map(shown, read))


def test_a_refusal_that_repeats_marks_of_xml_is_made_anew_with_its_code_and_message() -> None:
    _, _, body = answer(
        404, b"<ErrorResponse><Error><Code>NoSuch</Code><Message>a & <b</Message></Error></ErrorResponse>"
    )
    document = ET.fromstring(body)
    assert (document.tag, document.findtext("Error/Code")) == ("ErrorResponse", "NoSuch")
    assert document.findtext("Error/Message") == "a & <b"
    document = ET.fromstring(answer(404, b"<Error><Code>NoSuch</Code><Message>&</Message><Key>&</Key></Error>")[2])
    assert (document.tag, document.findtext("Code"), document.findtext("Message")) == ("Error", "NoSuch", "&")


def test_answers_and_objects_stay_as_they_are() -> None:
    assert answer(200, b"<a>\x0c</a>") == (200, {"Content-Length": "8", "x": "y"}, b"<a>\x0c</a>")
    assert answer(400, b'{"a": "\x0c"}')[2] == b'{"a": "\x0c"}'
