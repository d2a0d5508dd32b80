"""Names of delivered objects: prefix expressions and the name's own pattern.

Source: https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
"""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

DEFAULT_PATH: Final = "yyyy/MM/dd/HH/"
_EXPRESSION: Final = re.compile(r"!\{(timestamp|firehose):([^}]*)\}")
_JAVA: Final = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
_PATTERN: Final = re.compile("|".join(_JAVA))


def expand(prefix: str, time: float, zone: str, error_type: str = "") -> str:
    """Return a prefix with its expressions replaced; without any, the default path is added.

    Parameters: time, Unix seconds of arrival; zone, IANA name; error_type, for an error prefix.
    Raises: ValueError for an expression that Firehose does not have.
    """
    if not _EXPRESSION.search(prefix):
        return prefix + java_date(DEFAULT_PATH, time, zone)

    def value(match: re.Match[str]) -> str:
        namespace, word = match.groups()
        if namespace == "timestamp":
            return java_date(word, time, zone)
        if word == "random-string":
            return uuid.uuid4().hex[:11]
        if word == "error-output-type" and error_type:
            return error_type
        raise ValueError(f"the prefix expression {match.group()} is not served")

    return _EXPRESSION.sub(value, prefix)


def java_date(pattern: str, time: float, zone: str) -> str:
    """Return a time in a pattern of Java's DateTimeFormatter, so far as prefixes use it."""
    moment = datetime.fromtimestamp(time, UTC).astimezone(ZoneInfo(zone))
    text = re.sub(r"'([^']*)'", r"\1", pattern)
    return _PATTERN.sub(lambda match: moment.strftime(_JAVA[match.group()]), text)


def object_name(stream: str, version: str, time: float, suffix: str) -> str:
    """Return the last part of an object's key: ``<stream>-<version>-yyyy-MM-dd-HH-mm-ss-<uuid><suffix>``."""
    moment = datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d-%H-%M-%S")
    return f"{stream}-{version}-{moment}-{uuid.uuid4()}{suffix}"
