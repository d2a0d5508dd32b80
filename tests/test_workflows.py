"""The workflows keep no key, ask for no more than they need, and run commands that exist."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab import stacks
from lab.cli import COMMANDS

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def load(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.load(path.read_text(), Loader=yaml.BaseLoader)
    return document


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_stores_no_key_and_gives_each_job_only_what_it_needs(path: Path) -> None:
    text = path.read_text()
    assert "secrets." not in text
    assert "aws-access-key-id" not in text
    document = load(path)
    assert document["permissions"] == {}
    for name, job in document["jobs"].items():
        assert set(job["permissions"]) <= {"contents", "id-token"}, name
        assert job["permissions"]["contents"] == "read"
        assert "timeout-minutes" in job
        for step in job["steps"]:
            if "uses" in step:
                assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"]), "a tag can be moved, a commit cannot"
        assumes = any("configure-aws-credentials" in step.get("uses", "") for step in job["steps"])
        assert assumes == ("id-token" in job["permissions"]), name


def test_the_pipeline_of_the_stacks_is_lint_synthesise_validate_compare_deploy_by_hand() -> None:
    document = load(ROOT / ".github" / "workflows" / "infrastructure.yml")
    jobs = document["jobs"]
    assert list(jobs) == ["validate", "diff", "deploy"]
    assert jobs["diff"]["needs"] == "validate"
    assert jobs["deploy"]["needs"] == ["validate", "diff"]
    assert jobs["deploy"]["if"] == "${{ github.event_name == 'workflow_dispatch' && !failure() && !cancelled() }}"
    assert jobs["deploy"]["environment"] == "${{ inputs.stage }}"
    inputs = document["on"]["workflow_dispatch"]["inputs"]
    assert tuple(inputs["stack"]["options"]) == stacks.STACKS
    assert sorted(inputs["stage"]["options"]) == sorted(stacks.stages())


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_command_and_test_that_a_workflow_names_is_there(path: Path) -> None:
    for job in load(path)["jobs"].values():
        for step in job["steps"]:
            words = step.get("run", "").replace('"', "").split()
            for first, second in itertools.pairwise(words):
                if first.endswith("/lab"):
                    assert second in COMMANDS
                if second.startswith("tests/"):
                    assert (ROOT / second).exists(), second
                assert "${{" not in first, "an expression in a script can be made to run anything"
