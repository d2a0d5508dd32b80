"""The command line: help for everything, errors of one line with status 2."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import click
import pytest

from lab import cli
from tests import account
from tests.conftest import EmbeddedAws


def lab(*words: str, only: Mapping[str, str] = os.environ, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lab.cli", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**only, **environment},
    )


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_each_command_has_help_of_at_least_a_sentence(name: str) -> None:
    command = cli.group.get_command(click.Context(cli.group), name)
    assert command is not None
    assert command.help
    assert command.help.strip().split("\n")[0].endswith((".", ":", ")"))


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        (["env"], "lab up"),
        (["sensor", "staging", "--count", "1"], "lab up"),
        (["deploy", "level1", "--yes"], "lab up"),
        (["query", "staging", "2016-01-12"], "lab up"),
    ],
)
def test_when_the_embedded_aws_is_down_the_error_is_one_line_with_the_remedy(
    words: list[str], remedy: str, tmp_path: Path
) -> None:
    ended = lab(*words, LAB_STATE=str(tmp_path), LAB_TARGET="local")
    assert ended.returncode == 2
    assert len(ended.stderr.strip().splitlines()) == 1
    assert remedy in ended.stderr


def test_when_the_target_has_no_credentials_nothing_is_begun(tmp_path: Path) -> None:
    ended = lab(
        "deploy", "level1", "--yes",
        LAB_TARGET="aws", HOME=str(tmp_path), AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="",
        AWS_CONFIG_FILE=str(tmp_path / "none"), AWS_SHARED_CREDENTIALS_FILE=str(tmp_path / "none"),
        AWS_EC2_METADATA_DISABLED="true", AWS_ENDPOINT_URL="",
    )  # fmt: skip
    assert ended.returncode == 2
    assert "credentials" in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1


def test_when_the_target_is_unknown_the_error_names_the_two(tmp_path: Path) -> None:
    ended = lab("env", LAB_TARGET="moon", LAB_STATE=str(tmp_path))
    assert ended.returncode == 2
    assert "'local' or 'aws'" in ended.stderr


def test_when_the_command_is_unknown_the_status_is_two() -> None:
    assert lab("fly").returncode == 2


def test_status_as_json_says_that_nothing_runs(tmp_path: Path) -> None:
    ended = lab("status", "--json", LAB_STATE=str(tmp_path))
    assert (ended.returncode, ended.stdout.strip()) == (1, '{"running": false}')


def test_status_of_an_account_tells_it_and_where_devices_connect(aws: EmbeddedAws, tmp_path: Path) -> None:
    variables = account.signed_in(tmp_path)
    told = f"account  000000000000 · mqtts://127.0.0.1:{aws.running.mqtt_port} · {aws.running.region}"
    assert lab("status", only=variables).stdout.strip() == told
    assert json.loads(lab("status", "--json", only=variables).stdout) == {
        "running": True,
        "account": "000000000000",
        "region": aws.running.region,
        "mqtt_host": "127.0.0.1",
        "mqtt_port": aws.running.mqtt_port,
    }


def test_status_of_an_account_that_does_not_know_the_key_is_two(aws: EmbeddedAws, tmp_path: Path) -> None:
    variables = account.signed_in(tmp_path) | {"AWS_ACCESS_KEY_ID": "AKIAUNKNOWN", "AWS_SECRET_ACCESS_KEY": "no"}
    ended = lab("status", only=variables)
    assert ended.returncode == 2
    assert "aws sso login" in ended.stderr
