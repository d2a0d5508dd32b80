"""Regular expressions, with Java's syntax. Source: https://trino.io/docs/current/functions/regexp.html

A constant pattern of plain syntax, the same in RE2, runs in DuckDB; everything else in Python's ``re``. Character
classes such as ``\\d`` are those of ASCII in both.
"""

from __future__ import annotations

import re
from functools import lru_cache

from lab.local.athena import types as t
from lab.local.athena import udf
from lab.local.athena.errors import QueryError
from lab.local.athena.expr import text
from lab.local.athena.functions.signature import Call, Table, python, scalar

TABLE: Table = {}
# No look-around, back-reference, possessive quantifier, flag, class operation or non-ASCII: RE2 reads the rest alike.
_PLAIN = re.compile(
    r"(?:\\[dDwWsS.\\+*?()\[\]{}|^$/-]|\[\^?[\w .,:;@/#%+-]*\](?![+*?]\+)|[\w ,:;@/#%&=<>'\"!~-]|"
    r"[.|^$)]|\((?!\?)|\(\?:|[*+?](?!\+)|\{\d+(?:,\d*)?\}(?!\+))*"
)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    translated = re.sub(r"\(\?<([A-Za-z]\w*)>", r"(?P<\1>", pattern).replace(r"\h", "[ \t]").replace(r"\z", r"\Z")
    translated = re.sub(r"\\p\{(IsAlphabetic|Alpha|L)\}", r"[^\\W\\d_]", translated)
    translated = _scoped(translated)
    try:
        return re.compile(translated, re.ASCII if pattern.isascii() else 0)
    except re.error as error:
        raise ValueError(f"TRINO:INVALID_FUNCTION_ARGUMENT:{error}: {pattern}:END") from None


def _scoped(pattern: str) -> str:
    """Flags inside a pattern, ``a(?i)b``, as Python has them: ``a(?i:b)`` up to the end of the group."""
    found, opened = "", [0]
    for sign in re.finditer(r"\\.|\[(?:\\.|[^\]\\])*\]|\(\?[imsx]+\)|.", pattern, re.DOTALL):
        text = sign[0]
        if len(text) > 3 and text.startswith("(?") and sign.start():
            text = f"{text[:-1]}:"
            opened[-1] += 1
        elif text == "(":
            opened.append(0)
        elif text == ")" and len(opened) > 1:
            text = ")" * (opened.pop() + 1)
        found += text
    return found + ")" * opened[0]


def regexp_like(subject: str, pattern: str) -> bool:
    """Whether the pattern occurs."""
    return _compiled(pattern).search(subject) is not None


def regexp_extract(subject: str, pattern: str, group: int) -> str | None:
    """A group of the first occurrence, 0 the whole."""
    found = _compiled(pattern).search(subject)
    return found[_checked(pattern, group)] if found else None


def regexp_extract_all(subject: str, pattern: str, group: int) -> list[str | None]:
    """A group of each occurrence."""
    _checked(pattern, group)
    return [found[group] for found in _compiled(pattern).finditer(subject)]


def _checked(pattern: str, group: int) -> int:
    groups = _compiled(pattern).groups
    if not 0 <= group <= groups:
        what = "Group cannot be negative" if group < 0 else f"Pattern has {groups} groups. Cannot access group {group}"
        raise ValueError(f"TRINO:INVALID_FUNCTION_ARGUMENT:{what}:END")
    return group


def regexp_replace(subject: str, pattern: str, replacement: str) -> str:
    """Each occurrence replaced; ``$1`` and ``${name}`` are groups, a backslash makes the next sign plain."""
    return _compiled(pattern).sub(lambda found: _expanded(found, replacement), subject)


def _expanded(found: re.Match[str], replacement: str) -> str:
    def part(sign: re.Match[str]) -> str:
        if sign[1] is not None:
            return sign[1]
        if sign[2] is None and sign[3] is None:
            raise ValueError(f"TRINO:INVALID_FUNCTION_ARGUMENT:Illegal replacement sequence: {replacement}:END")
        name, rest = _group(found, sign[2]) if sign[2] is not None else (sign[3], "")
        try:
            return (found[name] or "") + rest
        except IndexError:
            raise ValueError(
                f"TRINO:INVALID_FUNCTION_ARGUMENT:Illegal replacement sequence: unknown group {{ {name} }}:END"
            ) from None

    return re.sub(r"\\(.)|\$(\d+)|\$\{(\w+)\}|[$\\]", part, replacement)


def _group(found: re.Match[str], digits: str) -> tuple[int, str]:
    """The number of a group and what follows it: as many digits as there is a group for, at least one."""
    size = 1
    while size < len(digits) and int(digits[: size + 1]) <= found.re.groups:
        size += 1
    return int(digits[:size]), digits[size:]


def regexp_split(subject: str, pattern: str) -> list[str]:
    """The parts between occurrences."""
    parts, at = [], 0
    for found in _compiled(pattern).finditer(subject):
        if found.end() == found.start():
            continue
        parts.append(subject[at : found.start()])
        at = found.end()
    return [*parts, subject[at:]]


def regexp_count(subject: str, pattern: str) -> int:
    """How often the pattern occurs."""
    return sum(1 for _ in _compiled(pattern).finditer(subject))


def regexp_position(subject: str, pattern: str, start: int, occurrence: int) -> int:
    """Where the n-th occurrence from ``start`` begins; -1 if there are fewer."""
    if start < 1 or occurrence < 1:
        raise ValueError("TRINO:INVALID_FUNCTION_ARGUMENT:start position and occurrence cannot be smaller than 1:END")
    for n, found in enumerate(_compiled(pattern).finditer(subject, start - 1), 1):
        if n == occurrence:
            return found.start() + 1
    return -1


def regexp_groups(subject: str, pattern: str) -> list[list[str | None]]:
    """The groups of each occurrence, for a lambda."""
    return [list(found.groups()) for found in _compiled(pattern).finditer(subject)]


def regexp_rejoin(subject: str, pattern: str, replacements: list[str | None]) -> str | None:
    """The subject with its occurrences replaced, one by one; NULL if a replacement is."""
    if any(item is None for item in replacements):
        return None
    rest = iter(replacements)
    return _compiled(pattern).sub(lambda _: next(rest) or "", subject)


def _native(call: Call, index: int = 1) -> str | None:
    pattern = call[index].constant
    if isinstance(pattern, str) and _PLAIN.fullmatch(pattern) and pattern.isascii():
        _compiled_or_refused(call, pattern)
        return text(pattern)
    return None


def _compiled_or_refused(call: Call, pattern: str) -> None:
    try:
        _compiled(pattern)
    except ValueError as error:
        raise QueryError("INVALID_FUNCTION_ARGUMENT", str(error).split(":")[2], call.position) from None


def _like(call: Call) -> str:
    pattern = _native(call)
    subject = call[0].sql
    if pattern is not None:
        return f"regexp_matches({subject}, {pattern})"
    return udf.call(regexp_like, "BOOLEAN", (subject, "VARCHAR"), (call[1].sql, "VARCHAR"))


def _extract(call: Call) -> str:
    """In DuckDB where it tells the same: a group that took no part is NULL, which DuckDB makes an empty text."""
    pattern = _native(call)
    group = call[2].constant if len(call) > 2 else 0
    if pattern is not None and isinstance(group, int):
        source = str(call[1].constant)
        if 0 <= group <= _compiled(source).groups and (group == 0 or not re.search(r"\||\)[*?{]", source)):
            subject = call[0].sql
            found = f"regexp_extract({subject}, {pattern}, {group})"
            return f"CASE WHEN regexp_matches({subject}, {pattern}) THEN {found} END"
    arguments = [(call[0].sql, "VARCHAR"), (call[1].sql, "VARCHAR"), (call[2].sql if len(call) > 2 else "0", "BIGINT")]
    return udf.call(regexp_extract, "VARCHAR", *arguments)


def _with_group(function: object) -> object:
    def emit(call: Call) -> str:
        group = call[2].sql if len(call) > 2 else "0"
        arguments = [(call[0].sql, "VARCHAR"), (call[1].sql, "VARCHAR"), (group, "BIGINT")]
        return udf.call(function, call.result.storage, *arguments)  # type: ignore[arg-type]

    return emit


def _replace(call: Call) -> str:
    by = "''"
    if len(call) > 2:
        by = call[2].sql
        call.bound(lambda length, put: length + max(length * put // 2, put) * (length + 1), call[0], call[2])
    return udf.call(regexp_replace, "VARCHAR", *((sql, "VARCHAR") for sql in (call[0].sql, call[1].sql, by)))


def _replace_by_lambda(call: Call) -> str:
    subject, pattern, name = call[0].sql, call[1].sql, call.fresh()
    groups = udf.call(regexp_groups, "VARCHAR[][]", (subject, "VARCHAR"), (pattern, "VARCHAR"))
    body = call.function(2).apply(call.value(name, t.Array(t.VARCHAR)))
    replaced = f"list_transform({groups}, lambda {name}: {body.sql})"
    return udf.call(regexp_rejoin, "VARCHAR", (subject, "VARCHAR"), (pattern, "VARCHAR"), (replaced, "VARCHAR[]"))


def _position(call: Call) -> str:
    start, occurrence = (
        [item.sql for item in (call[2], call[3])] if len(call) > 3 else [call[2].sql if len(call) > 2 else "1", "1"]
    )
    numbers = ((start, "BIGINT"), (occurrence, "BIGINT"))
    return udf.call(regexp_position, "INTEGER", (call[0].sql, "VARCHAR"), (call[1].sql, "VARCHAR"), *numbers)


scalar(
    TABLE,
    ("regexp_like(varchar, varchar) -> boolean", _like),
    ("regexp_extract(X, varchar) -> X", _extract),
    ("regexp_extract(X, varchar, bigint) -> X", _extract),
    ("regexp_extract_all(X, varchar) -> array(X)", _with_group(regexp_extract_all)),  # type: ignore[arg-type]
    ("regexp_extract_all(X, varchar, bigint) -> array(X)", _with_group(regexp_extract_all)),  # type: ignore[arg-type]
    ("regexp_replace(X, varchar) -> X", _replace),
    ("regexp_replace(X, varchar, Y) -> varchar", _replace),
    ("regexp_replace(varchar, varchar, lambda(array(varchar), varchar)) -> varchar", _replace_by_lambda),
    ("regexp_position(varchar, varchar) -> integer", _position),
    ("regexp_position(varchar, varchar, bigint) -> integer", _position),
    ("regexp_position(varchar, varchar, bigint, bigint) -> integer", _position),
)
python(
    TABLE,
    ("regexp_split(X, varchar) -> array(X)", regexp_split),
    ("regexp_count(varchar, varchar) -> bigint", regexp_count),
)
