"""What Glue itself takes from a job's definition and arguments."""

from __future__ import annotations

from typing import Any

import pytest

from lab.local.errors import AwsError
from lab.local.jobs import cause, parameters

JOB: dict[str, Any] = {"Name": "job", "Command": {"Name": "glueetl", "ScriptLocation": "s3://b/script.py"}}


@pytest.mark.parametrize(
    ("job", "minutes"),
    [
        ({"GlueVersion": "5.1"}, 480),
        ({"GlueVersion": "5.0"}, 480),
        ({"GlueVersion": "4.0"}, 2880),
        ({}, 2880),
        ({"GlueVersion": "5.1", "Command": {"Name": "pythonshell"}}, 2880),
    ],
)
def test_when_nobody_says_when_to_time_out_the_version_of_glue_does(job: dict[str, Any], minutes: int) -> None:
    assert parameters.default_minutes({**JOB, **job}) == minutes


def test_when_settings_are_chained_in_one_argument_each_is_read() -> None:
    given = {
        "--conf": "spark.a.b=1 --conf spark.c=x=y",
        "--scriptLocation": "s3://b/other.py",
        "--extra-py-files": "a, b",
    }
    found = parameters.read(JOB, "jr_1", given)
    assert found.spark == {"spark.a.b": "1", "spark.c": "x=y"}
    assert found.script == "s3://b/other.py"
    assert found.modules == ("a", "b")
    assert found.words[:4] == ("--JOB_NAME", "job", "--JOB_RUN_ID", "jr_1")


@pytest.mark.parametrize(
    ("command", "chosen", "groups"),
    [
        ("glueetl", {}, "/aws-glue/jobs"),
        ("glueetl", {"--custom-logGroup-prefix": "/aws-glue/jobs/mine"}, "/aws-glue/jobs/mine"),
        ("pythonshell", {}, "/aws-glue/python-jobs"),
        ("pythonshell", {"--custom-logGroup-prefix": "/mine"}, "/aws-glue/python-jobs"),
    ],
)
def test_when_a_spark_job_chooses_its_log_groups_they_begin_so(
    command: str, chosen: dict[str, str], groups: str
) -> None:
    job = {**JOB, "Command": {**JOB["Command"], "Name": command}}
    assert parameters.read(job, "jr_1", chosen).log_groups == groups


@pytest.mark.parametrize("prefix", ["a:b", "a*", "a b", "x" * 401])
def test_when_no_log_group_can_begin_so_the_run_is_refused(prefix: str) -> None:
    with pytest.raises(AwsError, match="--custom-logGroup-prefix"):
        parameters.read(JOB, "jr_1", {"--custom-logGroup-prefix": prefix})


def test_when_a_module_is_here_already_it_needs_no_installing() -> None:
    parameters.read(JOB, "jr_1", {"--additional-python-modules": "pytest,boto3"})


def test_when_the_jvm_talks_on_after_the_traceback_the_exception_is_still_found() -> None:
    text = """24/01/01 WARN NativeCodeLoader: Unable to load
Traceback (most recent call last):
  File "script.py", line 9, in <module>
    frame.show()
pyspark.errors.exceptions.captured.AnalysisException: [PATH_NOT_FOUND] Path does not exist: s3://b/none.
24/01/01 INFO ShutdownHookManager: Shutdown hook called
"""
    told = "pyspark.errors.exceptions.captured.AnalysisException: [PATH_NOT_FOUND] Path does not exist: s3://b/none."
    assert cause.of(text, 1) == told
    assert cause.of("", 1) == "Command failed with exit code 1"
    assert len(cause.of("x" * 9000, 1)) == 2000
