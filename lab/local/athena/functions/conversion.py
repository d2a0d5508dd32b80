"""``format`` and ``format_number``. Source: https://trino.io/docs/current/functions/conversion.html"""

from __future__ import annotations

import re
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from lab.local.athena import java_text, render, udf
from lab.local.athena import types as t
from lab.local.athena.cast import cast_sql
from lab.local.athena.errors import not_supported
from lab.local.athena.functions.signature import Call, Table, python, scalar

TABLE: Table = {}
_FIELD = re.compile(r"%(?:(\d+)\$)?([-#+ 0,(]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])")


def java_format(pattern: str, *values: Any) -> str:
    """The part of Java's Formatter that Trino's examples use: %s %d %f %e %x %o %b %% with flags and sizes."""
    rest = iter(range(len(values)))

    def one(field: re.Match[str]) -> str:
        index, flags, width, precision, kind = field.groups()
        if kind == "%":
            return "%"
        if kind == "n":
            return "\n"
        at = int(index) - 1 if index else next(rest, len(values))
        if not 0 <= at < len(values):
            raise ValueError(
                f"TRINO:INVALID_FUNCTION_ARGUMENT:Invalid format string: {pattern} (Format specifier '{field[0]}'):END"
            )
        shown = _shown(values[at], kind, flags, int(precision) if precision else None)
        return _padded(shown, flags, int(width) if width else 0)

    return _FIELD.sub(one, pattern)


def _padded(shown: str, flags: str, width: int) -> str:
    if "-" in flags:
        return shown.ljust(width)
    if "0" in flags:
        sign = shown[:1] if shown[:1] in "+-" else ""
        return sign + shown[len(sign) :].rjust(width - len(sign), "0")
    return shown.rjust(width)


def _shown(value: Any, kind: str, flags: str, precision: int | None) -> str:
    if kind in "sS":
        text = _plain(value)
        text = text if precision is None else text[:precision]
        return text.upper() if kind == "S" else text
    if value is None:
        return "null"
    if kind == "b":
        return _plain(value)
    number = Decimal(_plain(value))
    if kind == "d":
        text = f"{int(number):,}" if "," in flags else str(int(number))
    elif kind == "f":
        rounded = number.quantize(Decimal(1).scaleb(-(6 if precision is None else precision)), ROUND_HALF_UP)
        text = f"{rounded:,f}" if "," in flags else f"{rounded:f}"
    elif kind in "eE":
        text = f"{float(number):.{6 if precision is None else precision}{kind}}"
    elif kind in "xXo":
        text = format(int(number) & 0xFFFFFFFFFFFFFFFF if number < 0 else int(number), kind)
    else:
        raise ValueError(f"TRINO:NOT_SUPPORTED:format specifier %{kind} is not supported by this engine:END")
    return f"+{text}" if "+" in flags and not text.startswith("-") else text


def _plain(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return java_text.java_double(value) if isinstance(value, float) else str(value)


def _format(call: Call) -> str:
    arguments = [(call[0].sql, "VARCHAR")]
    for i in range(1, len(call)):
        value = call[i]
        if value.type == t.BOOLEAN or t.is_numeric(value.type) or t.is_text(value.type):
            arguments.append((value.sql, value.type.storage))
        elif isinstance(value.type, t.Array | t.Map | t.Row):
            raise not_supported(f"format of {value.type.name}", call.position)
        else:
            arguments.append((render.as_varchar(cast_sql(value, value.type)), "VARCHAR"))
    return udf.call_with_nulls(java_format, "VARCHAR", *arguments)


def format_number(value: float) -> str:
    """With a unit: K, M, B, T, Q."""
    for unit in ("", "K", "M", "B", "T"):
        if abs(value) < 1000:
            return _three(value) + unit
        value /= 1000
    return _three(value) + "Q"


def _three(value: float) -> str:
    digits = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    text = f"{Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


_SIZE = re.compile(r"(\d+(?:\.\d+)?)([kMGTPEZY]?B)")


def parse_data_size(text: str) -> Decimal:
    """Bytes of ``value unit``: B, kB, MB … YB, each 1024 times the one before; what is less than a byte is cut."""
    match = _SIZE.fullmatch(text)
    if not match:
        raise ValueError(f"TRINO:INVALID_FUNCTION_ARGUMENT:Invalid data size: '{text}':END")
    with localcontext() as context:
        context.prec = 80
        found = Decimal(match[1]) * 1024 ** ("B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB").index(match[2])
        if found >= Decimal(10) ** 38:
            raise ValueError(f"TRINO:NUMERIC_VALUE_OUT_OF_RANGE:Value out of range: '{text}':END")
        return found.to_integral_value(ROUND_FLOOR)


scalar(
    TABLE,
    *(
        (f"format(varchar{', ' + ', '.join(letters)}) -> varchar", _format)
        for letters in ("ABGHJLOPQ"[:n] for n in range(1, 10))
    ),
)
python(
    TABLE,
    ("format_number(double) -> varchar", format_number),
    *((f"{name}(varchar) -> decimal(38,0)", parse_data_size) for name in ("parse_data_size", "parse_presto_data_size")),
)
