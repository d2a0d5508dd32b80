"""Fixtures of all rooms. AWS in tests is the embedded AWS, over its endpoint."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

from lab import target
from lab.local import server

BROWSER = "tests/browser"

# No test of ours asks how long an example takes: a busy machine must not fail it.
settings.register_profile("lab", settings.default, deadline=None)
settings.load_profile("lab")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what asks the embedded AWS, so that the fast part can leave it out."""
    for item in items:
        if "aws" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.aws)


class OneBrowser(LoadFileScheduling):
    """Hands tests out file by file, but those of the browser together: what they look at takes minutes to make."""

    def _split_scope(self, nodeid: str) -> str:
        path = super()._split_scope(nodeid)
        return BROWSER if path.startswith(f"{BROWSER}/") else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneBrowser | None:
    """Schedule ``--dist loadfile`` so; every other way is xdist's own.

    Source: https://github.com/pytest-dev/pytest-xdist/pull/89
    """
    return OneBrowser(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that skips itself: what did not run has shown nothing."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped: a test runs, or it fails"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Fail a file that skips itself as a whole."""
    report = yield
    if report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was skipped: its tests run, or they fail"
    return report


@dataclass(frozen=True)
class EmbeddedAws:
    """An embedded AWS for tests. root: its state folder; environment: the variables of `lab env`."""

    root: Path
    running: server.Running
    environment: dict[str, str]

    def client(self, service: str) -> Any:
        """Return a boto3 client of the person's user."""
        return target.client(service)


@contextmanager
def embedded_aws(root: Path) -> Iterator[EmbeddedAws]:
    """Run an embedded AWS with a state folder of its own; the environment points to it meanwhile."""
    saved = dict(os.environ)
    os.environ["LAB_STATE"] = str(root)
    os.environ["LAB_TARGET"] = "local"
    try:
        running = server.start(root, target.DEFAULT_REGION)
        variables = target.environment()
        os.environ.update(variables)
        yield EmbeddedAws(root, running, variables)
    finally:
        server.stop(root)
        os.environ.clear()
        os.environ.update(saved)
        shutil.rmtree(root, ignore_errors=True)


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    """One embedded AWS for the whole run: share it, use names of your own, remove what you make."""
    with embedded_aws(tmp_path_factory.mktemp("lab")) as account:
        yield account
