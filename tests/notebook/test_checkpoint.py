import pytest

from lab.notebook import checkpoint
from lab.notebook.checkpoint import Checkpoint, CheckpointError
from lab.run import metrics


@pytest.fixture(autouse=True)
def shown(tmp_path, monkeypatch):
    monkeypatch.setenv("LAB_BUILD", str(tmp_path))
    displayed: list[object] = []
    monkeypatch.setattr(checkpoint, "display", displayed.append)
    return displayed


def test_checks_that_hold_are_shown_and_written(shown) -> None:
    check = Checkpoint("13", "nine nodes")
    check.counts["stored"] = 1000
    check.equal("stored = published", 1000, 1000, cure="look")
    check.that("the topic is refused", True, "attach the policy", "refused")
    check.show("1,000 stored")
    assert repr(shown[0]) == "✓ stored = published: 1,000\n✓ the topic is refused: refused"
    document = metrics.read("13")
    assert document["passed"] is True
    assert document["counts"] == {"stored": 1000}
    assert document["summary"] == "1,000 stored"
    assert document["data"] == "nine nodes"


def test_a_check_that_fails_raises_with_the_cure_after_the_metrics_are_written() -> None:
    check = Checkpoint("13")
    check.equal("stored = published", 999, 1000, cure="Read the error log.")
    check.that("fine", True, "nothing")
    with pytest.raises(
        CheckpointError, match=r"^✗ stored = published: 999, expected 1,000. Read the error log.$"
    ) as raised:
        check.show("999 stored")
    shown = raised.value._render_traceback_()
    assert shown[0] == "✗ stored = published: 999, expected 1,000. Read the error log."
    assert shown[1].startswith("→ ")
    assert len(shown) == 2  # no stack of calls
    assert metrics.read("13")["passed"] is False


def test_the_table_escapes_what_it_shows(shown) -> None:
    check = Checkpoint("13")
    check.that("a <b> holds", True, "", "<script>")
    check.show("")
    html = shown[0]._repr_html_()
    assert "a &lt;b&gt; holds" in html
    assert "<script>" not in html


def test_a_checkpoint_without_checks_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="at least one check"):
        Checkpoint("13").show("nothing")
