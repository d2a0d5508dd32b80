"""The message digest MD2, which rule SQL offers and Python's hashlib lacks.

Source: https://www.rfc-editor.org/rfc/rfc1319
"""

from __future__ import annotations

from typing import Final

BLOCK: Final = 16
ROUNDS: Final = 18
_PI_SUBSTITUTION: Final = bytes.fromhex(
    "292e43c9a2d87c013d3654a1ecf0061362a705f3c0c7738c98932bd9bc4c82ca"
    "1e9b573cfdd4e01667426f188a17e512be4ec4d6da9ede49a0fbf58ebb2fee7a"
    "a968799115b2073f94c210890b225f21807f5d9a5a903227353ecce7bff79703"
    "ff1930b348a5b5d1d75e922aac56aac64fb838d296a47db676fc6be29c7404f1"
    "459d705964718720865bcf65e62da8021b6025adaeb0b9f61c46616934407e0f"
    "5547a323dd51af3ac35cf9cebac5ea262c530d6e85288409d3dfcdf441814d52"
    "6adc37c86cc1abfa24e17b080cbdb14a7888958be363e86de9cbd5fe3b001d39"
    "f2efb70e6658d0e4a67772f8eb754b0a314450b48fed1f1adb998d339f118314"
)
"""The permutation of all bytes that the RFC makes of the digits of pi."""


def md2(data: bytes) -> str:
    """Return the digest in hexadecimal."""
    padding = BLOCK - len(data) % BLOCK
    padded = data + bytes([padding]) * padding
    state = bytearray(3 * BLOCK)
    for block in _blocks(padded + _checksum(padded)):
        _stir(state, block)
    return state[:BLOCK].hex()


def _blocks(data: bytes) -> list[bytes]:
    return [data[start : start + BLOCK] for start in range(0, len(data), BLOCK)]


def _checksum(padded: bytes) -> bytes:
    checksum, last = bytearray(BLOCK), 0
    for block in _blocks(padded):
        for place, byte in enumerate(block):
            checksum[place] ^= _PI_SUBSTITUTION[byte ^ last]
            last = checksum[place]
    return bytes(checksum)


def _stir(state: bytearray, block: bytes) -> None:
    """Work one block into the state."""
    for place, byte in enumerate(block):
        state[BLOCK + place] = byte
        state[2 * BLOCK + place] = byte ^ state[place]
    last, table = 0, _PI_SUBSTITUTION
    for number in range(ROUNDS):
        for place, byte in enumerate(state):
            last = state[place] = byte ^ table[last]
        last = (last + number) % 256
