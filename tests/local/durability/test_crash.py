"""Nothing that was acknowledged more than five seconds before ``kill -9`` is lost, in any service; consumers go on."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.local import server
from tests.local.durability.crash import Crash
from tests.local.durability.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    saved, made = dict(os.environ), World(tmp_path / "lab")
    try:
        made.start()
        made.prepare()
        yield made
    finally:
        server.stop(made.root)
        os.environ.clear()
        os.environ.update(saved)
        shutil.rmtree(made.root, ignore_errors=True)


@pytest.mark.slow
def test_when_killed_at_random_moments_nothing_acknowledged_is_lost_and_deliveries_go_on(world: World) -> None:
    crash = Crash(world, seed=20)
    crash.round()
    assert all(count > 0 for count in crash.round().values()), "every service was written to"
