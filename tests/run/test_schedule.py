import threading
from pathlib import Path

import pytest

from lab.run import catalogue, schedule
from lab.run.execution import Failure, Outcome
from lab.run.state import State


class Listener:
    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []

    def started(self, book):
        self.heard.append(("started", book.number))

    def cell(self, book, index, count):
        self.heard.append(("cell", book.number))

    def step(self, book, message):
        self.heard.append((message, book.number))

    def finished(self, book, outcome):
        self.heard.append(("failed" if outcome.failure else "finished", book.number))

    def skipped(self, book, reason):
        self.heard.append((reason, book.number))


@pytest.fixture
def books(make_notebook):
    make_notebook("10-a")
    make_notebook("11-b", needs=["10"])
    make_notebook("12-c", needs=["11"])
    path = make_notebook("20-d")
    return catalogue.load(path.parent)


def run(books, build, jobs: int = 1):
    prints = {book.name: "same" for book in books}
    plan = schedule.Plan(books, {book.name: {} for book in books}, prints, build, jobs, "abc123")
    listener, state = Listener(), State(build)
    return schedule.run(plan, state, listener), listener.heard, state


@pytest.fixture
def execute(monkeypatch):
    failing: set[str] = set()

    def fake(book, values, output: Path, on_cell, on_step):
        on_cell(0, 1)
        on_step("half way")
        failure = Failure("ValueError", "no", 0, "x") if book.number in failing else None
        return Outcome(output, 2.0, failure)

    monkeypatch.setattr(schedule, "execute", fake)
    return failing


def test_each_runs_after_what_it_needs(books, build, execute) -> None:
    outcomes, heard, state = run(books, build, jobs=2)
    order = [number for word, number in heard if word == "finished"]
    assert order.index("10") < order.index("11") < order.index("12")
    assert set(outcomes) == {"10-a", "11-b", "12-c", "20-d"}
    assert {(state.entry(book).state, state.entry(book).commit) for book in books} == {("COMPLETED", "abc123")}


def test_cells_and_steps_are_told_with_their_notebook(books, build, execute) -> None:
    _, heard, _ = run(books[:1], build)
    assert heard == [("started", "10"), ("cell", "10"), ("half way", "10"), ("finished", "10")]


def test_clean_up_runs_last_and_alone_also_after_a_failure(make_notebook, build, execute) -> None:
    make_notebook("10-a")
    make_notebook("20-b")
    path = make_notebook("90-clean-up")
    execute.add("20")
    _, heard, _ = run(catalogue.load(path.parent), build, jobs=3)
    assert heard.index(("started", "90")) > max(heard.index(("finished", "10")), heard.index(("failed", "20")))
    assert heard[-1] == ("finished", "90")


def test_after_a_failure_what_needs_it_is_left_out_and_the_rest_goes_on(books, build, execute) -> None:
    execute.add("10")
    outcomes, heard, state = run(books, build)
    assert set(outcomes) == {"10-a", "20-d"}
    assert ("needs 10", "11") in heard
    assert ("needs 11", "12") in heard
    assert [state.entry(book).state for book in books] == ["FAILED", "PENDING", "PENDING", "COMPLETED"]
    assert state.entry(books[0]).failure == "ValueError: no"


def test_a_need_outside_the_plan_does_not_hold_a_notebook_back(books, build, execute) -> None:
    outcomes, _, _ = run(books[1:2], build)
    assert set(outcomes) == {"11-b"}


def test_a_need_of_a_need_outside_the_plan_holds_a_notebook_back(books, build, execute) -> None:
    execute.add("10")
    outcomes, heard, _ = run(catalogue.select(books, ["10", "12"]), build, jobs=2)
    assert set(outcomes) == {"10-a"}
    assert ("needs 10", "12") in heard


def test_a_failed_run_keeps_the_expected_seconds_of_the_last_good_one(books, build, execute) -> None:
    run(books, build)
    execute.add("10")
    _, _, state = run(books, build)
    assert (state.entry(books[0]).state, state.entry(books[0]).expected) == ("FAILED", 2.0)


def test_an_interrupt_ends_the_processes_before_it_goes_on(books, build, monkeypatch) -> None:
    ended = []

    def interrupted(book, values, output, on_cell, on_step):
        raise KeyboardInterrupt

    monkeypatch.setattr(schedule, "execute", interrupted)
    monkeypatch.setattr(schedule, "end_descendants", lambda: ended.append(True))
    with pytest.raises(KeyboardInterrupt):
        run(books, build)
    assert ended == [True]


def test_a_notebook_under_way_at_an_interrupt_is_kept_as_stopped_not_as_broken(books, build, monkeypatch) -> None:
    under_way, killed = threading.Event(), threading.Event()

    def until_killed(book, values, output, on_cell, on_step):
        if book.number == "20":
            assert under_way.wait(60)
            raise KeyboardInterrupt
        under_way.set()
        assert killed.wait(60)
        return Outcome(output, 2.0, Failure("ProcessDied", "it said nothing", None, ""))

    monkeypatch.setattr(schedule, "execute", until_killed)
    monkeypatch.setattr(schedule, "end_descendants", killed.set)
    with pytest.raises(KeyboardInterrupt):
        run(books, build, jobs=2)
    entry = State(build).entry(books[0])
    assert (entry.state, entry.failure) == ("FAILED", "stopped: The run was ended before the notebook was.")
