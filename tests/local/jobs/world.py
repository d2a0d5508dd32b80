"""An account with job definitions and scripts, which tests of job runs share."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lab.local.context import Context, Credentials
from lab.local.edge import Call
from lab.local.errors import AwsError
from lab.local.jobs import Jobs

SECONDS = 60


FOREVER = "import time\nprint('begun', flush=True)\ntime.sleep(600)\n"

ONCE = """
import pathlib, sys, time
mark = pathlib.Path({mark!r})
if mark.exists():
    {then}
mark.touch()
sys.exit(1)
"""


class NotFoundError(Exception):
    """What the catalogue answers for a job that is not there."""


class World:
    """Jobs with their scripts, and log streams that keep what they are told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.scripts: dict[str, str] = {}
        self.definitions: dict[str, dict[str, Any]] = {}
        self.events: dict[tuple[str, str], list[str]] = {}
        self.told = threading.Condition()
        self.context = Context(
            endpoint="http://127.0.0.1:1",
            region="ap-northeast-1",
            account="000000000000",
            state=folder,
            objects=folder,
            service_client=lambda _service: self.glue(),
            assume=lambda _role, _principal: Credentials("AKIA", "secret", "token"),
            role_client=lambda _role, _principal, service: getattr(self, service)(),
            now=time.time,
        )
        self.bus: list[tuple[str, Mapping[str, Any]]] = []
        self.jobs = Jobs(self.context, self.tell, minute=0.5)

    def glue(self) -> Any:
        def get_job(**request: str) -> dict[str, Any]:
            if request["JobName"] not in self.definitions:
                raise NotFoundError
            return {"Job": self.definitions[request["JobName"]]}

        return SimpleNamespace(get_job=get_job, exceptions=SimpleNamespace(EntityNotFoundException=NotFoundError))

    def s3(self) -> Any:
        return SimpleNamespace(get_object=lambda **request: {"Body": BytesIO(self.scripts[request["Key"]].encode())})

    def logs(self) -> Any:
        def put_log_events(**request: Any) -> None:
            with self.told:
                lines = self.events.setdefault((request["logGroupName"], request["logStreamName"]), [])
                lines += [event["message"] for event in request["logEvents"]]
                self.told.notify_all()

        def nothing(**_request: Any) -> None:
            pass

        never = type("Never", (Exception,), {})
        return SimpleNamespace(
            create_log_group=nothing,
            create_log_stream=nothing,
            put_log_events=put_log_events,
            exceptions=SimpleNamespace(ClientError=never, ResourceAlreadyExistsException=never),
        )

    def tell(self, detail_type: str, detail: Mapping[str, Any]) -> None:
        with self.told:
            self.bus.append((detail_type, detail))
            self.told.notify_all()

    def event(self, run_id: str) -> dict[str, Any]:
        """Wait for what the bus is told of a run."""
        with self.told:
            self.told.wait_for(lambda: any(detail["jobRunId"] == run_id for _, detail in self.bus), SECONDS)
            ((kind, detail),) = [event for event in self.bus if event[1]["jobRunId"] == run_id]
        assert kind == "Glue Job State Change"
        return dict(detail)

    def define(self, name: str, script: str, **more: Any) -> None:
        self.scripts[f"{name}.py"] = script
        command = {"Name": "pythonshell", "ScriptLocation": f"s3://code/{name}.py", "PythonVersion": "3.9"}
        self.definitions[name] = {"Name": name, "Role": "worker", "Command": command, **more}

    def ask(self, operation: str, **payload: Any) -> dict[str, Any]:
        return self.jobs.operations[operation](Call("glue", operation, payload, "000000000000", "ap-northeast-1", {}))

    def start(self, name: str, **payload: Any) -> str:
        return str(self.ask("StartJobRun", JobName=name, **payload)["JobRunId"])

    def run(self, name: str, run_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("GetJobRun", JobName=name, RunId=run_id)["JobRun"]
        return found

    def ended(self, name: str, run_id: str) -> dict[str, Any]:
        return self.until(name, run_id, "SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT")

    def until(self, name: str, run_id: str, *states: str) -> dict[str, Any]:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            found = self.run(name, run_id)
            if found["JobRunState"] in states:
                return found
        raise TimeoutError(f"{run_id} is not {states}")

    def says(self, run_id: str, line: str) -> None:
        """Wait for a line of a run's output."""
        key = ("/aws-glue/python-jobs/output", run_id)
        with self.told:
            assert self.told.wait_for(lambda: line in self.events.get(key, []), SECONDS), self.events

    def finish(self, name: str, script: str, **more: Any) -> dict[str, Any]:
        """Define a job and run it to its end."""
        self.define(name, script, **more)
        return self.ended(name, self.start(name))

    def attempts(self, name: str, count: int) -> list[dict[str, Any]]:
        """The ended runs of a job, oldest first, once there are so many."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            runs = list(reversed(self.ask("GetJobRuns", JobName=name)["JobRuns"]))
            if len(runs) == count and all("CompletedOn" in run for run in runs):
                return runs
        raise TimeoutError(name)


def refused(code: str, world: World, operation: str, **payload: Any) -> str:
    with pytest.raises(AwsError) as caught:
        world.ask(operation, **payload)
    assert caught.value.code == code
    return caught.value.message
