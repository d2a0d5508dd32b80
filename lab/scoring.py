"""The scheduled scoring of Level 2: let its schedules start the jobs now, read what each run counted."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from lab import etl, raw, stacks, target
from lab.errors import LabError

AHEAD_SECONDS: Final = 2
START_SECONDS: Final = 180.0
POLL_SECONDS: Final = 0.25


def score_now(stage: str, watch: Callable[[str], None] = lambda _message: None) -> etl.Run:
    """Let the scheduler start the scoring once, and return the run when it has ended.

    Raises: LabError when the scheduler does not start it.
    """
    outputs = stacks.outputs("level2", stage)
    return start_now(outputs["ScoringScheduleName"], outputs["ScoringJobName"], watch)


def tell_now(stage: str, watch: Callable[[str], None] = lambda _message: None) -> etl.Run:
    """Let the scheduler start the digest once, and return the run when it has ended.

    Raises: LabError when the scheduler does not start it.
    """
    outputs = stacks.outputs("level2", stage)
    return start_now(outputs["DigestScheduleName"], outputs["DigestJobName"], watch)


def start_now(schedule: str, job: str, watch: Callable[[str], None] = lambda _message: None) -> etl.Run:
    """Start a schedule's job through the scheduler: by a schedule of one time with the first one's target and role.

    It deletes itself; the stack's own schedule stays as it is deployed.
    Raises: LabError when no run begins within three minutes (AWS keeps times to the minute).
    Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#one-time
    """
    scheduler, glue = target.client("scheduler"), target.client("glue")
    known = _runs(glue, job)
    when = datetime.now(UTC) + timedelta(seconds=AHEAD_SECONDS)
    scheduler.create_schedule(
        Name=f"{schedule}-now-{when:%H%M%S%f}",
        ScheduleExpression=f"at({when:%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=scheduler.get_schedule(Name=schedule)["Target"],
        ActionAfterCompletion="DELETE",
    )
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        begun = _runs(glue, job) - known
        if begun:
            return etl.wait_for(job, begun.pop(), watch)
        watch("waiting for the scheduler")
        time.sleep(POLL_SECONDS)
    raise LabError(f"The scheduler did not start {job}.", "Read the dead-letter queue of the stack's schedules.")


def runs(stage: str) -> list[dict[str, Any]]:
    """Return the metrics of every run, by model version and number."""
    outputs = stacks.outputs("level2", stage)
    bucket, client = outputs["AnalyticsBucketName"], target.client("s3")
    keys = raw.keys(bucket, outputs["MetricsPrefix"])
    return [json.loads(client.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in keys]


def _runs(glue: Any, job: str) -> set[str]:
    pages = glue.get_paginator("get_job_runs").paginate(JobName=job)
    return {run["Id"] for page in pages for run in page["JobRuns"]}
