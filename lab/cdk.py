"""The CDK command line, run against the target: synthesise, compare, deploy, destroy, bootstrap."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lab import synthesis, target, validation
from lab.errors import LabError

INFRA: Final = target.ROOT / "infra" / "cdk"
CLI: Final = INFRA / "node_modules" / "aws-cdk" / "bin" / "cdk"
TAIL: Final = 400
"""Lines of the command line's output that are kept to explain a failure."""
DIFF_NOISE: Final = ("✨", "could not be used to assume", "was not assumed", "(NOTE: There may be security-related")
"""Lines of `cdk diff` that say nothing about the changes."""

Watch = Callable[[str], None]


@dataclass(frozen=True)
class Assembly:
    """Synthesised templates. folder: the cloud assembly."""

    folder: Path

    def template(self, stack: str) -> dict[str, Any]:
        """Return a stack's template.

        Parameters: stack, its id in the app, such as ``level1``.
        """
        document: dict[str, Any] = json.loads((self.folder / f"{stack}.template.json").read_text())
        return document

    def stack_name(self, stack: str) -> str:
        """Return a stack's name in CloudFormation."""
        return str(self._artifact(stack).get("stackName", stack))

    def environment(self, stack: str) -> str:
        """Return where a stack belongs, ``aws://ACCOUNT/REGION``; nothing when there is no assembly."""
        manifest = self.folder / "manifest.json"
        if not manifest.exists():
            return ""
        return str(json.loads(manifest.read_text())["artifacts"].get(stack, {}).get("environment", ""))

    def bootstrap_version(self, stack: str) -> int:
        """Return the bootstrap version that a stack needs at least."""
        return int(self._artifact(stack).get("requiresBootstrapStackVersion", 1))

    def _artifact(self, stack: str) -> dict[str, Any]:
        manifest = json.loads((self.folder / "manifest.json").read_text())
        properties: dict[str, Any] = manifest["artifacts"][stack]["properties"]
        return properties


def synthesise(contexts: Mapping[str, Mapping[str, str]], folder: Path) -> Assembly:
    """Make the templates of some stacks, or take them from an earlier synthesis of the same sources and settings.

    Parameters: contexts, each stack's settings by its id, with account and region; folder, where the assembly goes.
    Raises: LabError with the app's own sentence when a setting is wrong.
    """
    settings = json.dumps({stack: dict(context) for stack, context in contexts.items()}, sort_keys=True)
    key = synthesis.fingerprint(settings, os.environ)
    if synthesis.copy(key, folder):
        return Assembly(folder)
    arguments = ["synth", "--quiet", "--output", str(folder), "--context", f"stackSettings={settings}"]
    status, lines = _run(arguments, variables=offline_environment(), cwd=INFRA)
    if status:
        raise LabError(_cause(lines, "The stacks could not be synthesised."), "Mend the setting, then run it again.")
    synthesis.keep(key, folder)
    return Assembly(folder)


def diff(assembly: Assembly, stack: str) -> str:
    """Return what a deployment would change, as the CDK shows it; nothing is created to find out.

    Raises: LabError when the CDK cannot compare.
    """
    status, lines = _run(["diff", stack, "--app", str(assembly.folder), "--method", "template"])
    if status:
        raise LabError(_cause(lines, "The deployed stack could not be compared."), "Check credentials and region.")
    return "\n".join(line for line in lines if not any(noise in line for noise in DIFF_NOISE)).strip()


def deploy(assembly: Assembly, stacks: Sequence[str], watch: Watch) -> None:
    """Deploy stacks of an assembly; a failure is rolled back by CloudFormation.

    Parameters: watch, called with each line of progress.
    Raises: LabError naming the resource that failed, or those that CloudFormation refused before it began.
    """
    arguments = ["deploy", *stacks, "--app", str(assembly.folder), "--require-approval", "never"]
    status, lines = _run([*arguments, "--progress", "events"], watch=watch)
    if status:
        cause = _cause(lines, f"The deployment of {', '.join(stacks)} failed.")
        if validation.POINTER in cause:
            for stack in stacks:
                validation.check(assembly.stack_name(stack))
        raise LabError(cause, "Read the line above it.")


def destroy(assembly: Assembly, stack: str, watch: Watch) -> None:
    """Delete a stack.

    Raises: LabError naming the resource that could not be deleted.
    """
    arguments = ["destroy", stack, "--app", str(assembly.folder), "--force", "--progress", "events"]
    status, lines = _run(arguments, watch=watch)
    if status:
        raise LabError(_cause(lines, f"{stack} could not be deleted."), "Run `lab destroy` again.")


def bootstrap(account: str, region: str, watch: Watch) -> None:
    """Make what the CDK needs once in an account and region: the stack CDKToolkit.

    Raises: LabError when it fails.
    """
    status, lines = _run(["bootstrap", f"aws://{account}/{region}", "--progress", "events"], watch=watch)
    if status:
        raise LabError(_cause(lines, "The CDK bootstrap failed."), "Ask an administrator of the account for it.")


def environment() -> dict[str, str]:
    """Return the variables under which the CDK works in the target, and nothing that could lead it elsewhere."""
    variables = offline_environment() | target.environment()
    if "AWS_ENDPOINT_URL" in target.environment():
        # A profile or a session token of a real account would take the place of the endpoint's own credentials.
        for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"):
            variables.pop(name, None)
    return variables


def offline_environment() -> dict[str, str]:
    """Return the variables under which the CDK synthesises; no target is asked."""
    binaries = str(Path(sys.executable).parent)
    # A Jupyter kernel asks every program for colours, louder than --no-color; a notebook would show them as "[32m".
    plain = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "CLICOLOR_FORCE")}
    return plain | {
        "PATH": binaries + os.pathsep + os.environ.get("PATH", ""),
        # The CDK keeps a cache from access key to account; shared, another tool's entry would name a wrong account.
        "CDK_HOME": str(target.state_folder() / "cdk-home"),
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "CDK_DISABLE_VERSION_CHECK": "true",
        "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
        "NO_PROXY": "127.0.0.1,localhost",
    }


def _run(
    arguments: Sequence[str],
    *,
    variables: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    watch: Watch = lambda _line: None,
) -> tuple[int, list[str]]:
    """Run the command line; return its status and the last lines of what it printed."""
    if not CLI.exists():
        raise LabError("The CDK command line is missing.", "Run `make setup`.")
    home = target.state_folder() / "cdk-home"
    home.mkdir(parents=True, exist_ok=True)
    command = [str(Path(sys.executable).with_name("node")), str(CLI), *arguments, "--no-color", "--no-notices", "--ci"]
    kept: deque[str] = deque(maxlen=TAIL)
    # Outside infra/cdk there is no cdk.json, so that nothing but an assembly is ever run as an app.
    with subprocess.Popen(
        command,
        cwd=cwd or home,
        env=dict(variables or environment()),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            text = line.rstrip()
            if text:
                kept.append(text)
                watch(text)
    return process.returncode, list(kept)


def _cause(lines: Sequence[str], otherwise: str) -> str:
    """Return the line that explains a failure: a resource's own reason before the CDK's summary of it."""
    marks = ("CREATE_FAILED", "UPDATE_FAILED", "DELETE_FAILED")
    for line in lines:
        if any(mark in line for mark in marks) and "cancelled" not in line:
            return line.strip()
    told = [line for line in lines if "Subprocess exited" not in line and not line.startswith(("    at ", "  File "))]
    for line in reversed(told):
        if "rror" in line or "❌" in line or "expected" in line:
            return line.strip()
    return told[-1].strip() if told else otherwise
