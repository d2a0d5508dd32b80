"""S3 as queries use it: keys are listed through the API, bytes are read from the files in which the objects lie.

Keys are never found by looking into the folder: sidecars, old versions and encoded names lie there too.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final
from urllib.parse import quote

from lab.local.athena.errors import QueryError

_URI: Final = re.compile(r"^s3[an]?://([^/]+)/?(.*)$", re.S)
_ENCODED: Final = ".ministack-keys"
_LONGEST_PART: Final = 200
_ONE_REQUEST: Final = 8 * 1024 * 1024


@dataclass(frozen=True)
class S3Object:
    """An object and the file that holds its bytes. ``modified`` is Unix seconds."""

    bucket: str
    key: str
    size: int
    etag: str
    modified: float
    file: Path

    @property
    def uri(self) -> str:
        """``s3://bucket/key``."""
        return f"s3://{self.bucket}/{self.key}"


class Objects:
    """Buckets of the account.

    Parameters: folder, where buckets lie as folders of files; s3, makes the caller's client; denial, tells why the
    caller may not do an action to a resource, or None.
    """

    def __init__(self, folder: Path, s3: Callable[[], Any], denial: Callable[[str, str], str | None]) -> None:
        self._folder = folder
        self._s3 = s3
        self._denial = denial

    def data(self, location: str) -> list[S3Object]:
        """The objects that a table reads below its location: no empty ones, none hidden by ``_`` or ``.``.

        Raises: QueryError when the caller may not read one of them.
        """
        prefix = split(location)[1]
        found = [one for one in self.below(location) if one.size and not _hidden(one.key[len(prefix) :])]
        for one in found:
            self.check_readable(one.uri)
        return found

    def check_readable(self, uri: str) -> None:
        """Raises: QueryError PERMISSION_DENIED unless the caller may get the object, whose file is read directly."""
        refusal = self._denial("s3:GetObject", f"arn:aws:s3:::{'/'.join(split(uri))}")
        if refusal is not None:
            raise QueryError(
                "PERMISSION_DENIED",
                f"{refusal} (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied) (Path: {uri})",
            )

    def below(self, location: str) -> list[S3Object]:
        """All objects below a location; the location is a folder. Raises: QueryError when the bucket is not there."""
        bucket, key = split(location)
        prefix = key if not key or key.endswith("/") else f"{key}/"
        return [self._object(bucket, entry) for entry in self._entries(bucket, prefix)]

    def _entries(self, bucket: str, prefix: str) -> Iterable[dict[str, Any]]:
        from botocore.exceptions import ClientError

        try:
            pages = self._s3().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
            for page in pages:
                yield from page.get("Contents", [])
        except ClientError as error:
            raise _failure(f"s3://{bucket}/{prefix}", error) from error

    def _object(self, bucket: str, entry: dict[str, Any]) -> S3Object:
        return S3Object(
            bucket,
            entry["Key"],
            entry["Size"],
            entry["ETag"],
            entry["LastModified"].timestamp(),
            self.file(bucket, entry["Key"]),
        )

    def file(self, bucket: str, key: str) -> Path:
        """The file of an object. A key that no path can hold lies under an encoded name."""
        root = self._folder / bucket
        plain = root / key
        return plain if _fits_a_path(key) and plain.is_file() else root / _ENCODED / _encoded(key)

    def folders(self, location: str) -> list[str]:
        """The names of the folders directly below a location."""
        bucket, key = split(location)
        prefix = key if not key or key.endswith("/") else f"{key}/"
        pages = self._s3().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, Delimiter="/")
        return [entry["Prefix"][len(prefix) : -1] for page in pages for entry in page.get("CommonPrefixes", [])]

    def put(self, uri: str, body: bytes, content_type: str = "application/octet-stream") -> None:
        """Write a small object. Raises: QueryError when the bucket is not there."""
        from botocore.exceptions import ClientError

        bucket, key = split(uri)
        try:
            self._s3().put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type)
        except ClientError as error:
            raise _failure(uri, error) from error

    def put_file(self, uri: str, stream: BinaryIO, size: int, content_type: str) -> None:
        """Write an object from a file, in parts when it is large."""
        if size <= _ONE_REQUEST:
            self.put(uri, stream.read(), content_type)
            return
        bucket, key = split(uri)
        self._s3().upload_fileobj(stream, bucket, key, ExtraArgs={"ContentType": content_type})

    def exists(self, uri: str) -> bool:
        """Whether there is an object of that very name."""
        from botocore.exceptions import ClientError

        bucket, key = split(uri)
        try:
            self._s3().head_object(Bucket=bucket, Key=key)
        except ClientError:
            return False
        return True

    def delete(self, objects: Iterable[str]) -> None:
        """Remove objects, for a statement that failed half-way."""
        for uri in objects:
            bucket, key = split(uri)
            self._s3().delete_object(Bucket=bucket, Key=key)


def split(uri: str) -> tuple[str, str]:
    """Bucket and key of a URI. Raises: QueryError when it is not one of S3."""
    match = _URI.match(uri)
    if match is None:
        raise QueryError("INVALID_TABLE_PROPERTY", f"{uri!r} is not a location in Amazon S3")
    return match[1], match[2]


def _failure(uri: str, error: Any) -> QueryError:
    code = error.response["Error"]["Code"]
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    message = (
        f"{error.response['Error'].get('Message', '')} (Service: Amazon S3; Status Code: {status}; Error Code: {code})"
    )
    return QueryError("PERMISSION_DENIED" if status == 403 else "HIVE_FILESYSTEM_ERROR", f"{message} (Path: {uri})")


def _hidden(relative: str) -> bool:
    return any(part.startswith(("_", ".")) for part in relative.split("/"))


def _fits_a_path(key: str) -> bool:
    parts = key.split("/")
    return (
        bool(key)
        and "\x00" not in key
        and parts[0] != _ENCODED
        and all(
            part not in ("", ".", "..")
            and len(part.encode()) <= _LONGEST_PART
            and not part.endswith((".meta.json", ".tmp"))
            for part in parts
        )
    )


def _encoded(key: str) -> str:
    name = quote(key, safe="").replace(".", "%2E")
    return name if len(name) <= _LONGEST_PART else "sha256-" + hashlib.sha256(key.encode()).hexdigest()
