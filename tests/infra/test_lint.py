"""Every template that can be synthesised is linted, and every finding of cdk-nag is either mended or explained."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from tests.infra.conftest import ACCOUNT, CDK

Template = dict[str, Any]
USER = f"arn:aws:quicksight:ap-northeast-1:{ACCOUNT}:user/default/teacher"
FLAGS: dict[str, dict[str, str]] = {
    "plain": {},
    "connector": {"dynamodbConnector": "true", "feedStages": "prod,staging"},
    "quicksight": {"dynamodbConnector": "true", "exposeQuickSight": "true", "quickSightPrincipal": USER},
    "told": {"alarmEmail": "teacher@example.com", "monthlyBudgetUsd": "10", "prefix": "ann"},
    "lesson": {"firehoseBufferSeconds": "0", "etlScheduleState": "DISABLED", "scoringScheduleState": "DISABLED"},
}
CASES = list(itertools.product(("prod", "staging"), FLAGS))


def stacks() -> Iterator[str]:
    from app import STACKS

    yield from STACKS


@pytest.mark.parametrize(("stage", "flag"), CASES)
def test_cfn_lint_finds_nothing(synth: Callable[..., Template], stage: str, flag: str) -> None:
    for stack in stacks():
        template = synth(stack, stage=stage, **FLAGS[flag])
        found = lint(json.dumps(template), config=ManualArgs(regions=["ap-northeast-1"]))
        assert [f"{match.rule.id} {match.message}" for match in found] == [], stack


@pytest.mark.parametrize("flag", ["plain", "quicksight"])
def test_cdk_nag_finds_nothing_that_is_not_explained(flag: str, tmp_path: Path) -> None:
    import aws_cdk as cdk
    from app import build
    from cdk_nag import AwsSolutionsChecks

    context = json.loads((CDK / "cdk.json").read_text())["context"]
    given = {"account": ACCOUNT, "region": "ap-northeast-1", "stage": "prod", **FLAGS[flag]}
    app = cdk.App(context=context | given, outdir=str(tmp_path), analytics_reporting=False)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    build(app, {})
    app.synth()  # raises with the findings
