"""Fifteen hundred broken and odd inputs; the command beside this file sends ten thousand and more."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import target
from lab.local import server
from tests.local.fuzz.run import SHARES, Fuzz

COUNT = 1500


@pytest.fixture
def fuzz(tmp_path: Path) -> Iterator[Fuzz]:
    """An embedded AWS of its own: what is made at random is nobody else's."""
    saved, root = dict(os.environ), tmp_path / "lab"
    os.environ.update({"LAB_STATE": str(root), "LAB_TARGET": "local"})
    try:
        running = server.start(root, target.DEFAULT_REGION)
        os.environ.update(target.environment())
        yield Fuzz(running, target.environment(), 7)
        assert server.status(root) is not None, "it still runs"
    finally:
        server.stop(root)
        os.environ.clear()
        os.environ.update(saved)
        shutil.rmtree(root, ignore_errors=True)


@pytest.mark.slow
def test_whatever_is_sent_is_answered_or_refused_as_aws_refuses(fuzz: Fuzz) -> None:
    sent = fuzz.run(COUNT)
    assert set(sent) == set(SHARES)
    assert sum(sent.values()) >= COUNT - len(SHARES)
