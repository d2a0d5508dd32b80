"""Events that services put on the default event bus themselves, under sources that nobody else may use.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from lab.local.hook import Hook

Tell = Callable[[str, Mapping[str, Any]], None]
"""Puts an event of one service on the bus: from its detail type and its detail."""

HOOKS: Final = (
    Hook(
        "ministack.services.eventbridge",
        "_put_events",
        ("data", "allow_aws_source"),
        "what Glue tells of its runs: the API refuses sources that begin with aws.",
    ),
)


def of(source: str, account: str, region: str) -> Tell:
    """Return what tells the events of one service. Parameters: source, such as ``aws.glue``."""

    def tell(detail_type: str, detail: Mapping[str, Any]) -> None:
        from ministack.core.responses import request_scope
        from ministack.services import eventbridge

        entry = {"Source": source, "DetailType": detail_type, "Detail": json.dumps(detail), "Resources": []}
        with request_scope(account, region):
            eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)

    return tell
