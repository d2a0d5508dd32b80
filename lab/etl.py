"""Watch the job: start it, follow it, read what it left: metrics, dead letters, curated files."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lab import raw, stacks, target
from lab.errors import LabError
from lab.notebook import figures

if TYPE_CHECKING:
    from matplotlib.figure import Figure

POLL_SECONDS: Final = 0.5
RETRY_SECONDS: Final = 60.0
ENDED: Final = ("SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR")
GAP: Final = 0.14  # between two bands, as a share of the whole
OUTCOMES: Final = ("written", "duplicate", "out_of_range", "rejected")


@dataclass(frozen=True)
class Run:
    """One finished run of the job. seconds: as the service counts them."""

    run_id: str
    state: str
    message: str
    seconds: float


def start(job: str, arguments: Mapping[str, str] | None = None) -> str:
    """Start a run and return its id. Raises: LabError when another one is under way."""
    client = target.client("glue")
    try:
        return str(client.start_job_run(JobName=job, Arguments=dict(arguments or {}))["JobRunId"])
    except client.exceptions.ConcurrentRunsExceededException as error:
        raise LabError(f"The job {job} runs already.", "Wait for it, or stop it.") from error


def wait_for(job: str, run_id: str, watch: Callable[[str], None] = lambda _message: None) -> Run:
    """Return a run when it has ended, well or not; one that failed and is tried again is followed to its last attempt.

    Parameters: watch, told its state and seconds.
    Source: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-runs.html (Attempt, PreviousRunId)
    """
    client = target.client("glue")
    began = time.monotonic()
    while True:
        found = client.get_job_run(JobName=job, RunId=run_id)["JobRun"]
        watch(f"{found['JobRunState'].lower()}, {time.monotonic() - began:.0f} s")
        if found["JobRunState"] in ENDED:
            again = _next_attempt(client, job, found)
            if again is None:
                return Run(
                    run_id, found["JobRunState"], found.get("ErrorMessage", ""), float(found.get("ExecutionTime", 0))
                )
            run_id = again
        time.sleep(POLL_SECONDS)


def _next_attempt(client: Any, job: str, failed: Mapping[str, Any]) -> str | None:
    """Return the id of the attempt that the service makes after a failed one, or None when it makes none."""
    if failed["JobRunState"] != "FAILED":
        return None
    if failed.get("Attempt", 0) >= client.get_job(JobName=job)["Job"].get("MaxRetries", 0):
        return None
    deadline = time.monotonic() + RETRY_SECONDS
    while time.monotonic() < deadline:
        for run in client.get_job_runs(JobName=job)["JobRuns"]:
            if run.get("PreviousRunId") == failed["Id"]:
                return str(run["Id"])
        time.sleep(POLL_SECONDS)
    return None


def stop(job: str, run_id: str) -> None:
    """Ask a run to stop."""
    target.client("glue").batch_stop_job_run(JobName=job, JobRunIds=[run_id])


def runs(stage: str) -> list[dict[str, Any]]:
    """Return the metrics of every run of a stage's job, oldest first."""
    outputs = stacks.outputs("datastreamer", stage)
    return _documents(outputs["AnalyticsBucketName"], outputs["MetricsPrefix"])


def totals(stage: str) -> dict[str, int]:
    """Return what became of all records so far: written, duplicate, out_of_range, rejected, and read."""
    found = runs(stage)
    return {name: sum(run[name] for run in found) for name in ("read", *OUTCOMES)}


def dead_letters(stage: str) -> list[dict[str, Any]]:
    """Return the records that were not stored, each with reason, object and position."""
    outputs = stacks.outputs("datastreamer", stage)
    client = target.client("s3")
    letters = []
    for key in raw.keys(outputs["AnalyticsBucketName"], outputs["DlqPrefix"]):
        content = client.get_object(Bucket=outputs["AnalyticsBucketName"], Key=key)["Body"].read()
        letters += [json.loads(line) for line in content.splitlines() if line.strip()]
    return letters


def flow(counts: Mapping[str, int]) -> Figure:
    """Draw where the records went: one band from what was read, split by outcome."""
    figure, axes = figures.new(height=3.0)
    axes.axis("off")
    colours = (figures.GOOD, figures.MUTED, figures.TEMPERATURE, figures.BAD)
    whole = max(counts["read"], 1)
    axes.bar(0, 1, width=0.12, color=figures.HUMIDITY)
    axes.text(-0.08, 0.5, f"read\n{counts['read']:,}", ha="right", va="center")
    top, end = 1.0, 1.0 + 1.5 * GAP
    for name, colour in zip(OUTCOMES, colours, strict=True):
        share = counts[name] / whole
        thick = max(share, 0.01)
        axes.fill([0.06, 0.9, 0.9, 0.06], [top, end, end - thick, top - share], color=colour, alpha=0.55)
        axes.text(0.93, end - thick / 2, f"{name.replace('_', ' ')} {counts[name]:,}", va="center")
        top -= share
        end -= thick + GAP
    axes.set(xlim=(-0.35, 1.35), ylim=(-1.8 * GAP, 1.0 + 1.8 * GAP))
    return figure


def _documents(bucket: str, prefix: str) -> list[dict[str, Any]]:
    client = target.client("s3")
    return [json.loads(client.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in raw.keys(bucket, prefix)]
