import json
import os

from lab.run import memory


def test_the_peak_is_at_least_what_this_process_uses() -> None:
    with memory.Peak([os.getpid()]) as peak:
        pass
    assert peak.bytes >= 10_000_000


def test_a_process_that_ended_counts_nothing() -> None:
    assert memory.resident(2**22 + 1) == 0


def test_the_embedded_aws_is_found_by_its_run_file(tmp_path) -> None:
    assert memory.companions(tmp_path) == []
    (tmp_path / "run.json").write_text(json.dumps({"pid": 4711}))
    assert memory.companions(tmp_path) == [4711]
