"""How a run ends by itself: what the script was given, what it said, and how often it is tried again."""

from __future__ import annotations

import re

import pytest

from tests.local.jobs.world import ONCE, World


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
