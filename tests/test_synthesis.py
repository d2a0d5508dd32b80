"""Assemblies kept from one synthesis to the next: taken only when nothing that the synthesis reads has changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lab import cdk, synthesis
from lab.errors import LabError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with an app, a script and the lock."""
    for name in ("infra/cdk/app.py", "infra/cdk/node_modules/cdk.js", "glue/job.py", "requirements.lock", "lab/x.py"):
        path = tmp_path / "checkout" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("first")
    return tmp_path / "checkout"


@pytest.mark.parametrize("name", ["infra/cdk/app.py", "infra/cdk/parts/new.yaml", "glue/job.py", "requirements.lock"])
def test_whatever_the_synthesis_reads_makes_another_fingerprint(root: Path, name: str) -> None:
    before = synthesis.fingerprint("{}", {}, root)
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text("second")
    assert synthesis.fingerprint("{}", {}, root) != before


@pytest.mark.parametrize("name", ["infra/cdk/node_modules/cdk.js", "lab/x.py", "infra/cdk/__pycache__/app.pyc"])
def test_what_it_does_not_read_changes_nothing(root: Path, name: str) -> None:
    before = synthesis.fingerprint("{}", {"HOME": "here"}, root)
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text("second")
    assert synthesis.fingerprint("{}", {"HOME": "there"}, root) == before


def test_settings_and_the_variables_of_account_and_region_are_part_of_it(root: Path) -> None:
    prints = {
        synthesis.fingerprint(settings, variables, root)
        for settings in ("{}", '{"level1": {}}')
        for variables in ({}, {"CDK_DEFAULT_ACCOUNT": "1"}, {"CDK_DEFAULT_REGION": "1"})
    }
    assert len(prints) == 6


def test_the_command_line_runs_once_for_the_same_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = []

    def run(arguments: list[str], **_options: object) -> tuple[int, list[str]]:
        folder = Path(arguments[arguments.index("--output") + 1])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "level1.template.json").write_text(f'{{"run": {len(runs)}}}')
        runs.append(arguments)
        return 0, []

    monkeypatch.setattr(cdk, "_run", run)
    monkeypatch.setattr(synthesis.copy, "__defaults__", (tmp_path / "kept",))
    monkeypatch.setattr(synthesis.keep, "__defaults__", (tmp_path / "kept",))
    made = [cdk.synthesise({"level1": {"stage": stage}}, tmp_path / "assembly") for stage in ("a", "b")]
    (tmp_path / "assembly" / "left-over").write_text("of another")
    again = cdk.synthesise({"level1": {"stage": "a"}}, tmp_path / "assembly")
    assert len(runs) == 2
    assert again.template("level1") == {"run": 0}
    assert made[0].folder == again.folder
    assert not (tmp_path / "assembly" / "left-over").exists()


def test_a_synthesis_that_fails_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cdk, "_run", lambda *_words, **_options: (1, ["SettingsError: no such stage"]))
    monkeypatch.setattr(synthesis.keep, "__defaults__", (tmp_path / "kept",))
    with pytest.raises(LabError):
        cdk.synthesise({"level1": {"stage": "never"}}, tmp_path / "assembly")
    assert not (tmp_path / "kept").exists()


def test_the_ones_longest_unused_go_first(tmp_path: Path) -> None:
    (tmp_path / "assembly").mkdir()
    for number in range(synthesis.MOST + 2):
        synthesis.keep(f"{number:032x}", tmp_path / "assembly", tmp_path / "kept")
        os.utime(tmp_path / "kept" / f"{number:032x}", (number + 10**9, number + 10**9))
    synthesis.keep("f" * 32, tmp_path / "assembly", tmp_path / "kept")
    names = sorted(path.name for path in (tmp_path / "kept").iterdir())
    assert len(names) == synthesis.MOST
    assert f"{0:032x}" not in names
    assert "f" * 32 in names


def test_what_another_process_kept_meanwhile_stays(tmp_path: Path) -> None:
    (tmp_path / "assembly").mkdir()
    (tmp_path / "assembly" / "manifest.json").write_text("{}")
    for _ in range(2):
        synthesis.keep("a" * 32, tmp_path / "assembly", tmp_path / "kept")
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["a" * 32]
    assert synthesis.copy("a" * 32, tmp_path / "taken", tmp_path / "kept")
    assert (tmp_path / "taken" / "manifest.json").read_text() == "{}"
