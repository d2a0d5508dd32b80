"""The objects below an S3 target, without those that the crawler leaves out.

Source: https://docs.aws.amazon.com/glue/latest/dg/define-crawler.html (exclude patterns)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One object. modified: Unix seconds."""

    key: str
    size: int
    etag: str
    modified: float

    @property
    def folder(self) -> str:
        """The key up to its last slash."""
        return self.key[: self.key.rfind("/") + 1]


def split(path: str) -> tuple[str, str]:
    """Return the bucket and the folder of an S3 path, the folder with a slash at its end unless it is empty."""
    bucket, _, folder = path.removeprefix("s3://").partition("/")
    return bucket, folder.rstrip("/") + "/" if folder.strip("/") else ""


def listed(client: Any, bucket: str, folder: str, exclusions: Sequence[str]) -> list[Entry]:
    """Return the objects in a folder and below: not the empty ones, nor names that begin with ``_`` or ``.``."""
    left_out = [re.compile(pattern(glob)) for glob in exclusions]
    found = []
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder):
        for item in page.get("Contents", []):
            relative = item["Key"][len(folder) :]
            hidden = any(part.startswith(("_", ".")) for part in relative.split("/"))
            if item["Size"] and not hidden and not any(glob.fullmatch(relative) for glob in left_out):
                found.append(Entry(item["Key"], item["Size"], item["ETag"], item["LastModified"].timestamp()))
    return found


def pattern(glob: str) -> str:
    """Return a glob of the exclude patterns as a regular expression: ``*`` stays within a folder, ``**`` does not."""
    parts = {"**": ".*", "*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")", ",": "|"}
    found, depth, position = "", 0, 0
    while position < len(glob):
        word = "**" if glob.startswith("**", position) else glob[position]
        if word == "[":
            end = glob.find("]", position)
            if end > position:
                inner = glob[position + 1 : end]
                found += "[" + ("^" + inner[1:] if inner.startswith("!") else inner).replace("\\", "\\\\") + "]"
                position = end + 1
                continue
        if word == "\\" and position + 1 < len(glob):
            word = glob[position : position + 2]
            found += re.escape(word[1])
        elif word == "," and not depth:
            found += ","
        else:
            found += parts.get(word, re.escape(word))
        depth += (word == "{") - (word == "}")
        position += len(word)
    return found
