"""Binary functions and digests. Source: https://trino.io/docs/current/functions/binary.html"""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Callable

from lab.local.athena.functions.signature import Table, python, scalar

TABLE: Table = {}


def crc32(data: bytes) -> int:
    """The CRC-32 checksum."""
    return zlib.crc32(data)


def md5(data: bytes) -> bytes:
    """The MD5 digest."""
    return hashlib.md5(data, usedforsecurity=False).digest()


def sha1(data: bytes) -> bytes:
    """The SHA-1 digest."""
    return hashlib.sha1(data, usedforsecurity=False).digest()


def sha256(data: bytes) -> bytes:
    """The SHA-256 digest."""
    return hashlib.sha256(data).digest()


def sha512(data: bytes) -> bytes:
    """The SHA-512 digest."""
    return hashlib.sha512(data).digest()


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
    return _checked(base64.b64decode, text, "base64 input")


def from_base64url(text: str) -> bytes:
    """Bytes of base64 with the alphabet for URLs."""
    return _checked(base64.urlsafe_b64decode, text + "=" * (-len(text) % 4), "base64 input")


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


def from_big_endian_64(data: bytes) -> int:
    """A bigint of eight bytes."""
    if len(data) != 8:
        raise ValueError("TRINO:INVALID_FUNCTION_ARGUMENT:expected 8-byte input:END")
    return int.from_bytes(data, "big", signed=True)


def to_big_endian_64(value: int) -> bytes:
    """A bigint as eight bytes."""
    return value.to_bytes(8, "big", signed=True)


def reverse_bytes(data: bytes) -> bytes:
    """The bytes from the last to the first."""
    return data[::-1]


def substr_bytes(data: bytes, start: int, length: int) -> bytes:
    """Bytes from 1, or from the end if negative."""
    first = start - 1 if start > 0 else len(data) + start
    return data[first : first + max(length, 0)] if start and first >= 0 else b""


scalar(
    TABLE,
    ("length(varbinary) -> bigint", "octet_length({0})"),
    ("to_hex(varbinary) -> varchar", "hex({0})"),
    ("to_base64(varbinary) -> varchar", "to_base64({0})"),
    ("concat(varbinary, varbinary) -> varbinary", "({0} || {1})"),
)
python(
    TABLE,
    ("crc32(varbinary) -> bigint", crc32),
    ("md5(varbinary) -> varbinary", md5),
    ("sha1(varbinary) -> varbinary", sha1),
    ("sha256(varbinary) -> varbinary", sha256),
    ("sha512(varbinary) -> varbinary", sha512),
    ("from_hex(varchar) -> varbinary", from_hex),
    ("from_base64(varchar) -> varbinary", from_base64),
    ("from_base64url(varchar) -> varbinary", from_base64url),
    ("from_base32(varchar) -> varbinary", from_base32),
    ("to_base64url(varbinary) -> varchar", to_base64url),
    ("to_base32(varbinary) -> varchar", to_base32),
    ("from_utf8(varbinary) -> varchar", from_utf8),
    ("from_big_endian_64(varbinary) -> bigint", from_big_endian_64),
    ("to_big_endian_64(bigint) -> varbinary", to_big_endian_64),
    ("reverse(varbinary) -> varbinary", reverse_bytes),
    ("substr(varbinary, bigint, bigint) -> varbinary", substr_bytes),
)
