"""CloudFormation's answers come when the work that they began has ended, or after a while."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from lab.local import stack_work
from lab.local.edge import Response, Wire
from tests.local import account

ANSWER: Response = (200, {}, b"answered")
UNDERWAY: set[asyncio.Task[None]] = set()


def begin(coro: Coroutine[Any, Any, None], _stack: object, _stack_id: object) -> None:
    """Begin work as MiniStack does; hold it, as the loop itself does not."""
    task = asyncio.get_running_loop().create_task(coro)
    task.add_done_callback(lambda ended: ended.exception())
    UNDERWAY.add(task)


def beginning(*works: Callable[[], Coroutine[Any, Any, None]]) -> Wire:
    """Return a handler that begins works and answers at once, as MiniStack's does."""

    async def handle(*_request: Any) -> Response:
        for work in works:
            stack_work.follow(begin)(work(), None)
        return ANSWER

    return handle


def ask(handler: Wire, seconds: float) -> Response:
    async def asked() -> Response:
        return await asyncio.wait_for(stack_work.settled(handler, seconds)("POST", "/", {}, b"", {}), 30)

    return asyncio.run(asked())


def test_an_answer_waits_for_all_the_work_that_it_began() -> None:
    done = []

    async def work() -> None:
        await asyncio.sleep(0.05)
        done.append("work")

    assert ask(beginning(work, work), 20) == ANSWER
    assert done == ["work", "work"]


def test_work_that_fails_lets_its_answer_go() -> None:
    async def work() -> None:
        raise RuntimeError("it failed")

    assert ask(beginning(work), 20) == ANSWER


def test_an_answer_does_not_wait_for_ever_and_the_work_goes_on() -> None:
    steps = []

    async def asked() -> None:
        go = asyncio.Event()

        async def work() -> None:
            await go.wait()
            steps.append("the end of the work")

        handler = stack_work.settled(beginning(work), 0.05)
        assert await asyncio.wait_for(handler("POST", "/", {}, b"", {}), 20) == ANSWER
        steps.append("the answer")
        go.set()
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(asked())
    assert steps == ["the answer", "the end of the work"]


def test_an_answer_that_began_nothing_comes_at_once() -> None:
    assert ask(beginning(), 0) == ANSWER


@pytest.mark.parametrize("act", ["CreateStack", "ExecuteChangeSet"])
def test_a_client_that_looks_at_once_finds_the_stack_made_and_then_gone(aws: Any, act: str) -> None:
    client, name = aws.client("cloudformation"), account.unique("stack")
    groups = {f"G{n}": {"Type": "AWS::Athena::WorkGroup", "Properties": {"Name": f"{name}-{n}"}} for n in range(40)}
    template = json.dumps({"Resources": groups})
    if act == "CreateStack":
        client.create_stack(StackName=name, TemplateBody=template)
    else:
        client.create_change_set(StackName=name, ChangeSetName="one", ChangeSetType="CREATE", TemplateBody=template)
        client.get_waiter("change_set_create_complete").wait(StackName=name, ChangeSetName="one")
        client.execute_change_set(StackName=name, ChangeSetName="one")
    (found,) = client.describe_stacks(StackName=name)["Stacks"]
    assert found["StackStatus"] == "CREATE_COMPLETE"
    events = client.describe_stack_events(StackName=name)["StackEvents"]
    assert {event["ResourceStatus"] for event in events} >= {"CREATE_IN_PROGRESS", "CREATE_COMPLETE"}
    client.delete_stack(StackName=name)
    (gone,) = client.describe_stacks(StackName=found["StackId"])["Stacks"]
    assert gone["StackStatus"] == "DELETE_COMPLETE"
