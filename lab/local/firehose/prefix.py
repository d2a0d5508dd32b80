"""Names of delivered objects: prefix expressions and the name's own pattern.

Source: https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html,
https://docs.aws.amazon.com/firehose/latest/dev/s3-object-name.html
"""

from __future__ import annotations

import re
import secrets
import uuid
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from lab.local.firehose import java_time

DEFAULT_PATH: Final = "!{timestamp:yyyy/MM/dd/HH/}"
LONGEST: Final = 512
"""Characters of a prefix after it is evaluated."""
ERROR_TYPE: Final = "!{firehose:error-output-type}"

_EXPRESSION: Final = re.compile(r"!\{([^}:]*):?([^}]*)\}")
_RANDOM_LENGTH: Final = 11


def check(prefix: str, error_prefix: str | None) -> None:
    """Refuse prefixes that Firehose refuses, or whose expressions are not served here.

    Raises: ValueError with the reason.
    """
    for text in (prefix, error_prefix or ""):
        if "!{" in _EXPRESSION.sub("", text):
            raise ValueError("the sequence !{ can only appear in !{namespace:value} expressions")
    if ERROR_TYPE in prefix:
        raise ValueError(f"Prefix cannot contain {ERROR_TYPE}")
    if error_prefix is None and _EXPRESSION.search(prefix):
        raise ValueError("ErrorOutputPrefix cannot be null when Prefix contains expressions")
    if error_prefix and _EXPRESSION.search(error_prefix) and ERROR_TYPE not in error_prefix:
        raise ValueError(f"ErrorOutputPrefix must contain at least one instance of {ERROR_TYPE}")
    for text in (prefix, error_prefix or ""):
        if len(expand(text, 0.0, "UTC", "processing-failed")) > LONGEST:
            raise ValueError(f"a prefix can have {LONGEST} characters at most after it is evaluated")


def expand(prefix: str, time: float, zone: str, error_type: str = "") -> str:
    """Return a prefix with its expressions replaced; where it says no time, the default path is added.

    Parameters: time, Unix seconds of the oldest record's arrival; zone, IANA name; error_type, for an error prefix.
    Raises: ValueError for an expression that is not served.
    """
    moment = datetime.fromtimestamp(time, UTC).astimezone(ZoneInfo(zone))

    def value(match: re.Match[str]) -> str:
        namespace, word = match.groups()
        if namespace == "timestamp":
            return java_time.write(word, moment)
        if (namespace, word) == ("firehose", "random-string"):
            return secrets.token_hex(_RANDOM_LENGTH)[:_RANDOM_LENGTH]
        if (namespace, word) == ("firehose", "error-output-type") and error_type:
            return error_type
        raise ValueError(f"the prefix expression {match.group()} is not served")

    timed = any(match[1] == "timestamp" for match in _EXPRESSION.finditer(prefix))
    return _EXPRESSION.sub(value, prefix if timed else prefix + DEFAULT_PATH)


def object_name(version: str, time: float, zone: str, name: uuid.UUID) -> str:
    """Return the last part of an object's key, without its suffix: ``<version>-yyyy-MM-dd-HH-mm-ss-<uuid>``.

    Parameters: version, the stream's name and version; name, the object's own.
    """
    moment = datetime.fromtimestamp(time, UTC).astimezone(ZoneInfo(zone))
    return f"{version}-{moment:%Y-%m-%d-%H-%M-%S}-{name}"
