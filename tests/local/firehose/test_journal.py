"""Records that wait on disk: nothing acknowledged is lost, nothing torn is delivered, a retry keeps its name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.local.errors import AwsError
from lab.local.firehose.journal import Journal


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


def journal(folder: Path, object_bytes: int = 10, most_bytes: int = 1000) -> Journal:
    return Journal(folder, object_bytes, Clock(), most_bytes)


def drain(found: Journal) -> list[list[bytes]]:
    batches = []
    while found.since is not None:
        batches.append(found.take().records)
        found.done()
    return batches


def test_records_come_back_in_order_in_batches_of_an_objects_size(tmp_path: Path) -> None:
    kept = journal(tmp_path)
    for record in (b"aaaa", b"bbbb", b"cccc", b"dd"):
        kept.append([record])
    assert kept.size == 14
    assert drain(kept) == [[b"aaaa", b"bbbb", b"cccc"], [b"dd"]]
    assert kept.size == 0
    assert list(tmp_path.iterdir()) == []


def test_a_journal_opened_anew_has_what_was_kept_and_the_same_name_and_time(tmp_path: Path) -> None:
    first = journal(tmp_path)
    first.append([b"one", b"", b"two"])
    name = first.take().name
    second = journal(tmp_path)
    batch = second.take()
    assert (batch.records, batch.name, batch.since) == ([b"one", b"", b"two"], name, 101.0)
    assert second.size == 6
    second.append([b"three"])
    assert drain(second) == [[b"one", b"", b"two"], [b"three"]]


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=6), st.integers(1, 31))
def test_a_record_cut_off_by_a_crash_is_left_out_and_those_before_it_stay(
    tmp_path_factory: pytest.TempPathFactory, records: list[bytes], cut: int
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    kept = journal(folder, object_bytes=10_000)
    for record in records:
        kept.append([record])
    (file,) = folder.glob("*.records")
    cut = min(cut, len(records[-1]) + 12)
    file.write_bytes(file.read_bytes()[:-cut])
    found = drain(journal(folder))
    assert found == ([records[:-1]] if records[:-1] else [])


def test_while_too_much_waits_callers_are_told_to_slow_down_and_afterwards_may_go_on(tmp_path: Path) -> None:
    kept = journal(tmp_path, object_bytes=10, most_bytes=20)
    kept.append([b"x" * 20])
    with pytest.raises(AwsError, match="Slow down") as refused:
        kept.append([b"y"])
    assert (refused.value.code, refused.value.status) == ("ServiceUnavailableException", 503)
    kept.take()
    kept.done()
    kept.append([b"y"])
    assert drain(kept) == [[b"y"]]


def test_nothing_waits_in_an_empty_journal(tmp_path: Path) -> None:
    kept = journal(tmp_path)
    assert kept.since is None
    with pytest.raises(LookupError):
        kept.take()
