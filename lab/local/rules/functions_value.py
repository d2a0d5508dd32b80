"""Functions of rule SQL: types, members, hashes and encodings.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-functions.html
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from collections.abc import Callable
from typing import Any, Final

from lab.local.rules.errors import SqlError
from lab.local.rules.function import Function, pure
from lab.local.rules.md2 import md2
from lab.local.rules.values import UNDEFINED, dumps, loads, number, to_boolean, to_number, to_text, to_whole

LARGEST_DECODED: Final = 1 << 20
"""Bytes that a compressed value may grow to."""


LARGEST_ENRICHED: Final = 128 * 1024
"""Bytes of an array that transform may return."""


def hashed(digest: Callable[[bytes], str]) -> Function:
    """Return a function of a text. Parameters: digest, gives a hash in hexadecimal."""

    def of_text(value: Any) -> Any:
        text = to_text(value)
        return UNDEFINED if text is UNDEFINED else digest(text.encode("utf-8", errors="replace"))

    return pure(1, of_text)


def _digest(algorithm: str) -> Callable[[bytes], str]:
    return lambda data: hashlib.new(algorithm, data, usedforsecurity=False).hexdigest()


def _get(value: Any, key: Any) -> Any:
    """Take an element by its index, a character of a text, or a member by its name."""
    if isinstance(value, dict):
        return value.get(key, UNDEFINED) if isinstance(key, str) else UNDEFINED
    if isinstance(value, list | str):
        index = to_whole(key)
        return value[index] if index is not UNDEFINED and 0 <= index < len(value) else UNDEFINED
    return UNDEFINED


def _cast(value: Any, kind: Any) -> Any:
    """Convert on request; unlike the silent conversions, Booleans become 1 and 0 and numbers Booleans."""
    name = str(kind).lower()
    if name in ("bool", "boolean"):
        found = to_number(value)
        return to_boolean(value) if found is UNDEFINED else found != 0
    if name in ("decimal", "double", "int", "integer"):
        found = int(value) if isinstance(value, bool) else to_number(value)
        if name == "double" and found is not UNDEFINED:
            return number(float(found))
        return found if name == "decimal" else to_whole(found)
    return to_text(value)


def _encode(value: Any, scheme: Any) -> Any:
    """Encode a value; the whole message is encoded as it was sent."""
    if str(scheme).lower() != "base64" or value is UNDEFINED or value is None:
        return UNDEFINED
    if isinstance(value, bytes):
        raw = value
    else:
        text = value if isinstance(value, str) else dumps(value)
        raw = text.encode("utf-8", errors="replace")
    return base64.b64encode(raw).decode("ascii")


def check_scheme(scheme: str) -> None:
    """Raises: SqlError for ``proto``, whose descriptors lie in S3, and for a scheme that does not exist."""
    if scheme.lower() not in _UNPACK:
        raise SqlError(f"decode with the scheme {scheme!r} is not served by this AWS; it serves {', '.join(_UNPACK)}")


def _decode(value: Any, scheme: Any) -> Any:
    """Decode base64, then unpack it when the scheme names a compression; Null for what cannot be decoded."""
    text = to_text(value)
    unpack = _UNPACK.get(str(scheme).lower())
    if text is UNDEFINED or unpack is None:
        return UNDEFINED
    try:
        decoded = unpack(base64.b64decode(text, validate=True)).decode("utf-8")
    except (binascii.Error, zlib.error, ValueError):
        return None
    try:
        return loads(decoded)
    except ValueError:
        return decoded


def _inflate(window_bits: int) -> Callable[[bytes], bytes]:
    def inflate(packed: bytes) -> bytes:
        machine = zlib.decompressobj(window_bits)
        unpacked = machine.decompress(packed, LARGEST_DECODED)
        if not machine.eof:
            raise zlib.error("cut off, or larger than is decoded here")
        return unpacked

    return inflate


_UNPACK: Final[dict[str, Callable[[bytes], bytes]]] = {
    "base64": bytes,
    "gzip": _inflate(31),
    "deflate": _inflate(15),
    "zlib": _inflate(15),
}


def _transform(mode: Any, attributes: Any, elements: Any) -> Any:
    """Give every object of an array the members of another object."""
    known = isinstance(attributes, dict) and isinstance(elements, list)
    if mode != "enrichArray" or not known or not all(isinstance(element, dict) for element in elements):
        return UNDEFINED
    enriched = [{**element, **attributes} for element in elements]
    return enriched if len(dumps(enriched).encode("utf-8", errors="replace")) <= LARGEST_ENRICHED else UNDEFINED


def _nanvl(value: Any, default: Any) -> Any:
    """Replace Undefined and Null; no JSON spells the third, NaN."""
    return default if value is UNDEFINED or value is None else value


def _or_default(value: Any, default: Any) -> Any:
    return default if value is UNDEFINED or value is None else value


FUNCTIONS: Final[dict[str, Function]] = {
    "get": pure(2, _get),
    "get_or_default": pure(2, _or_default),
    "cast": pure(2, _cast),
    "nanvl": pure(2, _nanvl),
    "isnull": pure(1, lambda value: value is None),
    "isundefined": pure(1, lambda value: value is UNDEFINED),
    "encode": pure(2, _encode),
    "decode": pure(2, _decode),
    "transform": pure(3, _transform),
    "md2": hashed(md2),
    **{name: hashed(_digest(name)) for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")},
}
