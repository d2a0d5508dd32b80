"""Rule SQL. Expected values are those of the AWS IoT developer guide, or calculated by hand."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lab.local.rules.errors import SqlError
from lab.local.rules.functions import FUNCTIONS, NOT_SERVED
from lab.local.rules.message import Headers, Message
from lab.local.rules.query import query
from lab.local.rules.values import UNDEFINED

DOCUMENT = {
    "color": {"red": 255, "name": "warm"},
    "temperature": 27.5,
    "count": 3,
    "flag": True,
    "nothing": None,
    "digits": "12",
    "e": [{"n": "temperature", "v": 22}, {"n": "light", "v": 40}],
}


def message(document: object = DOCUMENT, topic: str = "device/a/data") -> Message:
    return Message(topic, json.dumps(document).encode(), "123456789012", "eu-west-1", client_id="client-1")


def value(expression: str, sent: Message | None = None) -> object:
    result = query(f"SELECT {expression} AS x FROM 'a'").result(sent or message())
    return result.get("x", UNDEFINED)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("color.red", 255),
        ("e[1].v", 40),
        ("get(e, 0).v", 22),
        ("missing.member", UNDEFINED),
        ("transform('enrichArray', color, e)[1]", {"n": "light", "v": 40, "red": 255, "name": "warm"}),
        ("transform('enrichArray', color, count)", UNDEFINED),
        ("transform('enrichArray', color, [1])", UNDEFINED),
        ("transform('other', color, e)", UNDEFINED),
        ("7 / 2", 3),
        ("-7 / 2", -3),
        ("-7 % 2", -1),
        ("7.0 / 2", 3),
        ("7.5 / 2", Decimal("3.75")),
        ("0.1 + 0.2", Decimal("0.3")),
        ("1 / 0", UNDEFINED),
        ("1 + 'a'", "1a"),
        ("2 * digits", 24),
        ("2 * flag", UNDEFINED),
        ("count > '2'", True),
        ("count = '3'", False),
        ("count = missing", UNDEFINED),
        ("flag = 1", False),
        ("NOT 'TRUE'", False),
        ("count IN [1, 2, 3]", True),
        ("count IN (1, 2)", False),
        ("[1, 'a', color.red]", [1, "a", 255]),
        ("{'r': color.red, 'n': missing}", {"r": 255}),
        ("CASE color.name WHEN 'cold' THEN 0 WHEN 'warm' THEN 1 ELSE 2 END", 1),
        ("CASE color.name WHEN 'cold' THEN 0 END", UNDEFINED),
        ("get((SELECT v FROM e WHERE n = 'temperature'), 0).v", 22),
        ("(SELECT VALUE v FROM e)", [22, 40]),
        ("topic()", "device/a/data"),
        ("topic(2)", "a"),
        ("topic(9)", UNDEFINED),
        ("clientid()", "client-1"),
        ("accountid()", "123456789012"),
        ("abs(-5.123)", Decimal("5.123")),
        ("abs('-5.123')", Decimal("5.123")),
        ("abs(TRUE)", UNDEFINED),
        ("ceil(-1.2)", -1),
        ("floor(-1.2)", -2),
        ("round(2.5)", 3),
        ("round(-2.5)", -3),
        ("trunc(2.3456789, 2)", Decimal("2.34")),
        ("sign(-7)", -1),
        ("mod(8, 5)", 3),
        ("power(2, 5)", 32),
        ("sqrt(9)", 3),
        ("sqrt(-1)", UNDEFINED),
        ("bitand(13, 5)", 5),
        ("bitor(8, 5)", 13),
        ("bitxor(13, 5)", 8),
        ("upper('hello')", "HELLO"),
        ("lower('HELLO')", "hello"),
        ("length('hi')", 2),
        ("numbytes('€')", 3),
        ("trim(' hi ')", "hi"),
        ("lpad('hello', 2)", "  hello"),
        ("rpad('hello', 2)", "hello  "),
        ("startswith('ranger', 'ran')", True),
        ("endswith('cat', 'at')", True),
        ("indexof('abcd', 'bc')", 1),
        ("replace('abcd', 'bc', 'x')", "axd"),
        ("substring('012345', 2, 4)", "23"),
        ("substring('012345', 2)", "2345"),
        ("chr(65)", "A"),
        ("concat('he', 'llo')", "hello"),
        ("concat([1, 2], 3)", [1, 2, 3]),
        ("regexp_matches('aaaa', 'a{2,}')", True),
        ("regexp_substr('hihihello', 'hihi')", "hihi"),
        ("regexp_replace('abcd', 'b(c)', '<$1>')", "a<c>d"),
        ("cast(TRUE AS String)", "true"),
        ("cast(TRUE AS Decimal)", 1),
        ("cast('1.5' AS Decimal)", Decimal("1.5")),
        ("cast('1.5' AS Int)", 1),
        ("cast(0 AS Boolean)", False),
        ("nanvl('x', 4)", "x"),
        ("nanvl(missing, 4)", 4),
        ("nanvl(nothing, 4)", 4),
        ('md5("hello")', "5d41402abc4b2a76b9719d911017c592"),
        ('md2("hello")', "a9046c73e00331af68917d3804f70655"),
        ('get({"a":"b"}, "a")', "b"),
        ('get(["a", "b", "c"], "1.9")', "b"),
        ('get({"1": 2}, 1)', UNDEFINED),
        ('concat([1, 2, 3], "hello", [4, 5, 6])', [1, 2, 3, "hello", 4, 5, 6]),
        ('lower(["HELLO"])', '["hello"]'),
        ('decode("!", "base64")', None),
        ("cast(-1.5 AS Int)", -2),
        ("cast('2.5' AS Double)", Decimal("2.5")),
        ("cast(1 AS Ntext)", "1"),
        ("chr(65.9)", "A"),
        ("chr(200)", UNDEFINED),
        ("lpad('a', -5)", "a"),
        ("length(lpad('a', 5000))", 1001),
        ("rpad('a', '2.9')", "a  "),
        ('substring("012345", 2.745)', "2345"),
        ("substring(true, 1.2)", "rue"),
        ("substring(false, -2.411E247)", "false"),
        ('substring("012345", -50, 50)', "012345"),
        ("trunc(2.888, 2.9)", Decimal("2.88")),
        ("trunc(2.888, -1)", 2),
        ("topic(1.9)", "device"),
        ("CASE missing WHEN 1 THEN 'a' ELSE 'b' END", UNDEFINED),
        ("CASE nothing WHEN 1 THEN 'a' ELSE 'b' END", "b"),
        ("parse_time(\"yyyy.MM.dd G 'at' HH:mm:ss z\", 100000000, 'America/Belize')", "1970.01.01 AD at 21:46:40 CST"),
        ('time_to_epoch("2020-04-03 09:45:18 UTC+01:00", "yyyy-MM-dd HH:mm:ss VV")', 1585903518000),
        ('time_to_epoch("18 December 2015", "dd MMMM yyyy")', 1450396800000),
        ("time_to_epoch('2022-01-01T09:00:00+0900', 'yyyy-MM-dd''T''HH:mm:ssZ')", 1640995200000),
        ("time_to_epoch('2022-01-01T00:00:00Z', 'yyyy-MM-dd''T''HH:mm:ssX')", 1640995200000),
        (
            'time_to_epoch("2007-12-03 10:15:30.592 America/Los_Angeles", "yyyy-MM-dd HH:mm:ss.SSS z")',
            1196705730592,
        ),
        ("isnull(nothing)", True),
        ("isundefined(missing)", True),
        ("md5('hello')", "5d41402abc4b2a76b9719d911017c592"),
        ("sha1('hello')", "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"),
        ("encode('hello', 'base64')", "aGVsbG8="),
        ("decode('aGVsbG8=', 'base64')", "hello"),
        ("parse_time('yyyy-MM-dd''T''HH:mm:ss', 1640995200000)", "2022-01-01T00:00:00"),
        ("parse_time('yyyy.MM.dd HH', 1640995200000, 'Asia/Tokyo')", "2022.01.01 09"),
        ("time_to_epoch('2022-01-01 00:00:00', 'yyyy-MM-dd HH:mm:ss')", 1640995200000),
        ("upper('a', 'b')", UNDEFINED),
    ],
)
def test_an_expression_has_the_value_of_the_developer_guide(expression: str, expected: object) -> None:
    found = value(expression)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        ("", "8350e5a3e24c153df2275c9f80692773"),
        ("a", "32ec01ec4a6dac72c0ab96fb34c0b5d1"),
        ("abc", "da853b0d3f88d99b30283a69e6ded6bb"),
        ("message digest", "ab4f496bfb2a530b219ff33031fe06b0"),
        ("abcdefghijklmnopqrstuvwxyz", "4e8ddff3650292ab5a4108c3aa47940b"),
        ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "da33def2a42df13975352846c30338cd"),
        ("1234567890" * 8, "d5976f79d83d3a0dc9806c3c66f3efd8"),
    ],
)
def test_md2_has_the_digests_of_rfc_1319(text: str, digest: str) -> None:
    assert value(f"md2('{text}')") == digest


USER = (("some key", "some value"), ("a different key", "a different value"), ("some key", "value with duplicate key"))


@pytest.mark.parametrize(
    ("expression", "with_headers", "without"),
    [
        ("get_mqtt_property('format_indicator')", "UTF8_DATA", "UNSPECIFIED_BYTES"),
        ("get_mqtt_property('content_type')", "text/plain", UNDEFINED),
        ("get_mqtt_property('response_topic')", "answers/1", UNDEFINED),
        ("get_mqtt_property('correlation_data')", "Y2lk", UNDEFINED),
        ("get_mqtt_property('some_invalid_name')", UNDEFINED, UNDEFINED),
        ("get_user_properties('some key')", ["some value", "value with duplicate key"], UNDEFINED),
        ("get_user_properties('a different key')", ["a different value"], UNDEFINED),
        ("get_user_properties()", [{key: text} for key, text in USER], UNDEFINED),
        ("get_user_properties('non-existent key')", UNDEFINED, UNDEFINED),
    ],
)
def test_headers_of_mqtt_5_are_those_of_the_developer_guide(
    expression: str, with_headers: object, without: object
) -> None:
    headers = Headers(True, "text/plain", "answers/1", b"cid", USER)
    assert value(expression, replace(message(), headers=headers)) == with_headers
    assert value(expression) == without


REFERENCE = {
    *("abs", "accountid", "acos", "asin", "atan", "atan2", "aws_lambda", "bitand"),
    *("bitor", "bitxor", "bitnot", "cast", "ceil", "chr", "clientid", "concat"),
    *("cos", "cosh", "decode", "encode", "endswith", "exp", "floor", "get"),
    *(
        "get_dynamodb",
        "get_mqtt_property",
        "get_or_default",
        "get_registry_data",
        "get_secret",
        "get_thing_shadow",
        "get_user_properties",
        "md2",
    ),
    *("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "indexof", "isnull"),
    *("isundefined", "length", "ln", "log", "lower", "lpad", "ltrim", "machinelearning_predict"),
    *("mod", "nanvl", "newuuid", "numbytes", "parse_time", "power", "principal", "rand"),
    *("regexp_matches", "regexp_replace", "regexp_substr", "remainder", "replace", "rpad", "round", "rtrim"),
    *("sign", "sin", "sinh", "sourceip", "substring", "sql_version", "sqrt", "startswith"),
    *("tan", "tanh", "time_to_epoch", "timestamp", "topic", "traceid", "transform", "trim"),
    *("trunc", "upper"),
}
"""Every function of https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-functions.html."""
ASK_ANOTHER_SERVICE = {
    *("aws_lambda", "get_dynamodb", "get_registry_data", "get_secret", "get_thing_shadow", "machinelearning_predict"),
}


def test_every_function_of_the_reference_that_needs_no_other_service_is_served_and_no_other() -> None:
    assert set(FUNCTIONS) == REFERENCE - ASK_ANOTHER_SERVICE
    assert NOT_SERVED == ASK_ANOTHER_SERVICE


def test_a_star_gives_the_message_and_further_entries_join_it() -> None:
    assert query("SELECT *, topic(2) AS device FROM 'a'").result(message({"t": 1})) == {"t": 1, "device": "a"}
    assert query("SELECT VALUE t FROM 'a'").result(message({"t": 1})) == 1
    assert query("SELECT VALUE [1, t] FROM 'a'").result(message({"t": 2})) == [1, 2]
    assert query("SELECT value[0] AS x FROM 'a'").result(message({"value": [5]})) == {"x": 5}
    assert query("SELECT value, value[1] AS x FROM 'a'").result(message({"value": [5]})) == {"value": [5]}
    assert query("SELECT state.reported.* FROM 'a'").result(message({"state": {"reported": {"t": 1}}})) == {"t": 1}


def test_an_entry_without_alias_is_named_by_its_last_member_or_function() -> None:
    result = query("SELECT color.red, topic(2), e[0].n FROM 'a'").result(message())
    assert result == {"red": 255, "topic": "a", "n": "temperature"}


def test_an_alias_with_dots_makes_objects() -> None:
    result = query("SELECT count AS state.reported.count, 1 AS state.version FROM 'a'").result(message())
    assert result == {"state": {"reported": {"count": 3}, "version": 1}}


@pytest.mark.parametrize(
    ("condition", "applies"),
    [
        ("temperature > 27 AND count = 3", True),
        ("temperature > 28 OR flag", True),
        ("missing > 1", False),
        ("NOT missing > 1", False),
        ("'true'", True),
        ("1", False),
    ],
)
def test_a_rule_applies_only_when_its_condition_is_true(condition: str, applies: bool) -> None:
    result = query(f"SELECT * FROM 'a' WHERE {condition}").result(message())
    assert (result is not UNDEFINED) == applies


def test_a_payload_that_is_no_json_passes_a_star_as_bytes_and_can_be_encoded() -> None:
    binary = Message("a", b"\xff\x00", "1", "r")
    assert query("SELECT * FROM 'a'").result(binary) == b"\xff\x00"
    assert query("SELECT encode(*, 'base64') AS d FROM 'a'").result(binary) == {"d": "/wA="}
    assert query("SELECT t FROM 'a'").result(binary) == {}


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("SELECT", "expected an expression"),
        ("SELECT * FROM a", "topic filter in single quotes"),
        ("SELECT * FROM 'a/#/b'", "Invalid topic filter"),
        ("SELECT * FROM 'a' WHERE", "expected an expression"),
        ("SELECT * FROM 'a' WHERE t LIKE 'x'", "'LIKE'"),
        ("SELECT nope(1) AS x FROM 'a'", "Unknown function: nope"),
        ("SELECT get_thing_shadow('a', 'b') AS x FROM 'a'", "not served"),
        ("SELECT decode(a, 'proto', 'b', 'k', 'f', 'T') AS x FROM 'a'", "decode with the scheme 'proto'"),
        ("SELECT 1 + 2 FROM 'a'", "needs a name"),
        ("SELECT cast(1 AS color) AS x FROM 'a'", "Unknown type: color"),
        ("SELECT regexp_matches(a, '(a+)+b') AS x FROM 'a'", "repeats a group"),
        ("SELECT regexp_matches(a, '(') AS x FROM 'a'", "malformed"),
        ("SELECT * FROM 'a'; DROP", "Unexpected character ';'"),
        ("UPDATE x", "expected SELECT"),
        ("SELECT " + "(" * 200 + "1" + ")" * 200 + " AS x FROM 'a'", "nested deeper"),
    ],
)
def test_sql_that_is_not_accepted_is_refused_with_its_reason(sql: str, reason: str) -> None:
    with pytest.raises(SqlError, match=re.escape(reason)):
        query(sql)


WORDS = st.sampled_from(
    [
        *("SELECT", "FROM", "WHERE", "AS", "VALUE", "AND", "NOT", "IN", "CASE", "WHEN", "THEN", "END", "'a/+'", "''"),
        *("*", ".", ",", "(", ")", "[", "]", "{", "}", ":", "=", "-", "a", "x", '"q"', "1", "1e400"),
        *("upper(", "cast(", "topic(2)"),
    ]
)


@settings(max_examples=1500, deadline=None)
@given(st.one_of(st.lists(WORDS, max_size=25).map(" ".join), st.text(max_size=60)))
def test_any_text_is_accepted_or_refused_as_sql(text: str) -> None:
    for sql in (text, f"SELECT {text} AS x FROM 'a'", f"SELECT * FROM 'a' WHERE {text}"):
        try:
            compiled = query(sql)
        except SqlError:
            continue
        compiled.result(message())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
EVERYTHING = query(
    "SELECT *, a + b AS sum, a / b AS quotient, a > b AS more, a = b AS equal, concat(a, b) AS both, a IN b AS within,"
    " substring(a, b) AS part, power(a, b) AS power, lpad(a, b) AS padded, get(a, b) AS got, parse_time(a, b) AS time,"
    " trunc(a, b) AS cut, decode(a, 'gzip') AS plain, md5(a) AS hash, regexp_matches(a, b) AS found, round(a) AS whole,"
    " cast(a AS int) AS int, bitand(a, b) AS bits, time_to_epoch(a, b) AS epoch, chr(a) AS letter FROM 'x'"
)


@settings(max_examples=500, deadline=None)
@given(JSON, JSON)
@example([], ["Y", "Y"])
def test_any_values_have_a_result(a: object, b: object) -> None:
    EVERYTHING.result(message({"a": a, "b": b}))


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=200))
def test_any_payload_has_a_result(payload: bytes) -> None:
    EVERYTHING.result(Message("x", payload, "1", "r"))
