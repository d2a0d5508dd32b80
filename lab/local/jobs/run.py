"""One run of a job: fetch the script, start a process, watch it, send on what it says."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from lab.local.context import Caller, Context
from lab.local.jobs import cause
from lab.local.jobs.log_streams import LogStreams
from lab.local.jobs.parameters import PYTHON, Parameters
from lab.local.jobs.processes import Group
from lab.local.spark import conf

CALLER: Final = Caller("glue.amazonaws.com")
"""Glue does not say for which job it assumes a role."""
ERROR_TAIL: Final = 64_000

logger = logging.getLogger("lab.jobs")


class Run:
    """The process of a run.

    Parameters: job, its definition; parameters, of this run; started, told how to find the process again.
    stopped, timed_out: why it ended, when it did not end itself.
    """

    def __init__(
        self,
        context: Context,
        job: Mapping[str, Any],
        run_id: str,
        parameters: Parameters,
        started: Callable[[dict[str, Any]], None],
    ) -> None:
        self._context = context
        self._job = job
        self._run_id = run_id
        self._parameters = parameters
        self._started = started
        self._role = context.role_arn(str(job["Role"]))
        self._folder = context.state / "jobs" / run_id
        self._group: Group | None = None
        self._lock = threading.Lock()
        self.stopped = False
        self.timed_out = False

    def execute(self, seconds: float) -> tuple[int, str]:
        """Run to the end, or to the timeout, and return the exit status and why it is not 0.

        Raises: botocore's ClientError when the script cannot be read under the job's role, AwsError when the role does
        not let Glue take it.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        scratch = self._folder / "scratch"
        scratch.mkdir(exist_ok=True)
        script = self._fetch(self._parameters.script, self._folder / "code")
        for url in self._parameters.files:
            self._fetch(url, self._folder)
        environment = self._environment(scratch, [self._fetch(url, scratch) for url in self._parameters.modules])
        logs = self._logs()
        with self._lock:
            if self.stopped:
                return -1, ""
            self._group = Group([sys.executable, str(script), *self._parameters.words], self._folder, environment)
            self._started(self._group.identity)
        status = self._group.wait(seconds, logs.ship)
        logs.finish()
        if logs.refused:
            logger.warning("job run %s: its logs: %s", self._run_id, logs.refused)
        shutil.rmtree(scratch, ignore_errors=True)
        self.timed_out = status is None and not self.stopped
        return (0, "") if status == 0 else (-1 if status is None else status, self._cause(status or -1))

    def stop(self) -> None:
        """End the run's whole process group."""
        with self._lock:
            self.stopped = True
        if self._group is not None:
            self._group.kill()

    def _fetch(self, url: str, folder: Path) -> Path:
        """Copy an object under the job's role into a folder, under its own name."""
        bucket, _, key = url.removeprefix("s3://").partition("/")
        client = self._context.role_client(self._role, CALLER, "s3")
        content: bytes = client.get_object(Bucket=bucket, Key=key)["Body"].read()
        folder.mkdir(exist_ok=True)
        path = folder / key.rpartition("/")[2]
        path.write_bytes(content)
        return path

    def _logs(self) -> LogStreams:
        client = self._context.role_client(self._role, CALLER, "logs")
        return LogStreams(client, self._parameters.log_groups, self._run_id, self._folder, self._context.now)

    def _environment(self, scratch: Path, modules: list[Path]) -> dict[str, str]:
        """Return nothing but what the script needs: no variable of this process leads it elsewhere."""
        granted = self._context.assume(self._role, CALLER)
        paths = dict.fromkeys(str(path.parent if path.suffix == ".py" else path) for path in modules)
        return {
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), "/usr/bin", "/bin")),
            "HOME": str(scratch),
            "TMPDIR": str(scratch),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "PYTHONUNBUFFERED": "1",
            **({"PYTHONPATH": os.pathsep.join(paths)} if paths else {}),
            **({} if self._job["Command"].get("Name") == PYTHON else self._spark(scratch)),
            "AWS_ENDPOINT_URL": self._context.endpoint,
            "AWS_ACCESS_KEY_ID": granted.access_key_id,
            "AWS_SECRET_ACCESS_KEY": granted.secret_access_key,
            **({"AWS_SESSION_TOKEN": granted.session_token} if granted.session_token else {}),
            "AWS_REGION": self._context.region,
            "AWS_DEFAULT_REGION": self._context.region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def _spark(self, scratch: Path) -> dict[str, str]:
        folder = self._folder / "conf"
        conf.write(folder, self._context.endpoint, self._context.region, scratch, self._parameters.spark)
        return conf.variables(folder)

    def _cause(self, status: int) -> str:
        with (self._folder / "error").open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - ERROR_TAIL))
            return cause.of(file.read().decode(errors="replace"), status)
