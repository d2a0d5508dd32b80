"""Refusals in XML: a parser reads them, whatever they repeat."""

from __future__ import annotations

import asyncio
import xml.etree.ElementTree as ET
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lab.local.legible import legible


def answer(status: int, body: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send an answer in two pieces and return what is passed on."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def run() -> None:
        sending = legible(send)
        headers = [(b"content-length", str(len(body)).encode()), (b"x", b"y")]
        await sending({"type": "http.response.start", "status": status, "headers": headers})
        await sending({"type": "http.response.body", "body": body[:3], "more_body": True})
        await sending({"type": "http.response.body", "body": body[3:]})

    asyncio.run(run())
    passed = b"".join(message["body"] for message in sent[1:])
    return sent[0]["status"], {name.decode(): text.decode() for name, text in sent[0]["headers"]}, passed


def shown(letter: str) -> str:
    """Return a character, or its replacement unless the specification's production Char has it."""
    code = ord(letter)
    if code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000:
        return letter
    return "\N{REPLACEMENT CHARACTER}"


@given(st.text(st.characters(exclude_characters="<>&"), max_size=30))
def test_a_refusal_that_repeats_the_request_is_read_and_keeps_what_xml_may_hold(text: str) -> None:
    status, headers, body = answer(400, f"<Error><Message>{text}</Message></Error>".encode("utf-8", "surrogatepass"))
    assert (status, headers) == (400, {"x": "y", "content-length": str(len(body))})
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
    assert answer(200, b"<a>\x0c</a>") == (200, {"content-length": "8", "x": "y"}, b"<a>\x0c</a>")
    assert answer(400, b'{"a": "\x0c"}')[2] == b'{"a": "\x0c"}'
