"""The life of a job run: states, retries, timeouts, stops, pages, crashes. Real processes; S3 is a dictionary."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lab.local.context import Context, Credentials
from lab.local.edge import Call
from lab.local.errors import AwsError
from lab.local.jobs import Jobs, processes

SECONDS = 60
FOREVER = "import time\nprint('begun', flush=True)\ntime.sleep(600)\n"


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


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.jobs.stop(10)


def refused(code: str, world: World, operation: str, **payload: Any) -> str:
    with pytest.raises(AwsError) as caught:
        world.ask(operation, **payload)
    assert caught.value.code == code
    return caught.value.message


def test_when_a_script_ends_well_the_run_succeeded_with_arguments_over_the_defaults(world: World) -> None:
    world.define("job", "import sys\nprint(sys.argv[1:])\n", DefaultArguments={"--A": "1", "--B": "2"})
    run_id = world.start("job", Arguments={"--B": "3"})
    found = world.ended("job", run_id)
    assert re.fullmatch(r"jr_[0-9a-f]{64}", run_id)
    assert found.pop("CompletedOn") >= found.pop("StartedOn")
    assert found.pop("LastModifiedOn")
    assert found == {
        "Id": run_id,
        "Attempt": 0,
        "JobName": "job",
        "JobRunState": "SUCCEEDED",
        "Arguments": {"--B": "3"},
        "PredecessorRuns": [],
        "ExecutionTime": 0,
        "Timeout": 2880,
        "LogGroupName": "/aws-glue/python-jobs",
        "GlueVersion": "",
        "MaxCapacity": 0.0625,
    }
    words = ["--JOB_NAME", "job", "--JOB_RUN_ID", run_id, "--A", "1", "--B", "3"]
    assert world.events["/aws-glue/python-jobs/output", run_id] == [str(words)]
    assert world.event(run_id) == {
        "jobName": "job",
        "severity": "INFO",
        "state": "SUCCEEDED",
        "jobRunId": run_id,
        "message": "Job run succeeded",
    }


CHAINED = """
class OddError(Exception): pass
try:
    1 / 0
except Exception as error:
    raise OddError('two\\nlines') from error
"""
LATE = """
import sys, traceback
try:
    x
except NameError:
    traceback.print_exc()
print('WARN ShutdownHookManager: bye', file=sys.stderr)
sys.exit(1)
"""
ONCE = """
import pathlib, sys, time
mark = pathlib.Path({mark!r})
if mark.exists():
    {then}
mark.touch()
sys.exit(1)
"""


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("def f():\n    return 1 / 0\nf()\n", "ZeroDivisionError: division by zero"),
        ("import sys\nsys.exit('no input')\n", "no input"),
        ("import sys\nsys.exit(3)\n", "Command failed with exit code 3"),
        ("raise KeyError('a')\n", "KeyError: 'a'"),
        (CHAINED, "OddError: two"),
        (LATE, "NameError: name 'x' is not defined"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n", "The script was killed by signal 11."),
        ("this is no Python\n", "SyntaxError: invalid syntax"),
    ],
)
def test_when_a_script_fails_the_run_says_why_in_one_line(world: World, script: str, told: str) -> None:
    found = world.finish("job", script)
    assert (found["JobRunState"], found["ErrorMessage"].replace("__main__.", "")) == ("FAILED", told)


def test_when_the_script_is_not_there_the_run_fails_and_says_so(world: World) -> None:
    world.define("job", "")
    del world.scripts["job.py"]
    found = world.ended("job", world.start("job"))
    assert found["JobRunState"] == "FAILED"
    assert "job.py" in found["ErrorMessage"]


def test_when_a_run_fails_it_is_tried_again_as_often_as_the_job_says(world: World) -> None:
    world.define("job", "raise RuntimeError('again')\n", MaxRetries=2)
    first = world.start("job", Arguments={"--A": "1"})
    runs = world.attempts("job", 3)
    assert [run["Id"] for run in runs] == [first, f"{first}_attempt_1", f"{first}_attempt_2"]
    assert [run["Attempt"] for run in runs] == [0, 1, 2]
    assert [run.get("PreviousRunId") for run in runs] == [None, first, f"{first}_attempt_1"]
    assert {run["JobRunState"] for run in runs} == {"FAILED"}
    assert {run["ErrorMessage"] for run in runs} == {"RuntimeError: again"}
    assert all(run["Arguments"] == {"--A": "1"} for run in runs)
    told = world.event(f"{first}_attempt_2")
    assert (told["severity"], told["state"]) == ("ERROR", "FAILED")
    assert told["message"].endswith("failed to execute with exception RuntimeError: again")


def test_when_the_second_attempt_succeeds_there_is_no_third(world: World) -> None:
    script = ONCE.format(mark=str(world.folder / "mark"), then="sys.exit(0)")
    world.define("job", script, MaxRetries=3)
    world.start("job")
    assert [run["JobRunState"] for run in world.attempts("job", 2)] == ["FAILED", "SUCCEEDED"]


def test_when_a_run_takes_too_long_it_times_out_with_all_its_processes_and_is_not_tried_again(world: World) -> None:
    script = (
        "import subprocess, sys, time\np = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    )
    world.define("job", f"{script}print(p.pid, flush=True)\ntime.sleep(600)\n", MaxRetries=3)
    run_id = world.start("job", Timeout=8)
    found = world.ended("job", run_id)
    assert (found["JobRunState"], found["Timeout"]) == ("TIMEOUT", 8)
    assert world.event(run_id)["severity"] == "WARN"
    (pid,) = world.events["/aws-glue/python-jobs/output", run_id]
    assert processes.birth(int(pid)) is None
    assert len(world.ask("GetJobRuns", JobName="job")["JobRuns"]) == 1


def test_when_a_script_ends_what_it_left_running_ends_too(world: World) -> None:
    script = "import subprocess, sys\np = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    found = world.finish("job", f"{script}print(p.pid, flush=True)\n")
    assert found["JobRunState"] == "SUCCEEDED"
    (pid,) = world.events["/aws-glue/python-jobs/output", found["Id"]]
    assert processes.birth(int(pid)) is None


def test_when_a_run_is_stopped_it_is_over_and_is_not_tried_again(world: World) -> None:
    world.define("job", FOREVER, MaxRetries=2)
    run_id = world.start("job")
    world.says(run_id, "begun")
    assert world.run("job", run_id)["JobRunState"] == "RUNNING"
    answer = world.ask("BatchStopJobRun", JobName="job", JobRunIds=[run_id, "jr_none"])
    assert answer["SuccessfulSubmissions"] == [{"JobName": "job", "JobRunId": run_id}]
    assert [error["ErrorDetail"]["ErrorCode"] for error in answer["Errors"]] == ["EntityNotFoundException"]
    assert world.ended("job", run_id)["JobRunState"] == "STOPPED"
    (error,) = world.ask("BatchStopJobRun", JobName="job", JobRunIds=[run_id])["Errors"]
    assert error["ErrorDetail"]["ErrorCode"] == "JobRunInTerminalStateException"
    assert len(world.ask("GetJobRuns", JobName="job")["JobRuns"]) == 1


def test_when_as_many_runs_as_allowed_are_under_way_another_is_refused_until_one_ends(world: World) -> None:
    world.define("job", FOREVER, ExecutionProperty={"MaxConcurrentRuns": 2})
    first, second = world.start("job"), world.start("job")
    told = refused("ConcurrentRunsExceededException", world, "StartJobRun", JobName="job")
    assert told == "Concurrent runs exceeded for job"
    world.ask("BatchStopJobRun", JobName="job", JobRunIds=[first])
    world.ended("job", first)
    third = world.start("job")
    world.ask("BatchStopJobRun", JobName="job", JobRunIds=[second, third])
    for run_id in (second, third):
        world.ended("job", run_id)


def test_when_a_failed_run_has_a_retry_no_other_run_takes_its_place(world: World) -> None:
    script = ONCE.format(mark=str(world.folder / "mark"), then="time.sleep(600)")
    world.define("job", script, MaxRetries=1)
    first = world.start("job")
    end = time.monotonic() + SECONDS
    while world.run("job", first)["JobRunState"] != "FAILED":
        refused("ConcurrentRunsExceededException", world, "StartJobRun", JobName="job")
        assert time.monotonic() < end
    refused("ConcurrentRunsExceededException", world, "StartJobRun", JobName="job")
    world.ask("BatchStopJobRun", JobName="job", JobRunIds=[f"{first}_attempt_1"])
    assert world.ended("job", f"{first}_attempt_1")["JobRunState"] == "STOPPED"


def test_when_runs_are_many_they_come_newest_first_in_pages(world: World) -> None:
    world.define("job", "", ExecutionProperty={"MaxConcurrentRuns": 9})
    world.define("other", "")
    ids = [world.start("job") for _ in range(5)]
    world.ended("other", world.start("other"))
    world.attempts("job", 5)
    pages: list[list[str]] = []
    token: dict[str, str] = {}
    while True:
        page = world.ask("GetJobRuns", JobName="job", MaxResults=2, **token)
        pages.append([run["Id"] for run in page["JobRuns"]])
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert [len(page) for page in pages] == [2, 2, 1]
    assert sorted(run_id for page in pages for run_id in page) == sorted(ids)
    assert pages[0][0] == ids[-1]
    refused("InvalidInputException", world, "GetJobRuns", JobName="job", NextToken="x")
    refused("InvalidInputException", world, "GetJobRuns", JobName="job", MaxResults=201)
    refused("EntityNotFoundException", world, "GetJobRuns", JobName="none")


def test_when_a_job_or_a_run_is_not_there_it_is_said_so(world: World) -> None:
    world.define("job", "")
    assert refused("EntityNotFoundException", world, "StartJobRun", JobName="none") == "Job with name: none not found."
    refused("EntityNotFoundException", world, "GetJobRun", JobName="job", RunId="jr_none")
    for operation in ("GetJobBookmark", "ResetJobBookmark"):
        told = refused("EntityNotFoundException", world, operation, JobName="job")
        assert told == "Continuation for job job not found"


@pytest.mark.parametrize(
    ("payload", "told"),
    [
        ({"Arguments": {"--extra-jars": "s3://b/a.jar"}}, "--extra-jars"),
        ({"Arguments": {"--enable-glue-datacatalog": "true"}}, "--enable-glue-datacatalog"),
        ({"Arguments": {"--additional-python-modules": "no-such-module-here==1"}}, "no-such-module-here==1"),
        ({"Arguments": {"--job-language": "scala"}}, "Scala"),
        ({"Arguments": {"--conf": "spark.a"}}, "--conf spark.a"),
        ({"JobRunQueuingEnabled": True}, "JobRunQueuingEnabled"),
        ({"ExecutionRoleSessionPolicy": "{}"}, "ExecutionRoleSessionPolicy"),
    ],
)
def test_when_a_run_asks_for_what_is_not_served_it_is_refused_by_name(
    world: World, payload: dict[str, Any], told: str
) -> None:
    world.define("job", "")
    assert told in refused("InvalidInputException", world, "StartJobRun", JobName="job", **payload)
    assert world.ask("GetJobRuns", JobName="job")["JobRuns"] == []


def test_when_a_command_is_no_script_of_ours_it_is_refused_by_name(world: World) -> None:
    world.define("job", "")
    world.definitions["job"]["Command"]["Name"] = "glueray"
    assert "glueray" in refused("InvalidInputException", world, "StartJobRun", JobName="job")


def test_when_a_run_brings_modules_and_files_the_script_finds_them(world: World) -> None:
    world.scripts |= {"lib/helper.py": "WORD = 'helped'\n", "data/words.txt": "read"}
    world.define("job", "import helper\nprint(helper.WORD, open('words.txt').read())\n")
    arguments = {"--extra-py-files": "s3://code/lib/helper.py", "--extra-files": "s3://code/data/words.txt"}
    run_id = world.start("job", Arguments=arguments)
    assert world.ended("job", run_id)["JobRunState"] == "SUCCEEDED"
    assert world.events["/aws-glue/python-jobs/output", run_id] == ["helped read"]


def test_when_a_script_runs_it_sees_its_role_and_the_endpoint_and_nothing_of_the_host(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOST_SECRET", "x")
    run = world.finish("job", "import os\nfor name in sorted(os.environ):\n    print(name, os.environ[name])\n")
    lines = world.events["/aws-glue/python-jobs/output", run["Id"]]
    assert {"AWS_ACCESS_KEY_ID AKIA", "AWS_SESSION_TOKEN token", "AWS_ENDPOINT_URL http://127.0.0.1:1"} <= set(lines)
    assert not any(line.startswith(("HOST_SECRET", "JAVA_HOME", "LAB_")) for line in lines)


def test_when_output_is_long_every_line_arrives_in_order(world: World) -> None:
    run = world.finish("job", "for n in range(12_000):\n    print(n)\nprint('x' * 500_000)\n")
    lines = world.events["/aws-glue/python-jobs/output", run["Id"]]
    assert lines[:12_000] == [str(number) for number in range(12_000)]
    assert "".join(lines[12_000:]) == "x" * 500_000


def test_when_it_crashed_the_process_it_left_is_ended_and_the_run_failed_or_is_tried_again(world: World) -> None:
    for name, retries in (("once", 0), ("twice", 1)):
        world.define(name, FOREVER, MaxRetries=retries)
    ids = {name: world.start(name) for name in ("once", "twice")}
    for run_id in ids.values():
        world.says(run_id, "begun")
    pids = [run["_process"]["pid"] for run in world.jobs._history.active()]
    assert all(processes.birth(pid) for pid in pids)

    world.jobs._closing = True  # a crash starts and writes nothing more
    world.jobs._history._file = world.folder / "of-the-crashed.json"
    world.jobs = Jobs(world.context, world.tell)
    assert all(processes.birth(pid) is None for pid in pids)
    world.jobs.start()
    told = "The service restarted while the run was under way."
    for name, run_id in ids.items():
        found = world.ended(name, run_id)
        assert (found["JobRunState"], found["ErrorMessage"]) == ("FAILED", told)
    assert len(world.ask("GetJobRuns", JobName="once")["JobRuns"]) == 1
    again = f"{ids['twice']}_attempt_1"
    world.says(again, "begun")
    world.ask("BatchStopJobRun", JobName="twice", JobRunIds=[again])
    world.ended("twice", again)


def test_when_a_number_was_given_to_another_process_that_one_lives_on() -> None:
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    try:
        processes.end({"pid": other.pid, "birth": "of another one"})
        assert other.poll() is None
        processes.end({"pid": other.pid, "birth": processes.birth(other.pid)})
        assert other.wait(SECONDS) == -9
    finally:
        if other.poll() is None:
            os.killpg(other.pid, 9)
