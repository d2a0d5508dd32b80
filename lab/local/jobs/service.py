"""The operations of job runs. Job definitions stay with the catalogue's own service.

Source: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-runs.html
"""

from __future__ import annotations

import threading
import uuid
from typing import Any, Final

from lab.local.context import Context
from lab.local.edge import Call, Operation
from lab.local.errors import AwsError
from lab.local.jobs import history, parameters, processes, state_change, unserved
from lab.local.jobs.run import Run
from lab.local.service_events import Tell

MOST_RESULTS: Final = 200
MOST_STOPS: Final = 25
MINUTE_SECONDS: Final = 60.0
INTERRUPTED: Final = "The service restarted while the run was under way."


class Jobs:
    """Job runs of one embedded AWS: ``operations`` for the edge, start and stop as a worker.

    Parameters: tell, puts an event on the bus; minute, how many seconds a minute of a timeout has; tests shorten it.
    """

    def __init__(self, context: Context, tell: Tell, minute: float = MINUTE_SECONDS) -> None:
        self._context = context
        self._tell = tell
        self._minute = minute
        self._history = history.History(context.state / "jobs")
        self._runs: dict[str, Run] = {}
        self._threads: list[threading.Thread] = []
        self._closing = False
        self._interrupted = self._history.active()
        for run in self._interrupted:  # what a crash left running would write beside its own retry
            if run.get("_process"):
                processes.end(run["_process"])

    @property
    def operations(self) -> dict[str, Operation]:
        """What is served of Glue."""
        return {
            "StartJobRun": self._start,
            "GetJobRun": self._get,
            "GetJobRuns": self._list,
            "BatchStopJobRun": self._stop,
            "GetJobBookmark": self._no_bookmark,
            "ResetJobBookmark": self._no_bookmark,
            **unserved.OPERATIONS,
        }

    def start(self) -> None:
        """Fail the runs that a crash interrupted; those that have retries left are tried again.

        In a thread: the definitions are asked for over the endpoint, whose loop must not wait for itself.
        """
        thread = threading.Thread(target=self._close_interrupted, name="interrupted-runs", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _close_interrupted(self) -> None:
        for run in self._interrupted:
            if run["JobRunState"] == "STOPPING":
                self._end(run, "STOPPED", "")
            else:
                self._end(run, "FAILED", INTERRUPTED)

    def stop(self, deadline: float) -> None:
        """End the runs under way."""
        self._closing = True
        for run in list(self._runs.values()):
            run.stop()
        for thread in self._threads:
            thread.join(deadline)

    def _start(self, call: Call) -> dict[str, Any]:
        name = call.payload["JobName"]
        refused = [member for member in parameters.REQUEST_UNSERVED if call.payload.get(member)]
        if refused:
            raise AwsError("InvalidInputException", f"{', '.join(refused)}: not served by this AWS.")
        job = self._job(name)
        run_id = f"jr_{uuid.uuid4().hex}{uuid.uuid4().hex}"
        record = history.new(job, run_id, call.payload, self._context.now())
        parameters.read(job, run_id, _arguments(job, record))
        with self._history.lock:
            most = job.get("ExecutionProperty", {}).get("MaxConcurrentRuns", 1)
            if len(self._history.active(name)) >= most:
                raise AwsError("ConcurrentRunsExceededException", f"Concurrent runs exceeded for {name}")
            self._begin(job, record)
        return {"JobRunId": run_id}

    def _job(self, name: str) -> dict[str, Any]:
        glue = self._context.service_client("glue")
        try:
            found: dict[str, Any] = glue.get_job(JobName=name)["Job"]
        except glue.exceptions.EntityNotFoundException:
            raise AwsError("EntityNotFoundException", f"Job with name: {name} not found.") from None
        return found

    def _begin(self, job: dict[str, Any], record: dict[str, Any]) -> None:
        """Keep a run and let its process start in a thread."""
        self._history.add(record)
        run_id = record["Id"]
        wanted = parameters.read(job, run_id, _arguments(job, record))

        def started(identity: dict[str, Any]) -> None:
            with self._history.lock:
                state = "STOPPING" if record["JobRunState"] == "STOPPING" else "RUNNING"
                self._history.change(run_id, self._context.now(), JobRunState=state, _process=identity)

        run = self._runs[run_id] = Run(self._context, job, run_id, wanted, started)
        thread = threading.Thread(target=self._watch, args=(run, record), name=run_id, daemon=True)
        self._threads = [item for item in self._threads if item.is_alive()] + [thread]
        thread.start()

    def _watch(self, run: Run, record: dict[str, Any]) -> None:
        try:
            status, cause = run.execute(record["Timeout"] * self._minute)
        except Exception as error:  # the script could not be read or started: AWS tells it as the run's error
            status, cause = -1, f"{type(error).__name__}: {error}"
        self._runs.pop(record["Id"], None)
        if run.stopped:
            self._end(record, "STOPPED", "")
        elif run.timed_out:
            self._end(record, "TIMEOUT", "Job run exceeded its timeout.")
        elif status:
            self._end(record, "FAILED", cause)
        else:
            self._end(record, "SUCCEEDED", "")

    def _end(self, record: dict[str, Any], state: str, message: str) -> None:
        """Close a run, and begin the next attempt in the same breath: no other run can come between.

        A job that failed is tried again MaxRetries times; one that timed out or was stopped is not.
        """
        now = self._context.now()
        job = self._retried(record) if state == "FAILED" else None
        members = {"JobRunState": state, "CompletedOn": now, "ExecutionTime": round(now - record["StartedOn"])}
        with self._history.lock:
            self._history.change(record["Id"], now, **members, **({"ErrorMessage": message} if message else {}))
            if job is not None:
                self._begin(job, history.retry(record, now))
        self._tell(state_change.DETAIL_TYPE, state_change.detail(record, state, message))

    def _retried(self, record: dict[str, Any]) -> dict[str, Any] | None:
        """Return the job's definition when it has a retry left, else None."""
        if self._closing:
            return None
        try:
            job = self._job(record["JobName"])
        except AwsError:  # the definition was deleted meanwhile
            return None
        return job if record["Attempt"] < int(job.get("MaxRetries") or 0) else None

    def _get(self, call: Call) -> dict[str, Any]:
        found = self._history.find(call.payload["JobName"], call.payload["RunId"])
        if found is None:
            raise AwsError("EntityNotFoundException", f"Job run {call.payload['RunId']} not found.")
        return {"JobRun": history.shown(found)}

    def _list(self, call: Call) -> dict[str, Any]:
        """Answer with the newest runs first; the token is the id of the last run shown."""
        name = call.payload["JobName"]
        size = call.payload.get("MaxResults", MOST_RESULTS)
        if not 1 <= size <= MOST_RESULTS:
            raise AwsError("InvalidInputException", f"MaxResults must be from 1 to {MOST_RESULTS}.")
        self._job(name)
        runs = self._history.of(name)
        token = call.payload.get("NextToken")
        if token:
            ids = [run["Id"] for run in runs]
            if token not in ids:
                raise AwsError("InvalidInputException", "NextToken is not one of this job's.")
            runs = runs[ids.index(token) + 1 :]
        more = {"NextToken": runs[size - 1]["Id"]} if len(runs) > size else {}
        return {"JobRuns": [history.shown(run) for run in runs[:size]], **more}

    def _stop(self, call: Call) -> dict[str, Any]:
        name, run_ids = call.payload["JobName"], call.payload["JobRunIds"]
        if not 1 <= len(run_ids) <= MOST_STOPS:
            raise AwsError("InvalidInputException", f"JobRunIds must name from 1 to {MOST_STOPS} runs.")
        done, errors = [], []
        for run_id in run_ids:
            problem = self._stop_one(name, run_id)
            if problem is None:
                done.append({"JobName": name, "JobRunId": run_id})
            else:
                errors.append({"JobName": name, "JobRunId": run_id, "ErrorDetail": problem})
        return {"SuccessfulSubmissions": done, "Errors": errors}

    def _stop_one(self, name: str, run_id: str) -> dict[str, str] | None:
        """Stop a run, or return why that cannot be."""
        with self._history.lock:
            record = self._history.find(name, run_id)
            if record is None:
                return {"ErrorCode": "EntityNotFoundException", "ErrorMessage": f"Job run {run_id} not found."}
            run = self._runs.get(run_id)
            if run is None or record["JobRunState"] not in history.ACTIVE:
                message = f"Job run {run_id} is in state {record['JobRunState']}."
                return {"ErrorCode": "JobRunInTerminalStateException", "ErrorMessage": message}
            self._history.change(run_id, self._context.now(), JobRunState="STOPPING")
        run.stop()
        return None

    def _no_bookmark(self, call: Call) -> dict[str, Any]:
        """Answer as for a job that never committed a bookmark: none can, its library is AWS's own."""
        name = call.payload["JobName"]
        self._job(name)
        raise AwsError("EntityNotFoundException", f"Continuation for job {name} not found")


def _arguments(job: dict[str, Any], record: dict[str, Any]) -> dict[str, str]:
    """Return a run's arguments over those of its job."""
    return {**job.get("DefaultArguments", {}), **record["Arguments"]}
