"""What is asked of runs: in pages, by name, and refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local.jobs.world import World, refused


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
