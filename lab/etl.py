"""Watch the job: start it, follow it, break it, read what it left: metrics, dead letters, checkpoint, curated files."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lab import raw, sankey, stacks, target
from lab.errors import LabError
from lab.notebook import figures

if TYPE_CHECKING:
    from matplotlib.figure import Figure

POLL_SECONDS: Final = 0.5
BREAK_SECONDS: Final = 0.1
RETRY_SECONDS: Final = 60.0
ENDED: Final = ("SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR")
LAST_LINES: Final = 20
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


def succeeded(job: str, run: Run) -> Run:
    """Return a run that succeeded. Raises: LabError with the cause that the service gives, when it did not."""
    if run.state != "SUCCEEDED":
        log = f"aws logs tail {log_group(job, 'error')} --log-stream-names {run.run_id} --since 1d"
        raise LabError(f"The job's run {run.run_id} ended as {run.state}: {run.message}", f"Its log: `{log}`.")
    return run


def log_group(job: str, stream: str) -> str:
    """Return where a job of the datastreamer writes its log. Parameters: stream, ``output`` or ``error``."""
    return f"/aws-glue/jobs/{job}/{stream}"


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


def telling(job: str, run_id: str, watch: Callable[[str], None]) -> Callable[[str], None]:
    """Return a watch that adds to each message what the run last said of its batches, from its log.

    Source: https://docs.aws.amazon.com/glue/latest/dg/monitor-continuous-logging.html
    """
    client, group = target.client("logs"), log_group(job, "output")

    def tell(message: str) -> None:
        try:
            events = client.get_log_events(logGroupName=group, logStreamName=run_id, limit=LAST_LINES)["events"]
        except client.exceptions.ResourceNotFoundException:  # it has said nothing yet
            events = []
        said = [found for event in events if (found := re.match(r"(batch \d+ of \d+): (.*)", event["message"]))]
        watch(f"{message} · {said[-1][1]}, {json.loads(said[-1][2])['read']:,} records" if said else message)

    return tell


def break_off(job: str, run_id: str, stage: str) -> Run:
    """Stop a run as soon as it has staged something: in the middle of its work. Returns it when it has ended."""
    client = target.client("glue")
    while not staged(stage) and client.get_job_run(JobName=job, RunId=run_id)["JobRun"]["JobRunState"] not in ENDED:
        time.sleep(BREAK_SECONDS)
    client.batch_stop_job_run(JobName=job, JobRunIds=[run_id])
    return wait_for(job, run_id)


def staged(stage: str) -> list[str]:
    """Return the keys of what a run has staged and not decided."""
    outputs = stacks.outputs("datastreamer", stage)
    return raw.keys(outputs["AnalyticsBucketName"], f"{outputs['CheckpointPrefix']}staging/")


def step(stage: str) -> str:
    """Return how far the last run came: begun, decided or published."""
    outputs = stacks.outputs("datastreamer", stage)
    place = {"Bucket": outputs["AnalyticsBucketName"], "Key": f"{outputs['CheckpointPrefix']}state.json"}
    return str(json.loads(target.client("s3").get_object(**place)["Body"].read())["step"])


def files(stage: str) -> dict[str, int]:
    """Return the curated files: key below the table's prefix -> bytes."""
    outputs = stacks.outputs("datastreamer", stage)
    bucket, prefix = outputs["AnalyticsBucketName"], outputs["CuratedPrefix"]
    pages = target.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return {item["Key"].removeprefix(prefix): item["Size"] for page in pages for item in page.get("Contents", [])}


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


def reasons(stage: str) -> dict[str, int]:
    """Return why records were rejected so far, and how many."""
    found: Counter[str] = Counter()
    for run in runs(stage):
        found.update(run["rejected_by_reason"])
    return dict(found)


def flow(counts: Mapping[str, int], rejected: Mapping[str, int]) -> Figure:
    """Draw the records through the stages: read, valid or not, and what became of them.

    Parameters: counts, as ``totals`` has them; rejected, as ``reasons`` has them.
    """
    refused = {"out of range": counts["out_of_range"], **{name.replace("_", " "): n for name, n in rejected.items()}}
    kept = {"rows": counts["written"], "duplicates": counts["duplicate"]}
    bands = [
        sankey.Band("read", "valid", sum(kept.values())),
        sankey.Band("read", "dead letters", sum(refused.values())),
        *(sankey.Band("valid", name, count) for name, count in kept.items()),
        *(sankey.Band("dead letters", name, count) for name, count in refused.items()),
    ]
    colours = {"read": figures.HUMIDITY, "valid": figures.GOOD, "rows": figures.GOOD, "duplicates": figures.MUTED}
    colours |= dict.fromkeys(refused, figures.BAD) | {"dead letters": figures.BAD}
    return sankey.draw([["read"], ["valid", "dead letters"], [*kept, *refused]], bands, colours)


def file_sizes(before: Mapping[str, int], after: Mapping[str, int]) -> Figure:
    """Draw the curated files of each day, one bar a file, before and after compaction.

    Parameters: before and after, as ``files`` has them.
    """
    figure, panels = figures.new(columns=2)
    panels[0].sharex(panels[1])
    days = sorted({key.rpartition("/")[0] for key in (*before, *after)})
    for axes, sizes, title in zip(panels, (before, after), ("before", "after"), strict=True):
        for row, day in enumerate(days):
            left = 0.0
            for size in (sizes[key] / 1024 for key in sorted(sizes) if key.rpartition("/")[0] == day):
                axes.barh(row, size, left=left, color=figures.HUMIDITY, edgecolor="white")
                left += size
        axes.set_yticks(range(len(days)), [re.sub(r"\w+=", "", day).replace("/", "-") for day in days])
        axes.invert_yaxis()
        figures.label(axes, "KiB, one bar a file", "", f"{title}: {len(sizes)} files")
    return figure


def _documents(bucket: str, prefix: str) -> list[dict[str, Any]]:
    client = target.client("s3")
    return [json.loads(client.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in raw.keys(bucket, prefix)]
