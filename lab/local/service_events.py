"""Events that services put on the default event bus themselves, under sources that nobody else may use.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from lab.local.hook import Hook


class Tell(Protocol):
    """Puts an event of one service on the bus."""

    def __call__(self, detail_type: str, detail: Mapping[str, Any], resources: Sequence[str] = (), /) -> None:
        """Parameters: resources, the ARNs that the event is about."""


HOOKS: Final = (
    Hook(
        "ministack.services.eventbridge",
        "_put_events",
        ("data", "allow_aws_source"),
        "what services tell of themselves: the API refuses sources that begin with aws.",
    ),
)


def of(source: str, account: str, region: str) -> Tell:
    """Return what tells the events of one service. Parameters: source, such as ``aws.glue``."""

    def tell(detail_type: str, detail: Mapping[str, Any], resources: Sequence[str] = (), /) -> None:
        from ministack.core.responses import request_scope
        from ministack.services import eventbridge

        said = {"DetailType": detail_type, "Detail": json.dumps(detail), "Resources": list(resources)}
        with request_scope(account, region):
            eventbridge._put_events({"Entries": [{"Source": source, **said}]}, allow_aws_source=True)

    return tell
