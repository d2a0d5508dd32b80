from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from lab.local.decisions import Decision, Decisions, hooks, read

ROLE = "arn:aws:sts::000000000000:assumed-role/stack-EtlRole-1A2B/glue"


def decide(decisions: Decisions, action: str, answer: str, principal: str = "AssumedRole") -> Any:
    evaluate = decisions.wrap(lambda ctx, policies, *limits: SimpleNamespace(decision=answer))
    return evaluate(SimpleNamespace(principal_type=principal, principal_arn=ROLE, action=action), [])


def test_each_decision_about_a_role_is_kept_once_and_survives_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "decisions.jsonl"
    decisions = Decisions(file)
    for _ in range(3):
        decide(decisions, "s3:GetObject", "Allow")
    decide(decisions, "s3:PutObject", "ImplicitDeny")
    expected = {
        Decision("stack-EtlRole-1A2B", "s3:GetObject", True),
        Decision("stack-EtlRole-1A2B", "s3:PutObject", False),
    }
    assert read(file) == expected
    assert len(file.read_text().splitlines()) == 2
    decide(Decisions(file), "s3:GetObject", "Allow")
    assert len(file.read_text().splitlines()) == 2


def test_a_users_decisions_are_not_kept_and_answers_pass_through(tmp_path: Path) -> None:
    file = tmp_path / "decisions.jsonl"
    assert decide(Decisions(file), "s3:GetObject", "Deny", principal="User").decision == "Deny"
    assert not file.exists()


def test_a_line_that_a_crash_cut_off_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "decisions.jsonl"
    file.write_text('{"role": "r", "action": "a", "allowed": true}\n{"role": "r", "acti')
    assert read(file) == {Decision("r", "a", True)}


def test_the_private_name_is_as_known(tmp_path: Path) -> None:
    assert [hook.problem() for hook in hooks(Decisions(tmp_path / "d"))] == [None]
