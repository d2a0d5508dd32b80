"""One snapshot a stack and stage: a change of a template is seen in review, whatever the other tests look at.

``python -m tests.infra.test_snapshot`` writes them anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SNAPSHOTS = Path(__file__).parent / "snapshots"
STACKS = ("level1", "datastreamer", "level2")
SETTINGS = {"dynamodbConnector": "true", "feedStages": "staging"}
Template = dict[str, Any]


def masked(template: Template) -> Template:
    """Return a template without the hash of the script's asset."""
    text = re.sub(r"[0-9a-f]{64}", "<asset>", json.dumps(template, sort_keys=True))
    document: Template = json.loads(text)
    return document


@pytest.mark.parametrize("stage", ["prod", "staging"])
@pytest.mark.parametrize("stack", STACKS)
def test_a_template_is_the_one_that_was_reviewed(synth: Callable[..., Template], stack: str, stage: str) -> None:
    kept = json.loads((SNAPSHOTS / f"{stack}-{stage}.json").read_text())
    assert masked(synth(stack, stage=stage, **SETTINGS)) == kept


def write() -> None:
    """Write every snapshot anew."""
    import tempfile

    from tests.infra.conftest import synthesise

    SNAPSHOTS.mkdir(exist_ok=True)
    for stage in ("prod", "staging"):
        with tempfile.TemporaryDirectory() as folder:
            synthesise(Path(folder), {"stage": stage, **SETTINGS})
            for stack in STACKS:
                template = json.loads((Path(folder) / f"{stack}.template.json").read_text())
                document = json.dumps(masked(template), indent=1, sort_keys=True)
                (SNAPSHOTS / f"{stack}-{stage}.json").write_text(document + "\n")


if __name__ == "__main__":
    write()
