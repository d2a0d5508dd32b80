"""Private names of MiniStack: each is as we know it, and a changed one stops the start by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.local import edges, hooks
from lab.local.hook import Hook

ALL = (*hooks.RELIED_ON, *edges.hooks(Path("decisions.jsonl"), "000000000000", "ap-northeast-1"))


@pytest.mark.parametrize("hook", ALL, ids=lambda hook: f"{hook.module}.{hook.name}")
def test_the_name_exists_with_the_known_parameters(hook: Hook) -> None:
    assert hook.problem() is None


@pytest.mark.parametrize("hook", ALL, ids=lambda hook: f"{hook.module}.{hook.name}")
def test_each_hook_says_what_it_is_for(hook: Hook) -> None:
    assert len(hook.why) > 10


def test_when_a_name_is_gone_nothing_is_installed_and_all_are_named() -> None:
    installed = []

    def record(old: object) -> object:
        installed.append(old)
        return old

    good = Hook("ministack.app", "_build_persistence_save_dict", (), "good", record)
    gone = Hook("ministack.app", "no_such_name", (), "gone")
    changed = Hook("ministack.core.persistence", "_json_default", ("other",), "changed")
    with pytest.raises(hooks.HooksChangedError) as stopped:
        hooks.install([good, gone, changed], "9.9.9")
    assert "MiniStack 9.9.9" in str(stopped.value)
    assert "no_such_name is gone" in str(stopped.value)
    assert "_json_default takes ('obj',), known was ('other',)" in str(stopped.value)
    assert installed == []
