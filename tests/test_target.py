"""The target: what tells one AWS from another."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lab import target
from tests import account
from tests.conftest import EmbeddedAws


def test_an_account_is_the_same_whoever_signs_in_and_another_in_another_region(
    aws: EmbeddedAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_home = target.identity()
    variables = account.signed_in(tmp_path)
    for name in set(os.environ) - set(variables):
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_REGION", aws.running.region)
    assert target.identity() == f"aws {aws.running.account} {aws.running.region}"
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert target.identity() == f"aws {aws.running.account} eu-west-1"
    assert at_home.startswith("local ")
    assert at_home.endswith(aws.environment["AWS_ACCESS_KEY_ID"])


def test_the_embedded_aws_has_no_identity_while_it_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_TARGET", "local")
    monkeypatch.setenv("LAB_STATE", str(tmp_path))
    with pytest.raises(target.LabError, match="lab up"):
        target.identity()
