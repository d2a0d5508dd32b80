"""Synthesised templates, shared by the whole run: jsii takes seconds to start, so every context is made once."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CDK = Path(__file__).resolve().parents[2] / "infra" / "cdk"
sys.path.insert(0, str(CDK))  # the app runs in its own folder and imports by bare names

Synth = Callable[..., dict[str, Any]]
ACCOUNT = "111122223333"


def synthesise(folder: Path, keys: dict[str, str]) -> None:
    """Write the cloud assembly of a context into a folder."""
    import aws_cdk as cdk
    from app import build

    context = json.loads((CDK / "cdk.json").read_text())["context"]
    given = {"account": ACCOUNT, "region": "ap-northeast-1", **keys}
    app = cdk.App(context=context | given, outdir=str(folder), analytics_reporting=False)
    build(app, {})
    app.synth()


@pytest.fixture(scope="session")
def synth(tmp_path_factory: pytest.TempPathFactory) -> Synth:
    """Return a function: stack id and context keys to the stack's template."""
    made: dict[str, Path] = {}

    def template(stack: str, **keys: str) -> dict[str, Any]:
        key = json.dumps(keys, sort_keys=True)
        if key not in made:
            made[key] = tmp_path_factory.mktemp("assembly")
            synthesise(made[key], keys)
        document: dict[str, Any] = json.loads((made[key] / f"{stack}.template.json").read_text())
        return document

    return template


@pytest.fixture(scope="session")
def level1(synth: Synth) -> dict[str, Any]:
    """Level 1 with the connector, feeding one stage."""
    return synth("level1", dynamodbConnector="true", feedStages="staging")


@pytest.fixture(scope="session")
def level2(synth: Synth) -> dict[str, Any]:
    """Level 2, stage staging."""
    return synth("level2")


@pytest.fixture(scope="session")
def datastreamer(synth: Synth) -> dict[str, Any]:
    """The datastreamer, stage staging."""
    return synth("datastreamer")
