"""How a run is ended: by time, by a stop, by a crash; and how many may run beside each other."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from lab.local.jobs import Jobs, processes
from tests.local.jobs.world import FOREVER, ONCE, SECONDS, World, refused


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
    deadline = time.monotonic() + SECONDS
    while processes.birth(int(pid)) is not None and time.monotonic() < deadline:
        time.sleep(0.01)  # it was killed; it is no child of this process, so there is nothing to wait on
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
