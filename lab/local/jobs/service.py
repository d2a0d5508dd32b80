"""The operations of job runs. Job definitions stay with the catalogue's own service."""

from __future__ import annotations

import json
import threading
import uuid
from pathlib import Path
from typing import Any, Final

from lab.local.context import Context
from lab.local.edge import Call, Operation
from lab.local.errors import AwsError
from lab.local.jobs.run import Process

ACTIVE: Final = ("STARTING", "RUNNING", "STOPPING")
MINUTES: Final = 480
KEPT: Final = 200


class Jobs:
    """Job runs of one embedded AWS: ``operations`` for the edge, start and stop as a worker."""

    def __init__(self, context: Context) -> None:
        self._context = context
        folder = context.state / "jobs"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = folder / "runs.json"
        self._lock = threading.RLock()
        self._runs: dict[str, dict[str, Any]] = _read(self._file)
        self._processes: dict[str, Process] = {}
        self._threads: list[threading.Thread] = []
        for run in self._runs.values():
            if run["JobRunState"] in ACTIVE:
                run |= {"JobRunState": "FAILED", "ErrorMessage": "The service restarted while the run was under way."}

    @property
    def operations(self) -> dict[str, Operation]:
        """What is served of Glue."""
        return {
            "StartJobRun": self._start,
            "GetJobRun": self._get,
            "GetJobRuns": self._list,
            "BatchStopJobRun": self._stop,
        }

    def start(self) -> None:
        """Nothing runs until it is asked for."""

    def stop(self, deadline: float) -> None:
        """End the runs under way."""
        for process in list(self._processes.values()):
            process.stop()
        for thread in self._threads:
            thread.join(deadline)

    def _start(self, call: Call) -> dict[str, Any]:
        name = call.payload["JobName"]
        glue = self._context.service_client("glue")
        try:
            job = glue.get_job(JobName=name)["Job"]
        except glue.exceptions.EntityNotFoundException:
            raise AwsError("EntityNotFoundException", f"Job {name} not found") from None
        with self._lock:
            active = [run for run in self._runs.values() if run["JobName"] == name and run["JobRunState"] in ACTIVE]
            most = job.get("ExecutionProperty", {}).get("MaxConcurrentRuns", 1)
            if len(active) >= most:
                raise AwsError("ConcurrentRunsExceededException", f"Concurrent runs exceeded for {name}")
            run_id = f"jr_{uuid.uuid4().hex}{uuid.uuid4().hex}"
            arguments = {**job.get("DefaultArguments", {}), **call.payload.get("Arguments", {})}
            self._runs[run_id] = self._new(job, run_id, call.payload.get("Arguments", {}), call.payload)
            process = self._processes[run_id] = Process(self._context, job, run_id, arguments)
            self._save()
        minutes = call.payload.get("Timeout") or job.get("Timeout") or MINUTES
        thread = threading.Thread(target=self._watch, args=(run_id, process, minutes * 60.0), daemon=True)
        self._threads = [item for item in self._threads if item.is_alive()] + [thread]
        thread.start()
        return {"JobRunId": run_id}

    def _new(
        self, job: dict[str, Any], run_id: str, arguments: dict[str, str], payload: dict[str, Any]
    ) -> dict[str, Any]:
        now = self._context.now()
        return {
            "Id": run_id,
            "Attempt": 0,
            "JobName": job["Name"],
            "StartedOn": now,
            "LastModifiedOn": now,
            "JobRunState": "STARTING",
            "Arguments": arguments,
            "ExecutionTime": 0,
            "Timeout": payload.get("Timeout") or job.get("Timeout") or MINUTES,
            "LogGroupName": "/aws-glue/jobs",
            "GlueVersion": job.get("GlueVersion", ""),
            "WorkerType": job.get("WorkerType", "G.1X"),
            "NumberOfWorkers": job.get("NumberOfWorkers", 2),
        }

    def _watch(self, run_id: str, process: Process, seconds: float) -> None:
        began = self._context.now()
        self._change(run_id, JobRunState="RUNNING")
        try:
            status, cause = process.execute(seconds)
        except Exception as error:  # the script could not be read or started: AWS tells it as the run's error
            status, cause = -1, f"{type(error).__name__}: {error}"
        now = self._context.now()
        end = {"CompletedOn": now, "ExecutionTime": round(now - began)}
        if process.stopped:
            self._change(run_id, JobRunState="STOPPED", **end)
        elif process.timed_out:
            self._change(run_id, JobRunState="TIMEOUT", ErrorMessage="Job run timed out.", **end)
        elif status:
            self._change(run_id, JobRunState="FAILED", ErrorMessage=cause or f"exit status {status}", **end)
        else:
            self._change(run_id, JobRunState="SUCCEEDED", **end)
        self._processes.pop(run_id, None)

    def _change(self, run_id: str, **members: Any) -> None:
        with self._lock:
            self._runs[run_id] |= {**members, "LastModifiedOn": self._context.now()}
            self._save()

    def _get(self, call: Call) -> dict[str, Any]:
        run = self._runs.get(call.payload["RunId"])
        if run is None or run["JobName"] != call.payload["JobName"]:
            raise AwsError("EntityNotFoundException", f"Job run {call.payload['RunId']} not found")
        return {"JobRun": run}

    def _list(self, call: Call) -> dict[str, Any]:
        runs = [run for run in self._runs.values() if run["JobName"] == call.payload["JobName"]]
        return {"JobRuns": sorted(runs, key=lambda run: -run["StartedOn"])[: call.payload.get("MaxResults", KEPT)]}

    def _stop(self, call: Call) -> dict[str, Any]:
        done, errors = [], []
        for run_id in call.payload["JobRunIds"]:
            process = self._processes.get(run_id)
            if process is None:
                detail = {"ErrorCode": "JobRunNotInTerminalState", "ErrorMessage": "The run is not under way"}
                errors.append({"JobName": call.payload["JobName"], "JobRunId": run_id, "ErrorDetail": detail})
                continue
            self._change(run_id, JobRunState="STOPPING")
            process.stop()
            done.append({"JobName": call.payload["JobName"], "JobRunId": run_id})
        return {"SuccessfulSubmissions": done, "Errors": errors}

    def _save(self) -> None:
        part = self._file.with_suffix(".part")
        part.write_text(json.dumps(self._runs))
        part.replace(self._file)


def _read(path: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    return document
