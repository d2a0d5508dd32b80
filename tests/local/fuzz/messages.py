"""Topics, payloads, packets and rule statements, well-formed and broken."""

from __future__ import annotations

import json
from typing import Final

from hypothesis import strategies as st

from tests.local.fuzz.api import JSON

WORDS: Final = (
    *(
        "SELECT",
        "FROM",
        "WHERE",
        "AS",
        "AND",
        "OR",
        "NOT",
        "IN",
        "CASE",
        "WHEN",
        "THEN",
        "ELSE",
        "END",
        "VALUE",
        "NULL",
    ),
    *(
        "*",
        "+",
        "-",
        "/",
        "%",
        "=",
        "<>",
        "<",
        ">",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ".",
        "''",
        "'a'",
        '"b"',
        "'t/+'",
    ),
    *(
        "'#'",
        "1",
        "-2.5",
        "1e400",
        "a",
        "b.c",
        "topic(1)",
        "timestamp()",
        "cast(a AS Decimal)",
        "get(a, 0)",
        "undefined",
    ),
    *("substring(a, 1)", "regexp_matches(a, '(')", "power(a, 99999)", "encode(*, 'base64')", "chr(-1)", "lpad(a, 1e9)"),
    *("parse_time('yyyy', a)", "nanvl(a, b)", "concat(a, b)", "abs(a)", "mod(1, 0)", "sqrt(-1)", "asin(9)", "md5(a)"),
)
_SEGMENT: Final = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/+#\0"), max_size=12)

topics = st.lists(_SEGMENT, min_size=1, max_size=7).map("/".join).filter(lambda topic: topic.strip("/") != "")
payloads = st.one_of(
    st.binary(max_size=60),
    JSON.map(lambda value: json.dumps(value).encode()),
    st.dictionaries(st.sampled_from(["a", "b", "c"]), JSON, max_size=3).map(lambda value: json.dumps(value).encode()),
    st.sampled_from(
        [b"", b"{", b"[" * 5000, b'{"a": 1e999}', b'{"a": NaN}', b"\xef\xbb\xbf{}", b'{"a":' * 900, b"1" * 5000]
    ),
)
statements = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=14).map(" ".join),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(lambda words: f"SELECT {' '.join(words)} FROM '#'"),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(
        lambda words: f"SELECT * FROM 'a/#' WHERE {' '.join(words)}"
    ),
)


@st.composite
def packets(draw: st.DrawFn) -> bytes:
    """Return MQTT packets: a type, flags, a length that is right mostly, and any body."""
    body = draw(st.binary(max_size=40))
    first = draw(st.integers(1, 15)) << 4 | draw(st.integers(0, 15))
    length = len(body) if draw(st.integers(0, 4)) else draw(st.integers(0, 127))
    return bytes([first, length]) + body
