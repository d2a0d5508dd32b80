"""The job's two stores: S3 (of the embedded AWS) and folders answer alike."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from glue import temperature_etl as etl

if TYPE_CHECKING:
    from tests.conftest import EmbeddedAws

BUCKET = "etl-stores"


@pytest.fixture(params=["s3", "folder"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A place for objects, as a URL that ends with a slash."""
    if request.param == "folder":
        yield f"{tmp_path}/"
        return
    aws: EmbeddedAws = request.getfixturevalue("aws")
    client = aws.client("s3")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": aws.running.region})
    yield f"s3://{BUCKET}/"
    store = etl.S3Store()
    store.delete([item.url for item in store.below(f"s3://{BUCKET}/")])
    client.delete_bucket(Bucket=BUCKET)


@pytest.fixture
def store(root: str) -> etl.S3Store | etl.FolderStore:
    return etl.store_for(root)


def test_objects_are_listed_in_key_order_below_a_prefix_and_after_a_key(
    store: etl.S3Store | etl.FolderStore, root: str
) -> None:
    for key in ("raw/2025/10/15/03/b", "raw/2025/10/15/02/a:1", "raw/2025/10/15/03/a", "rawer/x"):
        store.write(f"{root}{key}", b"1234")
    found = list(store.below(f"{root}raw/", "2025/10/15/03"))
    assert [item.url for item in found] == [f"{root}raw/2025/10/15/03/{name}" for name in "ab"]
    assert {item.size for item in found} == {4}
    assert next(item.url for item in store.below(f"{root}raw/")) == f"{root}raw/2025/10/15/02/a:1"


def test_what_is_written_or_copied_is_read_until_it_is_deleted(store: etl.S3Store | etl.FolderStore, root: str) -> None:
    store.write(f"{root}a", b"one")
    store.copy(f"{root}a", f"{root}far/away/b")
    store.delete([f"{root}a", f"{root}never/there"])
    assert store.read(f"{root}a") is None
    found = store.read(f"{root}far/away/b")
    assert found is not None
    assert found[0] == b"one"
    store.delete([])


def test_an_object_is_replaced_only_where_it_is_still_the_same(store: etl.S3Store | etl.FolderStore, root: str) -> None:
    url = f"{root}state.json"
    first = store.replace(url, b"first", None)
    second = store.replace(url, b"second", first)
    for stale in (None, first):
        with pytest.raises(etl.OvertakenError, match="another run took over"):
            store.replace(url, b"third", stale)
    assert store.read(url) == (b"second", second)
    store.delete([url])
    with pytest.raises(etl.OvertakenError):
        store.replace(url, b"third", second)
    store.write(url, b"fourth")
    assert store.read(url)[0] == b"fourth"  # type: ignore[index]  # a plain write asks nothing


def test_a_request_that_was_done_but_not_answered_counts_as_done_when_it_is_repeated(aws: EmbeddedAws) -> None:
    client, url = aws.client("s3"), f"s3://{BUCKET}-again/state.json"
    client.create_bucket(Bucket=f"{BUCKET}-again", CreateBucketConfiguration={"LocationConstraint": aws.running.region})
    store = etl.S3Store()
    first = store.replace(url, b"first", None)
    second = store.replace(url, b"second", first)
    assert store.replace(url, b"second", first) == second
    store.delete([url])
    client.delete_bucket(Bucket=f"{BUCKET}-again")
