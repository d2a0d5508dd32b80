"""CloudFormation's answers wait a moment for the work that they begin, so that whoever looks at once finds it done.

The CDK looks right after its change set is executed and then only every five seconds, where a stack here takes one.
The API promises no moment at which the work begins or ends, only the states on the way; these and their events stay.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ExecuteChangeSet.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from typing import Any, Final

from lab.local.edge import Response, Wire
from lab.local.hook import Hook

HOLD_SECONDS: Final = 3.0
"""The longest that an answer waits; a client may take as long to connect."""

_begun: ContextVar[list[asyncio.Event] | None] = ContextVar("begun", default=None)


def settled(handler: Wire, seconds: float = HOLD_SECONDS) -> Wire:
    """Wrap CloudFormation's handler: an answer that began work on stacks comes when that has ended, or after a while.

    Parameters: seconds, how long it waits at most.
    """

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Response:
        begun: list[asyncio.Event] = []
        token = _begun.set(begun)
        try:
            response = await handler(method, path, headers, body, query)
        finally:
            _begun.reset(token)
        ends = [asyncio.create_task(ended.wait()) for ended in begun]
        if ends:
            _done, late = await asyncio.wait(ends, timeout=seconds)
            for task in late:
                task.cancel()
        return response

    return handle


def follow(original: Callable[..., None]) -> Callable[..., None]:
    """Wrap MiniStack's start of work on a stack: the answer at hand hears when it has ended, well or not."""

    def _create_stack_task_in_region(
        coro: Coroutine[Any, Any, None], stack: dict[str, Any] | None, stack_id: str | None = None
    ) -> None:
        ended = asyncio.Event()
        begun = _begun.get()
        if begun is not None:
            begun.append(ended)
        original(_telling(coro, ended), stack, stack_id)

    return _create_stack_task_in_region


async def _telling(work: Coroutine[Any, Any, None], ended: asyncio.Event) -> None:
    try:
        await work
    finally:
        ended.set()


HOOKS: Final = tuple(
    Hook(
        f"ministack.services.cloudformation.{module}",
        "_create_stack_task_in_region",
        ("coro", "stack", "stack_id"),
        "an answer waits a moment for the work that it began",
        follow,
    )
    for module in ("changesets", "handlers")
)
