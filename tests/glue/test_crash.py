"""The job over S3A, killed where it hurts: afterwards the lake is what DuckDB computes of the raw objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.glue import crash

if TYPE_CHECKING:
    from tests.conftest import EmbeddedAws

pytestmark = [pytest.mark.spark, pytest.mark.slow]

# One lake for all: each run goes on from what the killed one before left. The command of the module kills more often,
# each time in a lake of its own.
WORST = (
    "the first new curated object",
    "the checkpoint is written",
    "between curated object and checkpoint",
    "the dead letters",
    "compaction: both old and new files are there",
)


@pytest.fixture
def lake(aws: EmbeddedAws, request: pytest.FixtureRequest) -> Iterator[crash.Lake]:
    with crash.lake(aws.running.endpoint, aws.environment, f"crash-{len(request.node.name)}") as made:
        yield made


def test_killed_at_its_worst_moments_the_job_loses_nothing_and_stores_nothing_twice(lake: crash.Lake) -> None:
    for seed, moment in enumerate(WORST):
        crash.kill_at(lake, moment, seed)
    lake.put(len(WORST))
    clean = lake.run()
    assert clean.returncode == 0, clean.stdout[-3000:]
    found = lake.compare()
    assert crash.is_exact(found), found
    assert found["letters"] > 0
    assert '"cloudwatch": "sent"' in clean.stdout


def test_without_its_safeguards_the_same_job_stores_rows_twice(lake: crash.Lake) -> None:
    lake.script = crash.without_safeguards(lake.folder)
    crash.kill_at(lake, "the first new curated object", 0)
    assert lake.run().returncode == 0
    assert lake.compare()["twice"] > 0
