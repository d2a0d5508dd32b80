import json
import signal

import pytest
from click.testing import CliRunner

from lab.errors import LabError
from lab.run import catalogue, cli, folders

NO_AWS = {"AWS_REGION": "xx-test-1", "AWS_ACCESS_KEY_ID": "key-of-the-first-start"}


@pytest.fixture
def notebooks(make_notebook, monkeypatch):
    sentence = (
        "from lab.run import metrics\nmetrics.write('01', {'summary': f'{count} counted', 'counts': {'n': count}})"
    )
    path = make_notebook("01-count", ("p", "count: int = 1  # how many", "parameters"), ("c", sentence))
    monkeypatch.setattr(folders, "NOTEBOOKS", path.parent)
    monkeypatch.setattr(cli.target, "environment", lambda: NO_AWS)
    return path.parent


def invoke(*arguments: str):
    return CliRunner().invoke(cli.run_command, arguments, catch_exceptions=True)


def test_a_run_is_told_saved_and_resumable(notebooks, build) -> None:
    first = invoke("01", "-p", "count", "7")
    assert first.exit_code == 0, first.output
    assert "01 Count  ✓" in first.output
    assert "7 counted" in first.output
    assert "peak" in first.output
    assert (build / "runs" / "01-count.ipynb").exists()
    second = CliRunner().invoke(cli.run_command, ["01", "-p", "count", "7", "--resume", "--json"])
    (row,) = json.loads(second.stdout)
    assert (row["run_now"], row["state"], row["counts"], row["parameters"]) == (
        False,
        "COMPLETED",
        {"n": 7},
        {"count": 7},
    )


def test_a_failing_notebook_ends_with_status_1_and_the_way_on(notebooks, make_notebook) -> None:
    make_notebook("01-count", ("c", "raise ValueError('no')"))
    result = invoke()
    assert result.exit_code == 1
    assert "ValueError: no" in result.output
    assert "lab run --resume" in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["07"], "There is no notebook '07'"),
        (["-p", "cuont", "3"], "Did you mean count?"),
        (["-p", "count", "three"], "takes a whole number, not 'three'"),
        (["--until", "99"], "There is no notebook '99'"),
    ],
)
def test_bad_input_is_refused_before_anything_runs(notebooks, build, arguments, message) -> None:
    result = invoke(*arguments)
    assert isinstance(result.exception, LabError)
    assert message in str(result.exception)
    assert not build.exists()


def test_without_an_aws_nothing_runs(notebooks, build, monkeypatch) -> None:
    def down():
        raise LabError("The embedded AWS is not running.", "Run `lab up`.")

    monkeypatch.setattr(cli.target, "environment", down)
    assert "lab up" in str(invoke().exception)
    assert not build.exists()


def test_the_notebooks_of_the_lab_can_be_listed() -> None:
    assert catalogue.load()[0].number == "00"


def test_the_way_on_has_the_same_notebooks_and_parameters(notebooks, make_notebook) -> None:
    make_notebook(
        "01-count", ("p", "count: int = 1  # how many\nword: str = 'a'  # which", "parameters"), ("c", "1 / 0")
    )
    said = invoke("01", "-p", "count", "7", "-p", "word", "two words", "--until", "01", "--level", "0").output
    assert "lab run 01 --level 0 -p count 7 -p word 'two words' --until 01 --resume" in said


@pytest.fixture
def own_signals():
    """Both signals as a terminal has them: what runs in the background ignores SIGINT."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_says_how_to_go_on(notebooks, own_signals, monkeypatch, number) -> None:
    def interrupted(*_):
        signal.raise_signal(number)

    monkeypatch.setattr(cli.schedule, "run", interrupted)
    result = invoke("01", "-p", "count", "7")
    assert result.exit_code != 0
    assert "Go on from there: lab run 01 -p count 7 --resume" in result.output


def test_resume_goes_on_from_what_failed_and_runs_what_needs_it(notebooks, make_notebook) -> None:
    make_notebook("02-breaks", ("c", "raise RuntimeError('injected')"), needs=["01"])
    make_notebook("03-after", ("c", "x = 1"), needs=["02"])
    broken = invoke("-p", "count", "2")
    assert broken.exit_code == 1
    assert "02 Breaks: cell 2 failed" in broken.output
    assert "RuntimeError: injected" in broken.output
    assert "needs 02" in broken.output
    make_notebook("02-breaks", ("c", "x = 1"), needs=["01"])
    mended = invoke("-p", "count", "2", "--resume")
    assert mended.exit_code == 0, mended.output
    lines = [line.split() for line in mended.output.splitlines()]
    assert [line[2] for line in lines[:3]] == ["·", "✓", "✓"]
