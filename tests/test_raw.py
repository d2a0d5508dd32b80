"""Raw objects in a bucket of the embedded AWS."""

import gzip

import pytest

from lab import raw
from lab.errors import LabError

BUCKET = "raw-under-test"


@pytest.fixture(scope="module")
def bucket(aws):
    client = aws.client("s3")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    yield client
    for key in raw.keys(BUCKET, ""):
        client.delete_object(Bucket=BUCKET, Key=key)
    client.delete_bucket(Bucket=BUCKET)


def test_objects_are_counted_by_lines_that_are_not_empty(bucket) -> None:
    text = b'{"a": 1}\n\n{"a": 2}\n{"a"'
    bucket.put_object(Bucket=BUCKET, Key="one/x.gz", Body=gzip.compress(text))
    bucket.put_object(Bucket=BUCKET, Key="other/y.gz", Body=gzip.compress(b"z"))
    assert raw.keys(BUCKET, "one/") == ["one/x.gz"]
    (found,) = raw.look(BUCKET, ["one/x.gz"])
    assert (found.records, found.text_bytes) == (3, len(text))
    assert raw.read(BUCKET, "one/x.gz") == text


def test_new_objects_are_waited_for_and_known_ones_do_not_count(bucket) -> None:
    bucket.put_object(Bucket=BUCKET, Key="wait/old.gz", Body=gzip.compress(b"1\n2\n3\n"))
    heard: list[str] = []

    def watch(message: str) -> None:
        heard.append(message)
        bucket.put_object(Bucket=BUCKET, Key=f"wait/new-{len(heard)}.gz", Body=gzip.compress(b"4\n5\n"))

    arrived = raw.wait_for(BUCKET, "wait/", ["wait/old.gz"], 4, watch)
    assert sum(item.records for item in arrived) == 4
    assert heard[0] == "0 of 4 records in 0 objects"


def test_records_that_do_not_come_are_an_error(bucket, monkeypatch) -> None:
    monkeypatch.setattr(raw, "LONGEST_SECONDS", 0.0)
    with pytest.raises(LabError, match="Only 0 of 5 records"):
        raw.wait_for(BUCKET, "nothing/", [], 5)
