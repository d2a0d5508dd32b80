"""Operations that are imported later: made at the first question, once."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from lab.local.edge import Call, Operation, Response, Service, json_service
from lab.local.later import Later


def test_operations_are_made_when_the_first_is_asked_for_and_only_once() -> None:
    made: list[str] = []

    def make() -> Mapping[str, Operation]:
        made.append("once")
        return {"Echo": lambda call: call.payload}

    later = Later(make)
    assert made == []
    assert later.get("Other") is None
    assert later["Echo"](Call("s", "Echo", {"a": 1}, "1", "r", {})) == {"a": 1}
    assert (list(later), len(later), "Echo" in later, made) == (["Echo"], 1, True, ["once"])


def test_the_worker_makes_the_operations_and_who_asks_meanwhile_waits_for_them() -> None:
    begun, may_end = threading.Event(), threading.Event()
    made: list[str] = []

    def make() -> Mapping[str, Operation]:
        begun.set()
        may_end.wait()
        made.append("once")
        return {"Echo": lambda call: call.payload}

    later = Later(make)
    later.stop(0)
    later.start()
    begun.wait()
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(lambda: list(later))
        assert (asked.done(), made) == (False, [])
        may_end.set()
        assert asked.result() == ["Echo"]
    later.stop(60)
    assert made == ["once"]


def test_the_edge_answers_others_while_a_service_is_still_importing() -> None:
    may_end = threading.Event()

    def make() -> Mapping[str, Operation]:
        assert may_end.wait(10), "nobody else was served meanwhile"
        return {"Echo": lambda call: call.payload}

    async def stock(*_request: object) -> Response:
        raise AssertionError("the service is ours alone")

    handler = json_service("s", Service(Later(make), passes_on=False), stock, lambda: ("1", "r"))

    async def asked(operation: str) -> Response:
        return await handler("POST", "/", {"x-amz-target": f"S.{operation}"}, b"{}", {})

    async def both() -> tuple[Response, Response]:
        waiting = asyncio.ensure_future(asyncio.gather(asked("Echo"), asked("Other")))
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_soon(may_end.set)
        echo, other = await waiting
        return echo, other

    echo, other = asyncio.run(both())
    assert (echo[0], echo[2]) == (200, b"{}")
    assert other[1]["x-amzn-errortype"] == "UnknownOperationException"


def test_what_stands_at_the_edge_is_imported_without_the_sql_of_athena() -> None:
    code = (
        "import sys; from lab.local import edges, process, guard, firehose, crawler, jobs, schedules; "
        "from lab.local.monitoring import hooks, watch; "
        "print(*sorted({'sqlglot', 'duckdb', 'boto3', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "\n"), done.stderr
