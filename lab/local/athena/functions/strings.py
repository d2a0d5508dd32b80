"""String functions. Source: https://trino.io/docs/current/functions/string.html"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator

from lab.local.athena import types as t
from lab.local.athena import udf
from lab.local.athena.expr import failing
from lab.local.athena.functions.arrays import join_sql
from lab.local.athena.functions.signature import Call, Table, python, scalar

TABLE: Table = {}
_NO_DELIMITER = "The delimiter may not be the empty string"
SPACES = " \t\n\v\f\r\x1c\x1d\x1e\x1f\u1680" + "".join(
    chr(code) for code in (*range(0x2000, 0x200B), 0x2028, 0x2029, 0x205F, 0x3000) if code != 0x2007
)
"""What Java's ``Character.isWhitespace`` takes for white space: no spaces that forbid a line break."""


def _length(call: Call) -> str:
    """Of a char its declared length, the spaces included."""
    kind = call[0].type
    if isinstance(kind, t.Char):
        return f"CASE WHEN {call[0].sql} IS NOT NULL THEN CAST({kind.length} AS BIGINT) END"
    return f"length({call[0].sql})"


def _substr(call: Call) -> str:
    """From 1; from the end if negative; '' beyond either end."""
    text, start = _unpadded(call), call[1].sql
    first = f"CASE WHEN {start} < 0 THEN length({text}) + {start} + 1 ELSE {start} END"
    length = f", greatest({call[2].sql}, 0)" if len(call) > 2 else ""
    part = f"CASE WHEN {start} = 0 OR {first} < 1 THEN {_empty(call)} ELSE substr({text}, {first}{length}) END"
    return _padded(call, part)


def _unpadded(call: Call) -> str:
    """The first argument, a char without the spaces that fill it."""
    return f"rtrim({call[0].sql}, ' ')" if isinstance(call[0].type, t.Char) else call[0].sql


def _padded(call: Call, sql: str) -> str:
    """The result, a char filled with spaces."""
    return f"rpad({sql}, {call.result.length}, ' ')" if isinstance(call.result, t.Char) else sql


def _trim(name: str) -> Callable[[Call], str]:
    def emit(call: Call) -> str:
        signs = call[1].sql if len(call) > 1 else f"'{SPACES}'"
        return _padded(call, f"{name}({_unpadded(call)}, {signs})")

    return emit


def _replace(call: Call) -> str:
    """Of an empty text: the replacement is put before each character and behind the last."""
    text, search = call[0].sql, call[1]
    by = "''"
    if len(call) > 2:
        by = call[2].sql
        call.bound(lambda length, put: length + put * (length + 1), call[0], call[2])
    plain = f"replace({text}, {search.sql}, {by})"
    if search.is_constant and search.constant:
        return plain
    sign = call.fresh()
    signs = f"list_filter(string_split({text}, ''), lambda {sign}: {sign} <> '')"
    between = f"{by} || array_to_string(list_transform({signs}, lambda {sign}: {sign} || {by}), '')"
    return f"CASE WHEN {search.sql} = '' THEN {between} ELSE {plain} END"


def _split(call: Call) -> str:
    fails = failing("INVALID_FUNCTION_ARGUMENT", f"'{_NO_DELIMITER}'", "VARCHAR[]")
    return f"CASE WHEN {call[1].sql} = '' THEN {fails} ELSE string_split({call[0].sql}, {call[1].sql}) END"


def _empty(call: Call) -> str:
    # '' unless an argument is NULL
    return "CASE WHEN " + " AND ".join(f"{sql} IS NOT NULL" for sql in call.sqls()) + " THEN '' END"


def _split_part(call: Call) -> str:
    text, by, index = call.sqls()
    fails = failing("INVALID_FUNCTION_ARGUMENT", "'Index must be greater than zero'", "VARCHAR")
    return (
        f"CASE WHEN {index} < 1 THEN {fails} WHEN {by} = '' THEN NULLIF(substr({text}, {index}, 1), '') "
        f"ELSE string_split({text}, {by})[{index}] END"
    )


def _concat_ws(call: Call) -> str:
    by, *parts = call.sqls()
    items = parts[0] if isinstance(call[1].type, t.Array) else f"[{', '.join(parts)}]"
    return f"CASE WHEN {by} IS NOT NULL THEN {join_sql(items, call[0])} END"


def _pad(side: str) -> str:
    empty = failing("INVALID_FUNCTION_ARGUMENT", "'Padding string must not be empty'", "VARCHAR")
    wrong = failing("INVALID_FUNCTION_ARGUMENT", "'Target length must be in the range [0..2147483647]'", "VARCHAR")
    return (
        f"CASE WHEN {{1}} NOT BETWEEN 0 AND 2147483647 THEN {wrong} WHEN {{2}} = '' THEN {empty} "
        f"ELSE {side}({{0}}, CAST({{1}} AS INTEGER), {{2}}) END"
    )


def _codepoint(call: Call) -> str:
    fails = failing("INVALID_FUNCTION_ARGUMENT", "'Input string must be a single character string'", "INTEGER")
    return f"CASE WHEN {call[0].sql} = '' THEN {fails} ELSE CAST(unicode({call[0].sql}) AS INTEGER) END"


def levenshtein(a: str, b: str) -> int:
    """How many characters are added, removed or changed on the shortest way from one text to the other."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        above, row = row, [i]
        for j, y in enumerate(b, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (x != y)))
    return row[-1]


def _levenshtein(call: Call) -> str:
    """DuckDB counts bytes, which are the characters of a plain text only; a call of Python for each row is slow."""
    a, b = call.sqls()
    slow = udf.call(levenshtein, "BIGINT", (a, "VARCHAR"), (b, "VARCHAR"))
    plain = f"strlen({a}) = length({a}) AND strlen({b}) = length({b})"
    return f"CASE WHEN {plain} THEN levenshtein({a}, {b}) ELSE {slow} END"


def split_limit(text: str, by: str, limit: int) -> list[str]:
    """At most ``limit`` parts, the last holding the rest."""
    for wrong, message in ((limit < 1, "Limit must be positive"), (not by, _NO_DELIMITER)):
        if wrong:
            raise ValueError(f"TRINO:INVALID_FUNCTION_ARGUMENT:{message}:END")
    return text.split(by, limit - 1)


def strpos_nth(text: str, part: str, instance: int) -> int:
    """Where the n-th occurrence begins, from the end if negative; 0 if there are fewer."""
    if instance == 0:
        raise ValueError("TRINO:INVALID_FUNCTION_ARGUMENT:'instance' must be a positive or negative number.:END")
    if not part:
        return 1
    at = -1 if instance > 0 else len(text)
    for _ in range(abs(instance)):
        at = text.find(part, at + 1) if instance > 0 else text.rfind(part, 0, max(at + len(part) - 1, 0))
        if at < 0:
            return 0
    return at + 1


def _pairs(text: str, entries: str, pairs: str) -> Iterator[list[str]]:
    """Key and value of each entry. Raises: ValueError for delimiters that part nothing, or an entry that is no pair."""
    for wrong, message in (
        (not entries, "entryDelimiter is empty"),
        (not pairs, "keyValueDelimiter is empty"),
        (entries == pairs, "entryDelimiter and keyValueDelimiter must not be the same"),
    ):
        if wrong:
            raise ValueError(f"TRINO:INVALID_FUNCTION_ARGUMENT:{message}:END")
    for entry in text.removesuffix(entries).split(entries) if text else []:
        parts = entry.split(pairs)
        if len(parts) != 2:
            raise ValueError(
                "TRINO:INVALID_FUNCTION_ARGUMENT:Key-value delimiter must appear exactly once in each entry. "
                f"Bad input: '{entry}':END"
            )
        yield parts


def split_to_map(text: str, entries: str, pairs: str) -> dict[str, str]:
    """Key and value of each entry; a key twice is an error."""
    found: dict[str, str] = {}
    for key, value in _pairs(text, entries, pairs):
        if key in found:
            raise ValueError(f"TRINO:INVALID_FUNCTION_ARGUMENT:Duplicate keys ({key}) are not allowed:END")
        found[key] = value
    return found


def split_to_multimap(text: str, entries: str, pairs: str) -> dict[str, list[str]]:
    """Values of each key, in order."""
    found: dict[str, list[str]] = {}
    for key, value in _pairs(text, entries, pairs):
        found.setdefault(key, []).append(value)
    return found


def luhn_check(digits: str) -> bool:
    """Whether the last digit is the check digit of the others."""
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"TRINO:INVALID_FUNCTION_ARGUMENT:Invalid character in: {digits}:END")
    doubled = [int(sign) * (2 if i % 2 else 1) for i, sign in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def hamming_distance(a: str, b: str) -> int:
    """In how many places two texts of one length differ."""
    if len(a) != len(b):
        raise ValueError(
            "TRINO:INVALID_FUNCTION_ARGUMENT:"
            "The input strings to hamming_distance function must have the same length:END"
        )
    return sum(x != y for x, y in zip(a, b, strict=True))


def normalize(text: str, form: str) -> str:
    """Unicode normal form."""
    return unicodedata.normalize(form, text)  # type: ignore[arg-type]


def translate(text: str, source: str, target: str) -> str:
    """Each sign of ``source`` by that at its place in ``target``; those without one are removed."""
    table: dict[int, str | None] = {}
    for i, sign in enumerate(source):
        table.setdefault(ord(sign), target[i] if i < len(target) else None)
    return text.translate(table)


_SOUNDS = {
    sign: str(code) for code, signs in enumerate(("BFPV", "CGJKQSXZ", "DT", "L", "MN", "R"), 1) for sign in signs
}


def soundex(word: str) -> str:
    """A letter and three digits for how an English word sounds; '' of a text without letters.

    Source: https://www.archives.gov/research/census/soundex (H and W do not part letters of one code)
    """
    letters = [sign for sign in word.upper() if sign.isalpha()]
    if not all(sign.isascii() for sign in letters):
        raise ValueError("TRINO:INVALID_FUNCTION_ARGUMENT:soundex takes English letters only:END")
    found, last = letters[:1], _SOUNDS.get(letters[0]) if letters else None
    for sign in letters[1:]:
        code = _SOUNDS.get(sign)
        if code and code != last:
            found.append(code)
        if sign not in "HW":
            last = code
    return "".join(found)[:4].ljust(4, "0") if found else ""


scalar(
    TABLE,
    ("length(S) -> bigint", _length),
    ("upper(S) -> S", "upper({0})"),
    ("lower(S) -> S", "lower({0})"),
    ("reverse(X) -> X", "reverse({0})"),
    ("concat(varchar, varchar…) -> varchar", lambda call: f"({' || '.join(call.sqls())})"),
    ("concat_ws(varchar, array(varchar)) -> varchar", _concat_ws),
    ("concat_ws(varchar, varchar…) -> varchar", _concat_ws),
    ("substr(S, bigint) -> S", _substr),
    ("substr(S, bigint, bigint) -> S", _substr),
    ("substring(S, bigint) -> S", _substr),
    ("substring(S, bigint, bigint) -> S", _substr),
    *((f"{name}(S) -> S", _trim(name)) for name in ("trim", "ltrim", "rtrim")),
    *((f"{name}(S, varchar) -> S", _trim(name)) for name in ("trim", "ltrim", "rtrim")),
    ("replace(X, varchar) -> X", _replace),
    ("replace(X, varchar, Y) -> varchar", _replace),
    ("strpos(varchar, varchar) -> bigint", "strpos({0}, {1})"),
    ("starts_with(varchar, varchar) -> boolean", "starts_with({0}, {1})"),
    ("lpad(varchar, bigint, varchar) -> varchar", _pad("lpad")),
    ("rpad(varchar, bigint, varchar) -> varchar", _pad("rpad")),
    ("split(X, varchar) -> array(X)", _split),
    ("split_part(X, varchar, bigint) -> X", _split_part),
    ("chr(bigint) -> varchar(1)", "chr(CAST({0} AS INTEGER))"),
    ("codepoint(varchar(1)) -> integer", _codepoint),
    ("levenshtein_distance(varchar, varchar) -> bigint", _levenshtein),
    ("to_utf8(varchar) -> varbinary", "encode({0})"),
)
python(
    TABLE,
    ("split(X, varchar, bigint) -> array(X)", split_limit),
    ("strpos(varchar, varchar, bigint) -> bigint", strpos_nth),
    ("split_to_map(varchar, varchar, varchar) -> map(varchar, varchar)", split_to_map),
    ("split_to_multimap(varchar, varchar, varchar) -> map(varchar, array(varchar))", split_to_multimap),
    ("luhn_check(varchar) -> boolean", luhn_check),
    ("hamming_distance(varchar, varchar) -> bigint", hamming_distance),
    ("soundex(varchar) -> varchar", soundex),
    ("normalize(varchar, varchar) -> varchar", normalize),
    ("translate(varchar, varchar, varchar) -> varchar", translate),
)
