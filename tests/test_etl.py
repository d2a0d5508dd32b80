"""Waiting for a run of the job: to its end, or to the end of its last attempt."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from lab import etl
from lab.errors import LabError
from lab.target import ROOT

if TYPE_CHECKING:
    from tests.conftest import EmbeddedAws


class Glue:
    """A job whose runs show one state after another. Parameters: runs, the states of each run by its id."""

    def __init__(self, runs: dict[str, list[str]], retries: int) -> None:
        self.runs, self.retries = {key: list(states) for key, states in runs.items()}, retries

    def get_job_run(self, **request: str) -> dict[str, Any]:
        states = self.runs[request["RunId"]]
        return {"JobRun": self.shown(request["RunId"], states.pop(0) if len(states) > 1 else states[0])}

    def get_job_runs(self, **_request: str) -> dict[str, Any]:
        return {"JobRuns": [self.shown(run_id, states[0]) for run_id, states in self.runs.items()]}

    def get_job(self, **_request: str) -> dict[str, Any]:
        return {"Job": {"MaxRetries": self.retries}}

    def shown(self, run_id: str, state: str) -> dict[str, Any]:
        attempt = int(run_id.partition("_attempt_")[2] or 0)
        before = {"PreviousRunId": "jr" if attempt == 1 else f"jr_attempt_{attempt - 1}"} if attempt else {}
        return {"Id": run_id, "Attempt": attempt, "JobRunState": state, "ErrorMessage": f"why {attempt}", **before}


def waited(monkeypatch: pytest.MonkeyPatch, runs: dict[str, list[str]], retries: int) -> etl.Run:
    monkeypatch.setattr(etl.target, "client", lambda _service: Glue(runs, retries))
    monkeypatch.setattr(etl, "POLL_SECONDS", 0.0)
    return etl.wait_for("job", "jr")


def test_when_a_run_succeeds_it_is_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    found = waited(monkeypatch, {"jr": ["STARTING", "RUNNING", "SUCCEEDED"]}, 1)
    assert (found.run_id, found.state) == ("jr", "SUCCEEDED")


def test_when_a_run_fails_and_is_tried_again_the_last_attempt_is_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = {
        "jr": ["RUNNING", "FAILED"],
        "jr_attempt_1": ["RUNNING", "FAILED"],
        "jr_attempt_2": ["RUNNING", "SUCCEEDED"],
    }
    assert waited(monkeypatch, runs, 2).run_id == "jr_attempt_2"
    assert waited(monkeypatch, {**runs, "jr_attempt_2": ["FAILED"]}, 2).message == "why 2"


@pytest.mark.parametrize(("state", "retries"), [("FAILED", 0), ("STOPPED", 1), ("TIMEOUT", 1)])
def test_when_a_run_is_not_tried_again_it_is_returned(
    monkeypatch: pytest.MonkeyPatch, state: str, retries: int
) -> None:
    found = waited(monkeypatch, {"jr": [state]}, retries)
    assert (found.run_id, found.state, found.message) == ("jr", state, "why 0")


def test_a_run_that_did_not_succeed_is_an_error_with_its_cause_and_its_log(monkeypatch: pytest.MonkeyPatch) -> None:
    good = waited(monkeypatch, {"jr": ["SUCCEEDED"]}, 0)
    assert etl.succeeded("job", good) is good
    with pytest.raises(LabError, match=r"jr ended as FAILED: why 0") as told:
        etl.succeeded("job", waited(monkeypatch, {"jr": ["FAILED"]}, 0))
    assert "aws logs tail /aws-glue/jobs/job/error --log-stream-names jr" in str(told.value)


def test_the_flow_shows_every_outcome_and_every_reason() -> None:
    counts = {"read": 110, "written": 90, "duplicate": 6, "out_of_range": 9, "rejected": 5}
    figure = etl.flow(counts, {"malformed_json": 3, "not_finite": 2})
    assert [text.get_text() for text in figure.axes[0].texts] == [
        "read 110",
        "valid 96",
        "dead letters 14",
        "rows 90",
        "duplicates 6",
        "out of range 9",
        "malformed json 3",
        "not finite 2",
    ]


def test_file_sizes_are_drawn_file_by_file_and_day_by_day() -> None:
    day = "year=2025/month=01/day=0"
    before = {f"{day}1/a": 1024, f"{day}1/b": 2048, f"{day}2/a": 512}
    figure = etl.file_sizes(before, {f"{day}1/c": 2560, f"{day}2/a": 512})
    left, right = figure.axes
    bars = [(bar.get_x(), bar.get_width()) for bar in left.patches]
    assert bars == [(0.0, 1.0), (1.0, 2.0), (0.0, 0.5)]
    assert [bar.get_width() for bar in right.patches] == [2.5, 0.5]
    assert [text.get_text() for text in left.get_yticklabels()] == ["2025-01-01", "2025-01-02"]
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["before: 3 files", "after: 2 files"]


def test_a_watch_tells_what_the_run_last_said_of_its_batches(aws: EmbeddedAws) -> None:
    client, run_id, group = aws.client("logs"), "jr_telling", etl.log_group("told", "output")
    with suppress(client.exceptions.ResourceAlreadyExistsException):
        client.create_log_group(logGroupName=group)
    heard: list[str] = []
    tell = etl.telling("told", run_id, heard.append)
    tell("running, 1 s")
    client.create_log_stream(logGroupName=group, logStreamName=run_id)
    said = ('batch 1 of 3: {"read": 700}', 'batch 2 of 3: {"read": 1400}', "something else")
    events = [{"timestamp": int(time.time() * 1000) + number, "message": text} for number, text in enumerate(said)]
    client.put_log_events(logGroupName=group, logStreamName=run_id, logEvents=events)
    tell("running, 2 s")
    client.delete_log_stream(logGroupName=group, logStreamName=run_id)
    assert heard == ["running, 1 s", "running, 2 s · batch 2 of 3, 1,400 records"]


@pytest.mark.parametrize("stream", ["output", "error"])
def test_the_log_is_read_where_the_stack_has_the_job_write_it(stream: str) -> None:
    template = json.loads((ROOT / "tests" / "infra" / "snapshots" / "datastreamer-staging.json").read_text())
    groups = [resource["Properties"].get("LogGroupName") for resource in template["Resources"].values()]
    assert etl.log_group("datastreamer-staging-temperature-etl", stream) in groups
