"""URL functions. Source: https://trino.io/docs/current/functions/url.html"""

from __future__ import annotations

from urllib.parse import SplitResult, quote_plus, unquote_plus, urlsplit

from lab.local.athena import udf
from lab.local.athena.functions.signature import Call, Table, python, scalar

TABLE: Table = {}


def _parts(url: str) -> SplitResult | None:
    try:
        return None if any(sign.isspace() for sign in url) else urlsplit(url)
    except ValueError:
        return None


def url_extract_host(url: str) -> str | None:
    """The host."""
    parts = _parts(url)
    return parts.netloc.rpartition("@")[2].partition(":")[0] or None if parts else None


def url_extract_port(url: str) -> int | None:
    """The port, if it is written."""
    parts = _parts(url)
    try:
        return parts.port if parts else None
    except ValueError:
        return None


def url_extract_path(url: str) -> str | None:
    """The path, decoded."""
    parts = _parts(url)
    return unquote_plus(parts.path.replace("+", "%2B")) if parts else None


def url_extract_protocol(url: str) -> str | None:
    """The scheme."""
    parts = _parts(url)
    return url.partition(":")[0] if parts and parts.scheme else None if parts is None else ""


def url_extract_query(url: str) -> str | None:
    """The query, without the question mark."""
    parts = _parts(url)
    return parts.query if parts else None


def url_extract_fragment(url: str) -> str | None:
    """The fragment, without the hash."""
    parts = _parts(url)
    return parts.fragment if parts else None


def url_extract_parameter(url: str, name: str) -> str | None:
    """The value of the first parameter of that name."""
    parts = _parts(url)
    for pair in parts.query.split("&") if parts and parts.query else []:
        key, _, value = pair.partition("=")
        if key == name:
            return unquote_plus(value)
    return None


def url_encode(text: str) -> str:
    """For use as a parameter: all but letters, digits and ``.-*_`` as ``%XX``, a space as plus."""
    return quote_plus(text, safe="*").replace("~", "%7E")


def _encode(call: Call) -> str:
    call.bound(lambda length: length * 12, call[0])
    return udf.call(url_encode, "VARCHAR", (call[0].sql, "VARCHAR"))


def url_decode(text: str) -> str:
    """The text that was encoded."""
    return unquote_plus(text)


python(
    TABLE,
    ("url_extract_host(X) -> X", url_extract_host),
    ("url_extract_port(varchar) -> bigint", url_extract_port),
    ("url_extract_path(X) -> X", url_extract_path),
    ("url_extract_protocol(X) -> X", url_extract_protocol),
    ("url_extract_query(X) -> X", url_extract_query),
    ("url_extract_fragment(X) -> X", url_extract_fragment),
    ("url_extract_parameter(X, varchar) -> X", url_extract_parameter),
    ("url_decode(X) -> X", url_decode),
)
scalar(TABLE, ("url_encode(X) -> varchar", _encode))
