"""Bitwise functions. Source: https://trino.io/docs/current/functions/bitwise.html"""

from __future__ import annotations

from lab.local.athena import udf
from lab.local.athena.functions.signature import Call, Table, python, scalar

TABLE: Table = {}


def _bits(call: Call) -> int:
    return {"TINYINT": 8, "SMALLINT": 16, "INTEGER": 32, "BIGINT": 64}[call.result.storage]


def bit_count(value: int, bits: int) -> int:
    """Ones in the two's complement of so many bits. Raises ValueError when the number does not fit."""
    if not 2 <= bits <= 64:
        raise ValueError("TRINO:INVALID_FUNCTION_ARGUMENT:Bits specified in bit_count must be between 2 and 64:END")
    if not -(1 << (bits - 1)) <= value < 1 << (bits - 1):
        raise ValueError("TRINO:INVALID_FUNCTION_ARGUMENT:Number must be representable with the bits specified:END")
    return (value & ((1 << bits) - 1)).bit_count()


def shift_left(value: int, count: int, bits: int) -> int:
    """Shifted left within so many bits."""
    found = (value << count) & ((1 << bits) - 1) if 0 <= count < bits else 0
    return found - (1 << bits) if found >> (bits - 1) else found


def shift_right(value: int, count: int, bits: int) -> int:
    """Shifted right, zeros entering."""
    if not 0 <= count < bits:
        return 0
    found = (value & ((1 << bits) - 1)) >> count
    return found - (1 << bits) if found >> (bits - 1) else found


def shift_right_arithmetic(value: int, count: int, bits: int) -> int:
    """Shifted right, the sign staying."""
    return value >> min(max(count, 0), bits - 1)


def _shift(function: object) -> object:
    def emit(call: Call) -> str:
        kind = call.result.storage
        return udf.call(function, kind, (call[0].sql, kind), (call[1].sql, "BIGINT"), (str(_bits(call)), "INTEGER"))  # type: ignore[arg-type]

    return emit


scalar(
    TABLE,
    ("bitwise_and(bigint, bigint) -> bigint", "({0} & {1})"),
    ("bitwise_or(bigint, bigint) -> bigint", "({0} | {1})"),
    ("bitwise_xor(bigint, bigint) -> bigint", "xor({0}, {1})"),
    ("bitwise_not(bigint) -> bigint", "(~ {0})"),
    ("bitwise_left_shift(I, bigint) -> I", _shift(shift_left)),  # type: ignore[arg-type]
    ("bitwise_right_shift(I, bigint) -> I", _shift(shift_right)),  # type: ignore[arg-type]
    ("bitwise_right_shift_arithmetic(I, bigint) -> I", _shift(shift_right_arithmetic)),  # type: ignore[arg-type]
)
python(TABLE, ("bit_count(bigint, bigint) -> bigint", bit_count))
