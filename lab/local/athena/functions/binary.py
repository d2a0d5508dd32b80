"""Binary functions: encodings and parts of bytes. Source: https://trino.io/docs/current/functions/binary.html"""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable
from typing import Any

from lab.local.athena.functions.signature import Table, python, scalar

TABLE: Table = {}


def _checked(decode: Callable[[str], bytes], text: str, what: str) -> bytes:
    try:
        return decode(text)
    except ValueError as error:
        raise ValueError(f"TRINO:INVALID_FUNCTION_ARGUMENT:Invalid {what}: {error}:END") from None


def from_hex(text: str) -> bytes:
    """Bytes of hexadecimal digits."""
    return _checked(bytes.fromhex, text, "hex input")


def from_base64(text: str) -> bytes:
    """Bytes of base64."""
    return _checked(base64.b64decode, _padded(text), "base64 input")


def from_base64url(text: str) -> bytes:
    """Bytes of base64 with the alphabet for URLs."""
    return _checked(base64.urlsafe_b64decode, _padded(text), "base64 input")


def _padded(text: str) -> str:
    # Java's decoder does without the padding.
    return text + "=" * (-len(text) % 4)


def from_base32(text: str) -> bytes:
    """Bytes of base32."""
    return _checked(base64.b32decode, text, "base32 input")


def to_base64url(data: bytes) -> str:
    """Base64 with the alphabet for URLs."""
    return base64.urlsafe_b64encode(data).decode()


def to_base32(data: bytes) -> str:
    """Base32."""
    return base64.b32encode(data).decode()


def from_utf8(data: bytes) -> str:
    """Text of UTF-8; invalid sequences become the replacement character."""
    return data.decode("utf-8", "replace")


def from_utf8_replacing(data: bytes, replacement: str) -> str:
    """Text of UTF-8; each invalid sequence becomes the replacement, one character or none."""
    if len(replacement) > 1:
        message = "Replacement character string must empty or a single character"
        raise ValueError(f"TRINO:INVALID_FUNCTION_ARGUMENT:{message}:END")
    found, rest = "", data
    while True:
        try:
            return found + rest.decode("utf-8")
        except UnicodeDecodeError as error:
            found += rest[: error.start].decode("utf-8") + replacement
            rest = rest[error.end :]


def _packing(form: str) -> tuple[Callable[[bytes], Any], Callable[[Any], bytes]]:
    """Number of big-endian bytes, and bytes of a number, for a format of ``struct``."""
    size = struct.calcsize(form)

    def read(data: bytes) -> Any:
        if len(data) != size:
            message = f"expected {size}-byte input, but got instead: {len(data)}"
            raise ValueError(f"TRINO:INVALID_FUNCTION_ARGUMENT:{message}:END")
        return struct.unpack(form, data)[0]

    return read, lambda value: struct.pack(form, value)


def lpad_bytes(data: bytes, size: int, pad: bytes) -> bytes:
    """The bytes with others before them, or cut, to a size."""
    return _padding(size - len(data), pad) + data if size > len(data) else data[: _size(size, pad)]


def rpad_bytes(data: bytes, size: int, pad: bytes) -> bytes:
    """The bytes with others after them, or cut, to a size."""
    return data + _padding(size - len(data), pad) if size > len(data) else data[: _size(size, pad)]


def _padding(size: int, pad: bytes) -> bytes:
    _size(size, pad)
    return (pad * (size // len(pad) + 1))[:size]


def _size(size: int, pad: bytes) -> int:
    if size < 0:
        raise ValueError("TRINO:INVALID_FUNCTION_ARGUMENT:Target length must be in the range [0..2147483647]:END")
    if not pad:
        raise ValueError("TRINO:INVALID_FUNCTION_ARGUMENT:Padding bytes must not be empty:END")
    return size


def reverse_bytes(data: bytes) -> bytes:
    """The bytes from the last to the first."""
    return data[::-1]


def substr_bytes(data: bytes, start: int, length: int) -> bytes:
    """Bytes from 1, or from the end if negative."""
    first = start - 1 if start > 0 else len(data) + start
    return data[first : first + max(length, 0)] if start and first >= 0 else b""


def rest_bytes(data: bytes, start: int) -> bytes:
    """Bytes from 1, or from the end if negative, to the last."""
    return substr_bytes(data, start, len(data))


scalar(
    TABLE,
    ("length(varbinary) -> bigint", "octet_length({0})"),
    ("to_hex(varbinary) -> varchar", "hex({0})"),
    ("to_base64(varbinary) -> varchar", "to_base64({0})"),
    ("concat(varbinary, varbinary…) -> varbinary", lambda call: f"({' || '.join(call.sqls())})"),
)
python(
    TABLE,
    ("from_hex(varchar) -> varbinary", from_hex),
    ("from_base64(varchar) -> varbinary", from_base64),
    ("from_base64url(varchar) -> varbinary", from_base64url),
    ("from_base32(varchar) -> varbinary", from_base32),
    ("to_base64url(varbinary) -> varchar", to_base64url),
    ("to_base32(varbinary) -> varchar", to_base32),
    ("from_utf8(varbinary) -> varchar", from_utf8),
    ("from_utf8(varbinary, varchar) -> varchar", from_utf8_replacing),
    ("lpad(varbinary, bigint, varbinary) -> varbinary", lpad_bytes),
    ("rpad(varbinary, bigint, varbinary) -> varbinary", rpad_bytes),
    ("substr(varbinary, bigint) -> varbinary", rest_bytes),
    ("reverse(varbinary) -> varbinary", reverse_bytes),
    ("substr(varbinary, bigint, bigint) -> varbinary", substr_bytes),
)
for _name, _kind, _form in (
    ("big_endian_32", "integer", ">i"),
    ("big_endian_64", "bigint", ">q"),
    ("ieee754_32", "real", ">f"),
    ("ieee754_64", "double", ">d"),
):
    _read, _write = _packing(_form)
    _read.__name__, _write.__name__ = f"from_{_name}", f"to_{_name}"
    python(TABLE, (f"from_{_name}(varbinary) -> {_kind}", _read), (f"to_{_name}({_kind}) -> varbinary", _write))
