"""Every template that can be synthesised is linted, and every finding of cdk-nag is either mended or explained."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from tests.infra.conftest import ACCOUNT, CDK

Template = dict[str, Any]
USER = f"arn:aws:quicksight:ap-northeast-1:{ACCOUNT}:user/default/teacher"
CONNECTOR = {"dynamodbConnector": "true"}
QUICKSIGHT = {**CONNECTOR, "exposeQuickSight": "true", "quickSightPrincipal": USER}
TOLD = {"alarmEmail": "teacher@example.com", "monthlyBudgetUsd": "10", "prefix": "ann"}
OFF = {"etlScheduleState": "DISABLED", "scoringScheduleState": "DISABLED", "firehoseBufferSeconds": "0"}
FLAGS: dict[str, tuple[tuple[dict[str, str], ...], ...]] = {
    "level1": (({}, CONNECTOR, QUICKSIGHT), ({}, {"feedStages": "prod,staging"}), ({}, TOLD)),
    "datastreamer": (({}, OFF), ({}, TOLD)),
    "level2": (({}, OFF), ({}, TOLD)),
}
"""For each stack the settings that change which resources it has; one of each group holds."""
CASES = [
    (stack, reduce(or_, flags, {"stage": stage}))
    for stack, groups in FLAGS.items()
    for stage in ("prod", "staging")
    for flags in itertools.product(*groups)
]


@pytest.mark.parametrize(("stack", "keys"), CASES, ids=lambda part: part if isinstance(part, str) else ",".join(part))
def test_cfn_lint_finds_nothing(synth: Callable[..., Template], stack: str, keys: dict[str, str]) -> None:
    template = synth(stack, stackSettings=json.dumps({stack: keys}))
    found = lint(json.dumps(template), config=ManualArgs(regions=["ap-northeast-1"]))
    assert [f"{match.rule.id} {match.message}" for match in found] == []


def test_every_stack_is_linted() -> None:
    from app import STACKS

    assert set(FLAGS) == set(STACKS)


@pytest.mark.parametrize("flags", [{}, QUICKSIGHT | TOLD | {"feedStages": "prod"}], ids=["plain", "everything"])
def test_cdk_nag_finds_nothing_that_is_not_explained(flags: dict[str, str], tmp_path: Path) -> None:
    import aws_cdk as cdk
    from app import build
    from cdk_nag import AwsSolutionsChecks

    context = json.loads((CDK / "cdk.json").read_text())["context"]
    given = {"account": ACCOUNT, "region": "ap-northeast-1", "stage": "prod", **flags}
    app = cdk.App(context=context | given, outdir=str(tmp_path), analytics_reporting=False)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    build(app, {})
    app.synth()  # raises with the findings
