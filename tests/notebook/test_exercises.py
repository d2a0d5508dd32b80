"""Wrong answers that are easily given are recognised, each with a sentence that leads on."""

import pytest

from lab.errors import LabError
from lab.notebook.check import check, verdict
from lab.run import catalogue, metrics


@pytest.mark.parametrize(
    ("exercise", "answer", "expected"),
    [
        (
            "00-start-here",
            lambda: {"device_id": "kitchen:1", "timestamp": 1, "temperature": "21"},
            "not of type 'number'",
        ),
        (
            "00-start-here",
            lambda: {"device_id": "kitchen:1", "timestamp": 1, "temperature": 21},
            "no member of its own",
        ),
        ("10-deploy-level-1", lambda template: list(template["Resources"]), "not ['Archive', 'Table']"),
        ("13-publish-and-store", len, "('b', 1)] make 3 items, not 4"),
        (
            "14-catalogue-and-query",
            lambda table: f"SELECT device_id, max(temperature) FROM {table} GROUP BY 1",
            "columns are",
        ),
        (
            "14-catalogue-and-query",
            lambda table: f"SELECT device_id, temperature warmest FROM {table} GROUP BY device_id",
            "your statement does not run: Binder Error",
        ),
        (
            "14-catalogue-and-query",
            lambda table: f"SELECT device_id, min(temperature) warmest FROM {table} GROUP BY 1",
            "returns",
        ),
        (
            "15-dashboard",
            lambda timestamps, now, limit: "fresh" if now - timestamps[-1] < limit else "stale",
            "not 'fresh'",
        ),
        ("20-deploy-the-datastreamer", lambda actions: [a for a in actions if "Put" in a], "it finds ['s3:PutObject']"),
        ("21-stream-to-s3", lambda rate, size, megabytes, seconds: seconds, "60.00 s, not 5.24"),
        (
            "23-athena-analysis",
            lambda year, month, day: f"year={year} AND month={month} AND day={day}",
            "compares a string with a string only",
        ),
        (
            "23-athena-analysis",
            lambda year, month, day: f"year='{year:04}' OR month='{month:02}' AND day='{day:02}'",
            "reads 2015-01-05, 2016-01-01, 2016-01-05, 2016-01-10 …, not 2016-01-05 alone",
        ),
        (
            "23-athena-analysis",
            lambda year, month, day: f"year='{year}' AND month='0{month}' AND day='0{day}'",
            "reads no day, not 2016-10-10 alone",
        ),
        ("23-athena-analysis", lambda year, month, day: f"date='{year}-{month}-{day}'", "does not run: Binder Error"),
        (
            "23-athena-analysis",
            lambda year, month, day: f"year='{year}' AND month='{month}' AND day='{day}'",
            "reads no day, not 2016-01-05 alone",
        ),
        (
            "33-batch-detector",
            lambda keys, days, model, written: [key for key in keys if model in key and key not in written],
            "not ['14/batch-a1', '17/batch-a1']",
        ),
        ("35-model-on-the-device", lambda threshold: int(threshold) + 1, "0 <= -0.5 is False, but 0 < 1 is True"),
        ("35-model-on-the-device", lambda threshold: threshold, "no whole number"),
        ("37-drift", lambda before, after, least: max(after) - max(before), "not 0.2747"),
        ("90-clean-up", lambda found: [item["name"] for item in found if item["tags"]], "it finds"),
    ],
)
def test_a_wrong_answer_is_told_what_is_wrong(exercise, answer, expected) -> None:
    said = verdict(exercise, answer)
    assert said.startswith(f"✗ {exercise}: ")
    assert expected in said


def forgets_to_return(*_) -> None:
    pass


@pytest.mark.parametrize("exercise", [book.name for book in catalogue.load()])
def test_a_forgotten_return_is_named_as_such(exercise) -> None:
    said = verdict(exercise, forgets_to_return)
    assert said == f"✗ {exercise}: your function returned None: does it end with a `return`?"


def test_an_answer_of_another_kind_is_shown_and_not_called_an_exception_of_the_function() -> None:
    said = verdict("22-etl", lambda rows: 3)
    assert said.startswith("✗ 22-etl: your function returned 3, which cannot be compared")


def test_an_exception_of_the_function_is_told_with_its_class() -> None:
    assert verdict("22-etl", lambda rows: rows["a"]).startswith(
        "✗ 22-etl: your function raised TypeError: list indices"
    )


def stub(_messages) -> int:
    raise NotImplementedError


def test_a_check_prints_its_verdict_and_keeps_it_until_another_answer_comes(capsys, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("LAB_BUILD", str(tmp_path))
    kept = []
    for answer in (stub, len, lambda messages: len({(m["device_id"], m["timestamp"]) for m in messages}), stub):
        check("13-publish-and-store", answer)
        kept.append((metrics.read("13-exercise") or {}).get("right"))
    assert kept == [None, False, True, True]
    said = capsys.readouterr().out.splitlines()
    assert [line[0] for line in said] == ["○", "✗", "✓", "○"]
    assert said[2] == "✓ 13-publish-and-store: right"


def test_an_exercise_that_does_not_exist_is_refused() -> None:
    with pytest.raises(LabError, match="no exercise '99-nothing'"):
        verdict("99-nothing", lambda: None)


def test_what_a_function_returned_instead_of_the_function_is_told() -> None:
    said = verdict("00-start-here", {"device_id": "me"})
    assert said.startswith("✗ 00-start-here: give the function itself, without brackets")
    assert "{'device_id': 'me'}" in said
