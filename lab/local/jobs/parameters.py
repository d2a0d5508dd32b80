"""The parameters that Glue itself takes from a job's arguments, and those that nobody here serves.

Source: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-arguments.html
"""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from lab.local.errors import AwsError

SPARK: Final = "glueetl"
PYTHON: Final = "pythonshell"
LOG_GROUPS: Final = {SPARK: "/aws-glue/jobs", PYTHON: "/aws-glue/python-jobs"}
"""What the names of log groups begin with when the job does not say."""
UNSERVED: Final = ("--extra-jars", "--datalake-formats", "--class", "--user-jars-first", "--pip-install")
"""Arguments that would change what a script can do. They are refused when the run is asked for."""

REQUEST_UNSERVED: Final = (
    "JobRunId",
    "JobRunQueuingEnabled",
    "SecurityConfiguration",
    "NotificationProperty",
    "ExecutionRoleSessionPolicy",
)


@dataclass(frozen=True)
class Parameters:
    """What Glue does with a run's arguments.

    script: s3 URL; modules, files: s3 URLs of --extra-py-files and --extra-files; spark: settings of --conf; words: the
    command line of the script; log_groups: what the names of the run's log groups begin with.
    """

    script: str
    modules: tuple[str, ...]
    files: tuple[str, ...]
    spark: Mapping[str, str]
    words: tuple[str, ...]
    log_groups: str


def read(job: Mapping[str, Any], run_id: str, arguments: Mapping[str, str]) -> Parameters:
    """Return the parameters of a run.

    Parameters: job, its definition; arguments, the run's over the job's.
    Raises: AwsError InvalidInputException that names what is not served here.
    """
    command = job["Command"].get("Name", SPARK)
    if command not in (SPARK, PYTHON):
        raise AwsError("InvalidInputException", f"Command {command} is not served by this AWS: glueetl or pythonshell.")
    if arguments.get("--job-language", "python").lower() != "python":
        raise AwsError("InvalidInputException", "Scala scripts are not served by this AWS.")
    refused = [name for name in UNSERVED if arguments.get(name)]
    if arguments.get("--enable-glue-datacatalog", "false").lower() == "true":
        refused.append("--enable-glue-datacatalog")
    if refused:
        raise AwsError("InvalidInputException", f"{', '.join(refused)}: not served by this AWS.")
    for wanted in _listed(arguments, "--additional-python-modules"):
        _check_module(wanted)
    given = {"--JOB_NAME": job["Name"], "--JOB_RUN_ID": run_id, **arguments}
    return Parameters(
        arguments.get("--scriptLocation") or job["Command"]["ScriptLocation"],
        _listed(arguments, "--extra-py-files"),
        _listed(arguments, "--extra-files"),
        _settings(arguments.get("--conf", "")),
        tuple(word for name, value in given.items() for word in (name, value)),
        _log_groups(command, arguments),
    )


def default_minutes(job: Mapping[str, Any]) -> int:
    """Return after how many minutes a run times out when neither job nor request says so: less since Glue 5.0."""
    version = str(job.get("GlueVersion") or "0")
    modern = job["Command"].get("Name", SPARK) == SPARK and version.split(".", maxsplit=1)[0].isdigit()
    return 480 if modern and int(version.split(".", maxsplit=1)[0]) >= 5 else 2880


def _log_groups(command: str, arguments: Mapping[str, str]) -> str:
    """Return what log groups begin with; only Spark jobs choose it.

    Raises: AwsError InvalidInputException for a name that CloudWatch Logs would not take.
    Source: https://docs.aws.amazon.com/glue/latest/dg/monitor-continuous-logging.html (custom logging)
    """
    chosen = arguments.get("--custom-logGroup-prefix", "") if command == SPARK else ""
    if chosen and re.fullmatch(r"[\w./#-]{1,400}", chosen, re.ASCII) is None:
        raise AwsError("InvalidInputException", f"--custom-logGroup-prefix {chosen}: at most 400 of [A-Za-z0-9_./#-].")
    return chosen or LOG_GROUPS[command]


def _listed(arguments: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in arguments.get(name, "").split(",") if part.strip())


def _settings(text: str) -> dict[str, str]:
    """Read ``a=b --conf c=d``: the console knows one argument of the name, so people chain them."""
    found = {}
    for part in re.split(r"\s*--conf\s+", text.strip()):
        name, equals, value = part.partition("=")
        if part and (not equals or not re.fullmatch(r"spark\.[\w.\-]+", name) or "\n" in value):
            raise AwsError("InvalidInputException", f"--conf {part}: expected spark.name=value.")
        if part:
            found[name] = value
    return found


def _check_module(wanted: str) -> None:
    """Refuse a module that is not here already: nothing is fetched."""
    name, _, version = wanted.partition("==")
    try:
        found = importlib.metadata.version(name)
    except (importlib.metadata.PackageNotFoundError, ValueError):
        found = ""
    if not found or (version and version != found):
        raise AwsError(
            "InvalidInputException",
            f"--additional-python-modules {wanted}: this AWS installs nothing; install it beside the lab.",
        )
