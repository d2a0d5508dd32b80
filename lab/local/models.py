"""The API models that ship with botocore, cut down to what a request's check needs: the types and required members.

botocore itself is not imported for it: an idle AWS does without its memory.
Source: https://smithy.io/2.0/spec/simple-types.html, https://smithy.io/2.0/spec/aggregate-types.html
"""

from __future__ import annotations

import functools
import gzip
import importlib.util
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

FOLDERS: Final = {
    "athena": "athena",
    "cloudformation": "cloudformation",
    "dynamodb": "dynamodb",
    "events": "events",
    "firehose": "firehose",
    "glue": "glue",
    "iam": "iam",
    "iot": "iot",
    "kinesis": "kinesis",
    "kms": "kms",
    "logs": "logs",
    "monitoring": "cloudwatch",
    "scheduler": "scheduler",
    "secretsmanager": "secretsmanager",
    "sns": "sns",
    "sqs": "sqs",
    "ssm": "ssm",
    "sts": "sts",
    "tagging": "resourcegroupstaggingapi",
}
"""Where the models lie: of the services of AWS JSON and of the query protocol, and of two REST services of JSON."""


@dataclass(frozen=True)
class Shape:
    """A type.

    kind: as in the model; members: of a structure, by name; required: of those; item: of a list or map; least: length;
    payload: the member that is the whole body of a REST request, where one is.
    """

    kind: str
    members: dict[str, str]
    required: tuple[str, ...]
    item: str
    least: int
    payload: str


@dataclass(frozen=True)
class Model:
    """One service's operations.

    inputs: the shape of each operation's input, or an empty text for none; routes: HTTP method, pattern of the path and
    operation, which REST services are told apart by.
    """

    inputs: dict[str, str]
    shapes: dict[str, Shape]
    routes: tuple[tuple[str, re.Pattern[str], str], ...]


@functools.cache
def model(service: str) -> Model | None:
    """Return a service's model, or None when it has none here. Parameters: service, its name at the edge."""
    folder = FOLDERS.get(service)
    found = importlib.util.find_spec("botocore")
    if folder is None or found is None or found.origin is None:
        return None
    versions = sorted((Path(found.origin).parent / "data" / folder).iterdir())
    document = json.loads(gzip.decompress((versions[-1] / "service-2.json.gz").read_bytes()))
    inputs = {name: operation.get("input", {}).get("shape", "") for name, operation in document["operations"].items()}
    routes = [
        (operation["http"]["method"], _pattern(operation["http"]["requestUri"]), name)
        for name, operation in document["operations"].items()
    ]
    return Model(inputs, _reached(document["shapes"], inputs), tuple(routes))


def _pattern(uri: str) -> re.Pattern[str]:
    """Return what matches the path of a request URI, with labels that take one segment and greedy ones."""
    path = re.escape(uri.partition("?")[0])
    return re.compile(re.sub(r"\\{\w+(\\\+)?\\}", lambda label: ".+" if label[1] else "[^/]+", path) + "/?")


def _reached(documents: dict[str, Any], inputs: dict[str, str]) -> dict[str, Shape]:
    """Return the shapes that inputs are made of."""
    shapes: dict[str, Shape] = {}
    waiting = [name for name in inputs.values() if name]
    while waiting:
        name = waiting.pop()
        if name in shapes:
            continue
        shape = _shape(documents[name])
        shapes[name] = shape
        waiting += [*shape.members.values(), *([shape.item] if shape.item else [])]
    return shapes


def _shape(document: dict[str, Any]) -> Shape:
    kind = "any" if document.get("document") else document["type"]
    members = {name: member["shape"] for name, member in document.get("members", {}).items()} if kind != "any" else {}
    item = document.get("member") or document.get("value") or {}
    return Shape(
        kind,
        members,
        tuple(document.get("required", ())),
        item.get("shape", ""),
        int(document.get("min", 0)),
        document.get("payload", ""),
    )
