"""The record of job runs: what GetJobRun shows, kept in one file that is replaced whole."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from lab.local.jobs.parameters import LOG_GROUPS, PYTHON, SPARK, default_minutes
from lab.local.paths import read, write_private

ACTIVE: Final = ("STARTING", "RUNNING", "STOPPING", "WAITING")
MOST_RUNS: Final = 1000
_PROCESS: Final = "_process"


class History:
    """The runs of all jobs. Take ``lock`` around a decision and the change that it leads to."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = folder / "runs.json"
        self.lock = threading.RLock()
        self._runs: dict[str, dict[str, Any]] = (read(self._file) or {}).get("runs", {})

    def add(self, run: dict[str, Any]) -> None:
        """Keep a new run; the oldest ended ones make room."""
        with self.lock:
            ended = [key for key, item in self._runs.items() if item["JobRunState"] not in ACTIVE]
            for key in ended[: max(0, len(self._runs) + 1 - MOST_RUNS)]:
                del self._runs[key]
            self._runs[run["Id"]] = run
            self._save()

    def change(self, run_id: str, now: float, **members: Any) -> None:
        """Set members of a run."""
        with self.lock:
            self._runs[run_id] |= {**members, "LastModifiedOn": now}
            self._save()

    def find(self, job: str, run_id: str) -> dict[str, Any] | None:
        """Return a copy of a run of a job."""
        with self.lock:
            found = self._runs.get(run_id)
            return dict(found) if found is not None and found["JobName"] == job else None

    def of(self, job: str) -> list[dict[str, Any]]:
        """Return copies of the runs of a job, newest first."""
        with self.lock:
            return sorted(
                (dict(run) for run in self._runs.values() if run["JobName"] == job),
                key=lambda run: (run["StartedOn"], run["Attempt"], run["Id"]),
                reverse=True,
            )

    def active(self, job: str | None = None) -> list[dict[str, Any]]:
        """Return the runs under way, of one job or of all."""
        with self.lock:
            return [
                run
                for run in self._runs.values()
                if run["JobRunState"] in ACTIVE and (job is None or run["JobName"] == job)
            ]

    def _save(self) -> None:
        write_private(self._file, {"runs": self._runs})


def new(job: Mapping[str, Any], run_id: str, payload: Mapping[str, Any], now: float) -> dict[str, Any]:
    """Return the record of a first attempt.

    Parameters: job, its definition; payload, the request.
    Source: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-runs.html
    """
    found = {
        "Id": run_id,
        "Attempt": 0,
        "JobName": job["Name"],
        "StartedOn": now,
        "LastModifiedOn": now,
        "JobRunState": "STARTING",
        "Arguments": payload.get("Arguments", {}),
        "PredecessorRuns": [],
        "ExecutionTime": 0,
        "Timeout": payload.get("Timeout") or job.get("Timeout") or default_minutes(job),
        "LogGroupName": LOG_GROUPS.get(job["Command"].get("Name", SPARK), LOG_GROUPS[SPARK]),
        "GlueVersion": job.get("GlueVersion") or ("" if job["Command"].get("Name") == PYTHON else "5.1"),
    }
    if job["Command"].get("Name") == PYTHON:
        return {**found, "MaxCapacity": float(payload.get("MaxCapacity") or job.get("MaxCapacity") or 0.0625)}
    workers = payload.get("NumberOfWorkers") or job.get("NumberOfWorkers") or 2
    worker = payload.get("WorkerType") or job.get("WorkerType") or "G.1X"
    capacity = {"WorkerType": worker, "NumberOfWorkers": workers, "MaxCapacity": float(workers)}
    return {**found, **capacity, "AllocatedCapacity": workers, "ExecutionClass": "STANDARD"}


def retry(failed: Mapping[str, Any], now: float) -> dict[str, Any]:
    """Return the record of the attempt after a failed one: an id and a record of its own that name the failed one."""
    attempt = failed["Attempt"] + 1
    left_out = ("CompletedOn", "ErrorMessage", _PROCESS)
    return {
        **{member: value for member, value in failed.items() if member not in left_out},
        "Id": f"{failed['Id'].partition('_attempt_')[0]}_attempt_{attempt}",
        "Attempt": attempt,
        "PreviousRunId": failed["Id"],
        "StartedOn": now,
        "LastModifiedOn": now,
        "JobRunState": "STARTING",
        "ExecutionTime": 0,
    }


def shown(run: Mapping[str, Any]) -> dict[str, Any]:
    """Return a run as the API shows it."""
    return {member: value for member, value in run.items() if not member.startswith("_")}
