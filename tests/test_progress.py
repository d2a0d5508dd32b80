import json

import pytest
from click.testing import CliRunner

from lab import progress
from lab.errors import LabError


def checkpoint(folder, number: str, *failed: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    checks = [{"statement": "fine", "holds": True}, *({"statement": words, "holds": False} for words in failed)]
    (folder / f"{number}.json").write_text(json.dumps({"number": number, "passed": not failed, "checks": checks}))


def test_each_participant_is_a_row_with_what_failed_below(tmp_path) -> None:
    checkpoint(tmp_path / "aiko" / "build" / "metrics", "00")
    checkpoint(tmp_path / "ben", "00")
    checkpoint(tmp_path / "ben", "10", "the stack is complete")
    result = CliRunner().invoke(progress.progress_command, [str(tmp_path / "aiko"), str(tmp_path / "ben")])
    lines = result.output.splitlines()
    assert lines[0].split()[:2] == ["00", "10"]
    assert lines[1].split()[:3] == ["aiko", "✓", "·"]
    assert lines[2].split()[:3] == ["ben", "✓", "✗"]
    assert lines[3] == "ben 10: ✗ the stack is complete"


def test_the_exercises_that_were_answered_stand_below(tmp_path) -> None:
    for name, answers in (("aiko", {"10": True, "13": False, "11": True}), ("ben", {}), ("chris", {"10": False})):
        checkpoint(tmp_path / name, "00")
        for number, right in answers.items():
            (tmp_path / name / f"{number}-exercise.json").write_text(json.dumps({"right": right}))
    (tmp_path / "chris" / "11-exercise.json").write_text("{")  # copied by half
    lines = CliRunner().invoke(progress.progress_command, [str(tmp_path)]).output.splitlines()
    assert lines[4:] == ["aiko, exercises: ✓ 10 11 · ✗ 13", "chris, exercises: ✗ 10 11"]


def test_a_folder_of_participants_shows_each_of_them(tmp_path) -> None:
    checkpoint(tmp_path / "ben", "00")
    checkpoint(tmp_path / "aiko" / "build" / "metrics", "00")
    (tmp_path / "notes").mkdir()
    assert [person.name for person in progress.collect([tmp_path])] == ["aiko", "ben"]


def test_a_checkout_without_a_checkpoint_is_a_row_of_nothing_reached(tmp_path) -> None:
    checkpoint(tmp_path / "aiko" / "build" / "metrics", "00")
    (tmp_path / "ben" / "notebooks").mkdir(parents=True)
    lines = CliRunner().invoke(progress.progress_command, [str(tmp_path)]).output.splitlines()
    assert lines[1].split()[:3] == ["aiko", "✓", "·"]
    assert lines[2].split()[:3] == ["ben", "·", "·"]


def test_a_file_copied_by_half_hides_nobody_elses_checkpoints(tmp_path) -> None:
    checkpoint(tmp_path / "aiko", "00")
    checkpoint(tmp_path / "ben", "00")
    (tmp_path / "ben" / "10.json").write_text('{"number": "10", "checks": [')
    lines = CliRunner().invoke(progress.progress_command, [str(tmp_path)]).output.splitlines()
    assert lines[1].split()[:3] == ["aiko", "✓", "·"]
    assert lines[2].split()[:3] == ["ben", "✓", "✗"]
    assert lines[3] == "ben 10: ✗ its file cannot be read: copy it again"


def test_a_folder_that_is_not_there_is_refused(tmp_path) -> None:
    with pytest.raises(LabError, match="holds no checkpoints"):
        progress.collect([tmp_path / "nobody"])
