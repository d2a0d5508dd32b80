"""Shards that are split, merged and scaled: parents close and keep their records, children take the new ones.

Source: https://docs.aws.amazon.com/streams/latest/dev/kinesis-using-sdk-java-after-resharding.html
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from lab.local.errors import AwsError
from lab.local.kinesis import shards
from tests.local import account
from tests.local.account import Statement, wait_for

LAST_KEY = 2**128 - 1
MIDDLE = 2**127


@pytest.fixture
def stream(aws: Any) -> Iterator[str]:
    kinesis, name = aws.client("kinesis"), account.unique("reshard")
    kinesis.create_stream(StreamName=name, ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})
    yield name
    kinesis.delete_stream(StreamName=name)


def put(aws: Any, stream: str, data: str, hash_key: int) -> str:
    """Put a record and return the shard that took it."""
    answer = aws.client("kinesis").put_record(
        StreamName=stream, PartitionKey="k", ExplicitHashKey=str(hash_key), Data=data.encode()
    )
    return str(answer["ShardId"])


def contents(aws: Any, stream: str, shard: str) -> tuple[list[str], list[str] | None]:
    """Return a shard's records, and its children when it has ended."""
    kinesis, found = aws.client("kinesis"), []
    place = {"StreamName": stream, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
    iterator = kinesis.get_shard_iterator(**place)["ShardIterator"]
    while True:
        answer = kinesis.get_records(ShardIterator=iterator, Limit=1)
        found += [record["Data"].decode() for record in answer["Records"]]
        if "NextShardIterator" not in answer:
            return found, [child["ShardId"] for child in answer["ChildShards"]]
        if not answer["Records"]:
            return found, None
        iterator = answer["NextShardIterator"]


def test_a_split_shard_closes_and_its_children_take_the_records(aws: Any, stream: str) -> None:
    kinesis = aws.client("kinesis")
    parent = put(aws, stream, "before", 0)
    put(aws, stream, "before, too", LAST_KEY)
    kinesis.split_shard(StreamName=stream, ShardToSplit=parent, NewStartingHashKey=str(MIDDLE))
    low, high = put(aws, stream, "low", MIDDLE - 1), put(aws, stream, "high", MIDDLE)
    assert len({parent, low, high}) == 3
    assert contents(aws, stream, parent) == (["before", "before, too"], [low, high])
    assert contents(aws, stream, low) == (["low"], None)
    listed = {shard["ShardId"]: shard for shard in kinesis.list_shards(StreamName=stream)["Shards"]}
    assert [listed[name].get("ParentShardId") for name in (parent, low, high)] == [None, parent, parent]
    assert ["EndingSequenceNumber" in listed[name]["SequenceNumberRange"] for name in (parent, low)] == [True, False]
    assert kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["OpenShardCount"] == 2
    latest = kinesis.list_shards(StreamName=stream, ShardFilter={"Type": "AT_LATEST"})["Shards"]
    assert [shard["ShardId"] for shard in latest] == [low, high]
    oldest = kinesis.list_shards(StreamName=stream, ShardFilter={"Type": "AT_TRIM_HORIZON"})["Shards"]
    assert [shard["ShardId"] for shard in oldest] == [parent]


def test_merged_shards_close_and_their_child_has_both_for_parents(aws: Any, stream: str) -> None:
    kinesis = aws.client("kinesis")
    kinesis.update_shard_count(StreamName=stream, TargetShardCount=2, ScalingType="UNIFORM_SCALING")
    low, high = put(aws, stream, "low", 0), put(aws, stream, "high", LAST_KEY)
    kinesis.merge_shards(StreamName=stream, ShardToMerge=high, AdjacentShardToMerge=low)
    child = put(aws, stream, "after", MIDDLE)
    assert contents(aws, stream, low) == (["low"], [child])
    assert contents(aws, stream, high) == (["high"], [child])
    (shown,) = [shard for shard in kinesis.list_shards(StreamName=stream)["Shards"] if shard["ShardId"] == child]
    assert {shown["ParentShardId"], shown["AdjacentParentShardId"]} == {low, high}
    assert shown["HashKeyRange"] == {"StartingHashKey": "0", "EndingHashKey": str(LAST_KEY)}


def test_what_cannot_be_split_or_merged_is_refused(aws: Any, stream: str) -> None:
    kinesis = aws.client("kinesis")
    parent = put(aws, stream, "x", 0)
    with pytest.raises(ClientError, match=r"InvalidArgumentException.*is not within the shard's hash key range"):
        kinesis.split_shard(StreamName=stream, ShardToSplit=parent, NewStartingHashKey="0")
    kinesis.split_shard(StreamName=stream, ShardToSplit=parent, NewStartingHashKey=str(MIDDLE))
    with pytest.raises(ClientError, match=r"InvalidArgumentException.*already been merged or split"):
        kinesis.split_shard(StreamName=stream, ShardToSplit=parent, NewStartingHashKey=str(MIDDLE))
    kinesis.split_shard(StreamName=stream, ShardToSplit=put(aws, stream, "x", 0), NewStartingHashKey=str(MIDDLE // 2))
    first, last = put(aws, stream, "x", 0), put(aws, stream, "x", LAST_KEY)
    with pytest.raises(ClientError, match=r"InvalidArgumentException.*not an adjacent pair"):
        kinesis.merge_shards(StreamName=stream, ShardToMerge=first, AdjacentShardToMerge=last)
    with pytest.raises(ClientError, match=r"ResourceNotFoundException"):
        kinesis.merge_shards(StreamName=stream, ShardToMerge=first, AdjacentShardToMerge="shardId-000000000099")
    with pytest.raises(ClientError, match=r"LimitExceededException"):
        kinesis.update_shard_count(StreamName=stream, TargetShardCount=7, ScalingType="UNIFORM_SCALING")


def fresh() -> shards.Stream:
    whole = {"starting_hash_key": "0", "ending_hash_key": str(LAST_KEY), "records": ["kept"]}
    only = {**whole, "parent_shard_id": None, "adjacent_parent_shard_id": None}
    return {"StreamName": "s", "RetentionPeriodHours": 24, "shards": {"shardId-000000000000": only}}


@given(st.lists(st.tuples(st.sampled_from(["split", "merge", "scale"]), st.integers(0, LAST_KEY)), max_size=12))
def test_whatever_is_done_the_open_shards_share_all_hash_keys_and_no_record_is_dropped(
    steps: list[tuple[str, int]],
) -> None:
    stream = fresh()
    for step, number in steps:
        names = list(shards.open_shards(stream))
        chosen = names[number % len(names)]
        try:
            if step == "split":
                shards.split(stream, chosen, number)
            elif step == "merge":
                shards.merge(stream, chosen, names[(number + 1) % len(names)])
            else:
                shards.scale(stream, 1 + number % 6)
        except AwsError:
            continue
    ranges = [(int(s["starting_hash_key"]), int(s["ending_hash_key"])) for s in shards.open_shards(stream).values()]
    assert ranges[0][0] == 0
    assert ranges[-1][1] == LAST_KEY
    assert all(before[1] + 1 == after[0] for before, after in itertools.pairwise(ranges))
    assert stream["shards"]["shardId-000000000000"]["records"] == ["kept"]
    for name, shard in stream["shards"].items():
        assert (shards.ENDING in shard) == bool(shards.children(stream, name))
        assert all(parent in stream["shards"] for parent in shards.parents(shard))


def test_a_started_delivery_stream_goes_on_with_the_children_and_loses_nothing(aws: Any, stream: str) -> None:
    kinesis, firehose, name = aws.client("kinesis"), aws.client("firehose"), account.unique("delivery")
    arn = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["StreamARN"]
    role = account.role("firehose.amazonaws.com", [Statement("kinesis:*"), Statement("s3:PutObject")])
    with account.bucket() as bucket:
        firehose.create_delivery_stream(
            DeliveryStreamName=name,
            DeliveryStreamType="KinesisStreamAsSource",
            KinesisStreamSourceConfiguration={"KinesisStreamARN": arn, "RoleARN": role},
            ExtendedS3DestinationConfiguration={
                "RoleARN": role,
                "BucketARN": f"arn:aws:s3:::{bucket}",
                "BufferingHints": {"IntervalInSeconds": 0, "SizeInMBs": 1},
                "ProcessingConfiguration": {"Enabled": True, "Processors": [{"Type": "AppendDelimiterToRecord"}]},
            },
        )
        sent = []
        for count in (2, 3, 2, 2):
            texts = [f"{len(sent) + number}" for number in range(20)]
            kinesis.put_records(
                StreamName=stream,
                Records=[
                    {"PartitionKey": "k", "ExplicitHashKey": str(number * (LAST_KEY // 20)), "Data": text.encode()}
                    for number, text in enumerate(texts)
                ],
            )
            sent += texts
            kinesis.update_shard_count(StreamName=stream, TargetShardCount=count, ScalingType="UNIFORM_SCALING")
        arrived = wait_for(lambda: len(found := account.lines(bucket)) >= len(sent) and found, "the records")
        assert sorted(arrived) == sorted(sent)
        firehose.delete_delivery_stream(DeliveryStreamName=name)
    account.drop_role(role)
