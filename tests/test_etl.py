"""Waiting for a run of the job: to its end, or to the end of its last attempt."""

from __future__ import annotations

from typing import Any

import pytest

from lab import etl


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
