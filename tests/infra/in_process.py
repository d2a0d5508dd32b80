"""Synthesis in this process, whose CDK has started already; what is deployed is the same assembly."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from lab import cdk
from tests.infra.conftest import synthesise


@pytest.fixture
def quick_synthesis(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let lab.cdk synthesise here instead of in a process of its own."""

    def synthesise_here(contexts: Mapping[str, Mapping[str, str]], folder: Path) -> cdk.Assembly:
        shutil.rmtree(folder, ignore_errors=True)
        synthesise(folder, {"stackSettings": json.dumps(contexts)})
        return cdk.Assembly(folder)

    monkeypatch.setattr(cdk, "synthesise", synthesise_here)
