from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from lab import stackdocs, stacks

Template = dict[str, Any]


@pytest.fixture(scope="module")
def parts(synth: Callable[..., Template]) -> dict[str, dict[str, str]]:
    return stackdocs.parts({stack: synth(stack, **stackdocs.SETTINGS) for stack in stacks.deployable()})


@pytest.mark.parametrize("page", ["architecture.md", "security.md", "cost.md"])
def test_the_generated_parts_of_a_page_are_current(parts: dict[str, dict[str, str]], page: str) -> None:
    document = stackdocs.page(page).read_text()
    for part, content in parts[page].items():
        renewed = stackdocs.replace_part(document, part, content)
        assert renewed == document, f"{page}, part {part}: run `python -m lab.stackdocs`"


def test_a_resource_without_a_reason_is_refused() -> None:
    template = {"Resources": {"Forgotten12345678": {"Type": "AWS::S3::Bucket"}}}
    with pytest.raises(KeyError, match="Forgotten"):
        stackdocs.resource_table(template, {})


def test_no_reason_stands_for_a_resource_that_is_not_there(synth: Callable[..., Template]) -> None:
    reasons = json.loads((stacks.INFRA / "reasons.json").read_text())
    for stack, known in reasons.items():
        resources = synth(stack, **stackdocs.SETTINGS)["Resources"]
        assert {stackdocs.plain(key) for key in resources} == set(known)


def test_a_page_without_the_part_is_refused() -> None:
    with pytest.raises(ValueError, match="no part 'diagram'"):
        stackdocs.replace_part("text", "diagram", "new")


def test_one_part_is_replaced_and_the_others_stay() -> None:
    page = "a\n<!-- generated: x -->\nold\n<!-- end -->\nb\n<!-- generated: y -->\nkept\n<!-- end -->\n"
    renewed = stackdocs.replace_part(page, "x", "new")
    assert renewed == page.replace("old", "new")


def test_who_says_a_job_s_name_means_the_job_and_not_its_schedule(parts: dict[str, dict[str, str]]) -> None:
    drawn = parts["architecture.md"]["diagram level2"]
    assert "StartsScoring --> ScoringJob" in drawn
    assert "AlarmsJobFailed --> ScoringJob" in drawn
    assert "--> StartsScoring" not in drawn
    drawn = parts["architecture.md"]["diagram level1"]
    assert "ConnectorCatalog --> ConnectorApplication" in drawn
    assert "ConnectorLog -->" not in drawn


def test_the_diagram_of_the_datastreamer_follows_a_record(parts: dict[str, dict[str, str]]) -> None:
    drawn = parts["architecture.md"]["diagram datastreamer"]
    for arrow in (
        "RawDeliveryDeliveryStream --> Stream",
        "RawDeliveryDeliveryStream --> Data",
        "StartsEtl --> EtlJob",
        "EtlJob --> Data",
        "EtlJob --> Analytics",
        "Crawler --> Database",
    ):
        assert arrow in drawn
