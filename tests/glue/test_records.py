"""Records out of bytes, against plain Python and with what devices, Firehose and broken disks may send."""

from __future__ import annotations

import gzip
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from glue import temperature_etl as etl
from tests.glue import reference

LATEST = datetime(2025, 10, 16, tzinfo=UTC)
LATEST_US = int(LATEST.timestamp()) * 1_000_000
GOOD = {"device_id": "wio-01", "timestamp": 1_760_500_000, "temperature": 21.5, "humidity": 40}
LINE = json.dumps(GOOD).encode()

words = st.text(max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)
devices = st.from_regex(r"[A-Za-z0-9:_-]{1,12}", fullmatch=True)
seconds = st.integers(978_000_000_000_000, LATEST_US + 10_000_000).map(lambda us: us / 1e6) | st.integers(0, 2 * 10**9)
messages = st.fixed_dictionaries(
    {"device_id": devices | values, "timestamp": seconds | values, "temperature": st.floats(-60, 110) | values},
    optional={"humidity": st.floats(-5, 105) | values, "battery": values, 'a "}{" name': values},
)
readings = st.fixed_dictionaries(
    {"device_id": devices, "timestamp": seconds, "temperature": st.floats(-49, 99)},
    optional={"humidity": st.floats(0, 100), "note": words, "tags": st.lists(words, max_size=2)},
)


def read(content: bytes) -> list[etl.Record]:
    """Return the records of an object, those that came as columns among the others."""
    whole = b"".join(piece for piece, _ in etl.inflate(content))
    found: list[etl.Record] = []
    for part in etl.RecordReader(LATEST_US).read(content):
        for row in part.readings.to_pylist():
            at = row.pop("ordinal")
            found.append((at, whole[at : whole.index(b"\n", at)], etl.Reading(**row)))
        found += part.records
    return sorted(found, key=lambda record: record[0])


def one_by_one(content: bytes) -> list[etl.Record]:
    """Return the records of lines, each looked at alone."""
    found, at, reader = [], 0, etl.RecordReader(LATEST_US)
    for line in content.split(b"\n"):
        found += [(at + start, line[start : start + size], what) for start, size, what in reader.split(line)]
        at += len(line) + 1
    return found


def reasons(content: bytes) -> list[str | None]:
    return [reading.reason for _, _, reading in read(content)]


@given(messages | values)
@example(GOOD | {"temperature": True})
@example(GOOD | {"humidity": None})
@example(GOOD | {"temperature": -50})
@example(GOOD | {"temperature": 100})
@example(GOOD | {"timestamp": 10**400})
@example(GOOD | {"timestamp": LATEST_US / 1e6})
@example(GOOD | {"device_id": "wio-01\n"})
def test_a_record_has_the_fate_that_the_rules_in_plain_python_give_it(message: Any) -> None:
    found = etl.examine(message, LATEST_US)
    assert (found.reason or "reading") == reference.fate(message, LATEST)
    if found.reason is None:
        row = reference.row(message)
        assert found.device_id == row["device_id"]
        assert reference.EPOCH.timestamp() + found.event_us / 1e6 == pytest.approx(
            row["event_time"].timestamp(), abs=2e-6
        )
        assert (found.temperature, found.humidity) == (row["temperature"], row["humidity"])
        assert found.extra == row["extra"]


@given(
    st.lists(
        st.tuples(
            messages | values.filter(lambda v: isinstance(v, dict)),
            st.sampled_from(["", " ", "\n", "\r\n", "\n\n", "\ufeff"]),
        )
    )
)
def test_records_are_found_at_their_positions_with_or_without_line_ends_between_them(pairs: list[Any]) -> None:
    content, expected = b"", []
    for message, separator in pairs:
        assume(not reference.holds_infinity(message))  # JSON has no word for it
        raw = json.dumps(message, ensure_ascii=False).encode(errors="backslashreplace")
        expected.append((len(content), raw, reference.fate(message, LATEST)))
        content += raw + separator.encode()
    assert [(at, raw, reading.reason or "reading") for at, raw, reading in read(content)] == expected


plain = st.fixed_dictionaries(
    {"device_id": devices, "timestamp": seconds, "temperature": st.integers(-60, 110) | st.floats(-60, 110)},
    optional={"humidity": st.integers(-5, 105) | st.floats(-5, 105)},
).map(lambda message: json.dumps(message).encode())
# What JSON readers disagree on, put in place of a part of a plain line.
tricks = st.sampled_from(
    [
        *(b"null", b"true", b"NaN", b"-Infinity", b"-0", b"-0.0", b"1e999", b"1E2", b"01", b"9" * 30, b"1.5e-320"),
        *(b'"1"', b"{}", b"[]", b"}", b"{", b"}{", b'{"a":1}', b"\\u0061", b"\xc3\xa9", b"\x00", b"\x7f"),
        *(b"\t", b"\r", b" ", b",", b"", b'"humidity"', b'"humidity": null', b'"temperature": 1, "temperature"'),
    ]
)
tricky = st.tuples(plain, tricks, st.integers(0, 8), st.booleans()).map(
    lambda drawn: (
        b"".join(
            drawn[1] if at == drawn[2] else token
            for at, token in enumerate(re.split(rb"(?<=[ ,:{])|(?=[,}])", drawn[0]))
        )
        + (b"" if drawn[3] else drawn[1])
    )
)


@given(st.lists(plain | plain | tricky | st.just(b""), max_size=12))
@example([LINE, LINE.replace(b"40", b"null"), LINE.replace(b', "humidity": 40', b"")])
@example([LINE.replace(b"wio-01", b"humidity"), LINE.replace(b', "humidity": 40', b"")])
@example([LINE.replace(b"21.5", b"-0"), LINE.replace(b"21.5", b"-0.0"), LINE.replace(b"40", b"-0")])
@example([LINE.replace(b"1760500000", b"1760500000.1234567"), LINE.replace(b"wio-01", b"wio 01")])
@example(
    [LINE.replace(b"wio-01", b"wio\\u002d01"), LINE.replace(b"humidity", b"humidit\\u0079").replace(b"40", b"null")]
)
@example([LINE + LINE[:1], LINE[1:] + LINE])
def test_records_that_come_as_columns_are_those_that_come_one_by_one(lines: list[bytes]) -> None:
    content = b"".join(line + b"\n" for line in lines)
    assert [repr(record) for record in read(content)] == [repr(record) for record in one_by_one(content)]


def test_plain_lines_come_as_columns_whatever_stands_between_them() -> None:
    plain_lines = b"".join(LINE.replace(b"1760500000", str(1_760_000_000 + n).encode()) + b"\n" for n in range(20_000))
    content = plain_lines + LINE[:-1] + b"\n" + LINE.replace(b"21.5", b'"21.5"') + b"\n" + plain_lines
    parts = list(etl.RecordReader(LATEST_US).read(content))
    columns = sum(part.readings.num_rows for part in parts)
    assert columns + sum(len(part.records) for part in parts) == 40_002
    assert columns > 35_000  # the text among the numbers costs the columns of its neighbours, no more


@given(st.lists(readings, max_size=30), st.booleans(), st.integers(1, 200))
def test_where_the_pieces_of_an_object_end_does_not_matter(found: list[Any], lines: bool, size: int) -> None:
    content = (b"\n" if lines else b"").join(json.dumps(message, ensure_ascii=False).encode() for message in found)
    whole = read(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(etl, "PIECE_BYTES", size)
        assert read(content) == whole
        assert read(gzip.compress(content)) == whole
    assert len(whole) == len(found)


@given(
    st.lists(
        st.binary(max_size=60) | st.sampled_from([LINE, b"}{", b"\n", b"\xef\xbb\xbf", b'{"a": NaN}', b"[" * 2000])
    )
)
def test_of_any_bytes_each_belongs_to_one_record_or_is_white_space(parts: list[bytes]) -> None:
    content = b" " + b"".join(parts)  # not GZIP
    at = 0
    for position, raw, reading in read(content):
        assert content[position : position + len(raw)] == raw
        assert not content[at:position].decode().replace("\ufeff", "").strip()
        assert raw
        assert reading.reason is not None or reading.device_id
        at = position + len(raw)
    assert not content[at:].decode().replace("\ufeff", "").strip()


@given(st.lists(readings, min_size=1, max_size=20), st.data())
def test_of_truncated_gzip_all_whole_records_before_the_cut_are_read_and_the_loss_is_told(
    found: list[Any], data: Any
) -> None:
    content = b"".join(json.dumps(message).encode() + b"\n" for message in found)
    packed = gzip.compress(content)
    cut = data.draw(st.integers(2, len(packed) - 1))
    *before, last = read(packed[:cut])
    assert [raw for _, raw, _ in before] == content.splitlines()[: len(before)]
    assert {reading.reason for _, _, reading in before} <= {None, "out_of_range", "time_in_future", "time_too_old"}
    assert last[2].reason == "truncated_gzip"


def test_of_corrupt_gzip_everything_before_the_damage_is_read() -> None:
    lines = [json.dumps(GOOD | {"timestamp": 1_760_000_000 + n}).encode() for n in range(2000)]
    packed = bytearray(gzip.compress(b"\n".join(lines) + b"\n"))
    packed[-8] ^= 0xFF  # the checksum: the data themselves are whole
    *before, last = read(bytes(packed))
    assert [raw for _, raw, _ in before] == lines
    assert last == (len(b"\n".join(lines)) + 1, b"", etl.Reading(reason="corrupt_gzip"))


def test_gzip_members_one_after_another_are_one_object() -> None:
    assert reasons(gzip.compress(LINE) + gzip.compress(b"\n" + LINE) + b"\0" * 8) == [None, None]


def test_what_follows_gzip_and_is_none_is_told() -> None:
    assert reasons(gzip.compress(LINE + b"\n") + LINE) == [None, "corrupt_gzip"]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"\xef\xbb\xbf" + LINE, None),
        (LINE.decode().encode("utf-16"), "not_utf8"),
        (LINE.decode().encode("utf-16-le"), "malformed_json"),
        (LINE.replace(b"wio-01", b"caf\xe9"), "not_utf8"),
        (LINE.replace(b"21.5", b"NaN"), "not_finite"),
        (LINE.replace(b"21.5", b"-Infinity"), "not_finite"),
        (LINE.replace(b"21.5", b"1e999"), "not_finite"),
        (LINE.replace(b"40", b"NaN"), "not_finite"),
        (LINE.replace(b"21.5", b'"21.5"'), "temperature_invalid"),
        (LINE.replace(b"40", b"101"), "humidity_invalid"),
        (LINE.replace(b"1760500000", b"0"), "time_too_old"),
        (LINE.replace(b"1760500000", b"-62135596800"), "time_too_old"),
        (LINE.replace(b"1760500000", b"1760500000000"), "time_in_future"),  # milliseconds
        (LINE.replace(b"1760500000", b"9" * 5000), "malformed_json"),
        (LINE[:-5], "malformed_json"),
        (b"{'device_id': 'wio-01'}", "malformed_json"),
        (b"[" + LINE + b"]", "not_an_object"),
        (b'"text"', "not_an_object"),
        (LINE[:-1] + b', "deep": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested_too_deeply"),
        (LINE[:-1] + b', "long": "' + b"x" * 5_000_000 + b'"}', None),
        (b"x" * (25 << 20), "too_long"),
        (b"\0" * 10, "malformed_json"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_garbage_has_a_reason_and_never_crashes(raw: bytes, reason: str | None) -> None:
    assert reasons(raw + b"\n" + LINE)[0] == reason
    assert reasons(raw + b"\n" + LINE)[-1] is None


def test_a_broken_record_takes_no_good_one_with_it() -> None:
    assert reasons(LINE + LINE[:-1] + b", }" + LINE) == [None, "malformed_json", None]


def test_braces_within_a_text_do_not_cut_a_record_that_is_not_finite() -> None:
    bad = json.dumps(GOOD | {"note": "a}{b"}).replace("21.5", "NaN").encode()
    assert [(raw, reading.reason) for _, raw, reading in read(bad + LINE)] == [(bad, "not_finite"), (LINE, None)]


def test_a_record_that_is_neither_finite_nor_json_is_malformed() -> None:
    assert reasons(b'{"a": NaN, }' + LINE) == ["malformed_json", None]


def test_braces_within_a_text_do_not_cut_a_record() -> None:
    noted = json.dumps(GOOD | {"note": "}{" * 10}).encode()
    assert [reading.extra for _, _, reading in read(noted * 3)] == [json.dumps({"note": "}{" * 10})] * 3
