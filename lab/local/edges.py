"""What stands at the edge: the services and workers of our own, joined to MiniStack in one place."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, Protocol

from lab.local.context import Context
from lab.local.edge import Response, Wire, json_service
from lab.local.hook import Hook

READ: Final = re.compile(r"^(Get|List|Describe|BatchGet|Query|Scan|Filter|Search|Test|Validate|Start\w+Query)")
_ACTION: Final = re.compile(rb"(?:^|&)Action=(\w+)")


class Worker(Protocol):
    """Something that works beside the services, over the endpoint."""

    def start(self) -> None:
        """Begin to work in threads of its own."""

    def stop(self, deadline: float) -> None:
        """Finish what is under way, or leave it to the checkpoint, within a number of seconds."""


def hooks() -> tuple[Hook, ...]:
    """Return the private names that our rules, gateway and resource types rely on."""
    from lab.local.mqtt.hooks import HOOKS as GATEWAY
    from lab.local.rules.hooks import HOOKS as RULES

    return (*GATEWAY, *RULES)


def authority() -> str:
    """Return the certificate authority of the MQTT listener as PEM."""
    from ministack.services import iot

    return iot.get_ca_cert_pem()


def install(context: Context, touch: Callable[[str], None]) -> list[Worker]:
    """Put our operations before MiniStack's and return the workers, not yet started.

    Parameters: touch, told the name of every service whose state a request may have changed.
    """
    from ministack import app
    from ministack.core.responses import get_account_id, get_region

    from lab.local.athena.service import service as athena

    handlers: dict[str, Wire] = app.SERVICE_HANDLERS
    handlers["athena"] = json_service(
        "athena", athena(context), handlers["athena"], lambda: (get_account_id(), get_region())
    )
    for name, handler in list(handlers.items()):
        handlers[name] = _watched(name, handler, touch)
    return []


def _watched(name: str, handler: Wire, touch: Callable[[str], None]) -> Wire:
    """Tell the snapshots about every request that may change state."""

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Response:
        response = await handler(method, path, headers, body, query)
        if name == "cloudformation":  # its resources live in all services, and it works on after the answer
            touch("*")
        elif not _reads(method, headers, body):
            touch(name)
        return response

    return handle


def _reads(method: str, headers: dict[str, str], body: bytes) -> bool:
    """Tell whether a request only reads."""
    target = headers.get("x-amz-target", "").rpartition(".")[2]
    if target:
        return bool(READ.match(target))
    action = _ACTION.search(body[:512])
    if action:
        return bool(READ.match(action[1].decode()))
    return method in ("GET", "HEAD")
