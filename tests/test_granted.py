"""The table of what roles may do and did: complete, explained, and about the policies that the stacks have."""

from __future__ import annotations

import re

import pytest

from lab import granted, stackdocs, stacks
from lab.errors import LabError

ACTION = re.compile(r"`([a-z0-9]+:[A-Za-z]+)`")


def rows(part: str) -> list[list[str]]:
    """The rows of a generated table of docs/security.md."""
    document = stackdocs.page(granted.PAGE).read_text()
    content = document.partition(f"<!-- generated: {part} -->")[2].partition("<!-- end -->")[0]
    return [line.strip("| ").split(" | ") for line in content.strip().splitlines()[2:]]


def test_every_permission_of_every_role_is_in_the_table_and_nothing_else_is() -> None:
    stated: dict[str, set[str]] = {}
    for stack in granted.STACKS:
        for role, _, actions, *_ in rows(f"permissions {stack}"):
            stated.setdefault(f"{role} ({stack})", set()).update(ACTION.findall(actions))
    measured: dict[str, set[str]] = {}
    for role, actions, _ in rows(granted.PART):
        measured.setdefault(role, set()).update(ACTION.findall(actions))
    assert measured == stated, "run the notebooks on the embedded AWS, then: python -m lab.granted"


def test_the_table_speaks_of_every_stack() -> None:
    assert granted.STACKS == stacks.STACKS
    spoken = {role.rpartition("(")[2].rstrip(")") for role, *_ in rows(granted.PART)}
    assert spoken == set(stacks.STACKS)


def test_a_reason_is_given_for_roles_and_actions_that_are_granted_and_for_no_others() -> None:
    actions: dict[str, set[str]] = {}
    for role, listed, _ in rows(granted.PART):
        actions.setdefault(role.partition(" ")[0], set()).update(ACTION.findall(listed))
    for role, reasons in granted.REASONS.items():
        for start in reasons:
            assert any(action.startswith(start) for action in actions[role]), (role, start)


def test_each_row_is_used_or_says_why_it_is_granted() -> None:
    found = rows(granted.PART)
    assert all(words == "yes" or words.startswith("no: ") for _, _, words in found)
    assert sum(words == "yes" for _, _, words in found) >= 5


def test_what_was_used_and_what_was_not_stand_in_rows_of_their_own_with_the_reason() -> None:
    text = granted.table(
        {"StartsRole (s)": ["glue:StartJobRun", "sqs:SendMessage"]},
        {"StartsRole (s)": {"glue:StartJobRun", "s3:GetObject"}},
    )
    assert text.splitlines()[2:] == [
        "| StartsRole (s) | `glue:StartJobRun` | yes |",
        "| StartsRole (s) | `sqs:SendMessage` | no: used when a start failed after its retries |",
    ]


def test_a_grant_that_nothing_used_and_nobody_explains_is_refused_by_name() -> None:
    with pytest.raises(LabError, match=r"StartsRole \(s\) sqs:DeleteQueue"):
        granted.table({"StartsRole (s)": ["sqs:DeleteQueue"]}, {})


def test_what_a_role_asks_for_in_vain_though_it_is_granted_is_refused_whatever_the_reasons_say() -> None:
    granted_, asked = {"StartsRole (s)": ["sqs:SendMessage"]}, {"StartsRole (s)": {"sqs:SendMessage", "s3:PutObject"}}
    with pytest.raises(LabError, match=r"Granted, asked for and denied: StartsRole \(s\) sqs:SendMessage\."):
        granted.table(granted_, {}, asked)
    assert "StartsRole" in granted.table(granted_, asked, asked)


def test_the_longest_beginning_of_an_action_gives_its_reason() -> None:
    assert granted.reason("CrawlerRole", "glue:UpdateTable") == "used when columns or partitions change"
    assert granted.reason("CrawlerRole", "glue:GetTables") == (
        "AWS's crawler calls single and batch operations as it sees fit"
    )
    assert granted.reason("Unknown", "glue:GetTables") is None
