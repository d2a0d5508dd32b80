"""Digests, checksums and keyed hashes of bytes. Source: https://trino.io/docs/current/functions/binary.html"""

from __future__ import annotations

import hashlib
import hmac
import struct
import zlib

from lab.local.athena.functions.signature import Table, python

TABLE: Table = {}
_WORD = (1 << 64) - 1


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


def hmac_md5(data: bytes, key: bytes) -> bytes:
    """The HMAC with MD5."""
    return _keyed(data, key, "md5")


def hmac_sha1(data: bytes, key: bytes) -> bytes:
    """The HMAC with SHA-1."""
    return _keyed(data, key, "sha1")


def hmac_sha256(data: bytes, key: bytes) -> bytes:
    """The HMAC with SHA-256."""
    return _keyed(data, key, "sha256")


def hmac_sha512(data: bytes, key: bytes) -> bytes:
    """The HMAC with SHA-512."""
    return _keyed(data, key, "sha512")


def _keyed(data: bytes, key: bytes, digest: str) -> bytes:
    if not key:  # Java's SecretKeySpec takes none
        raise ValueError("TRINO:INVALID_FUNCTION_ARGUMENT:Empty key:END")
    return hmac.digest(key, data, digest)


def _rotated(value: int, count: int) -> int:
    return ((value << count) | (value >> (64 - count))) & _WORD


_P1, _P2, _P3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
_P4, _P5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5


def _xx_round(lane: int, word: int) -> int:
    return _rotated((lane + word * _P2) & _WORD, 31) * _P1 & _WORD


def _xx_lanes(data: bytes) -> int:
    """Four lanes over blocks of 32 bytes, merged."""
    lanes = [(_P1 + _P2) & _WORD, _P2, 0, -_P1 & _WORD]
    for words in struct.iter_unpack("<4Q", data[: len(data) // 32 * 32]):
        lanes = [_xx_round(lane, word) for lane, word in zip(lanes, words, strict=True)]
    merged = sum(_rotated(lane, turn) for lane, turn in zip(lanes, (1, 7, 12, 18), strict=True)) & _WORD
    for lane in lanes:
        merged = ((merged ^ _xx_round(0, lane)) * _P1 + _P4) & _WORD
    return merged


def xxhash64(data: bytes) -> bytes:
    """The 64-bit xxHash with seed 0, big-endian.

    Source: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
    """
    found = ((_xx_lanes(data) if len(data) >= 32 else _P5) + len(data)) & _WORD
    at = len(data) // 32 * 32
    while at + 8 <= len(data):
        word = int.from_bytes(data[at : at + 8], "little")
        found = (_rotated(found ^ _xx_round(0, word), 27) * _P1 + _P4) & _WORD
        at += 8
    if at + 4 <= len(data):
        word = int.from_bytes(data[at : at + 4], "little")
        found = (_rotated(found ^ (word * _P1 & _WORD), 23) * _P2 + _P3) & _WORD
        at += 4
    for byte in data[at:]:
        found = _rotated(found ^ (byte * _P5 & _WORD), 11) * _P1 & _WORD
    found = (found ^ (found >> 33)) * _P2 & _WORD
    found = (found ^ (found >> 29)) * _P3 & _WORD
    return (found ^ (found >> 32)).to_bytes(8, "big")


_C1, _C2 = 0x87C37B91114253D5, 0x4CF5AD432745937F


def _avalanche(value: int) -> int:
    value = (value ^ (value >> 33)) * 0xFF51AFD7ED558CCD & _WORD
    value = (value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53 & _WORD
    return value ^ (value >> 33)


def _low(word: int) -> int:
    return _rotated(word * _C1 & _WORD, 31) * _C2 & _WORD


def _high(word: int) -> int:
    return _rotated(word * _C2 & _WORD, 33) * _C1 & _WORD


def murmur3(data: bytes) -> bytes:
    """The 128-bit MurmurHash3 for 64-bit machines with seed 0, as Trino writes it: two little-endian words.

    Source: https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp (MurmurHash3_x64_128)
    """
    a = b = 0
    whole = len(data) // 16 * 16
    for low, high in struct.iter_unpack("<2Q", data[:whole]):
        a = ((_rotated(a ^ _low(low), 27) + b) * 5 + 0x52DCE729) & _WORD
        b = ((_rotated(b ^ _high(high), 31) + a) * 5 + 0x38495AB5) & _WORD
    tail = data[whole:]
    a ^= _low(int.from_bytes(tail[:8], "little"))
    b ^= _high(int.from_bytes(tail[8:], "little"))
    a, b = a ^ len(data), b ^ len(data)
    a = (a + b) & _WORD
    b = (b + a) & _WORD
    a, b = _avalanche(a), _avalanche(b)
    a = (a + b) & _WORD
    b = (b + a) & _WORD
    return struct.pack("<2Q", a, b)


for _function in (md5, sha1, sha256, sha512, xxhash64, murmur3):
    python(TABLE, (f"{_function.__name__}(varbinary) -> varbinary", _function))
for _with_key in (hmac_md5, hmac_sha1, hmac_sha256, hmac_sha512):
    python(TABLE, (f"{_with_key.__name__}(varbinary, varbinary) -> varbinary", _with_key))
python(TABLE, ("crc32(varbinary) -> bigint", crc32))
