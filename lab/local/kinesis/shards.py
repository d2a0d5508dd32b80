"""Shards of a stream that are split and merged: a parent closes, keeps its records, and its children take over.

Source: https://docs.aws.amazon.com/streams/latest/dev/kinesis-using-sdk-java-after-resharding.html
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable
from typing import Any, Final

from lab.local.errors import AwsError

Shard = dict[str, Any]
"""MiniStack's shard with one member of ours, ``ending_sequence_number``, once it is closed."""
Stream = dict[str, Any]

ENDING: Final = "ending_sequence_number"
KEYS: Final = 2**128
MOST_TIMES: Final = 2
"""UpdateShardCount scales to the double or the half at most."""


def open_shards(stream: Stream) -> dict[str, Shard]:
    """Return the shards that take records, in the order of their hash keys."""
    found = [(name, shard) for name, shard in stream["shards"].items() if ENDING not in shard]
    return dict(sorted(found, key=lambda item: int(item[1]["starting_hash_key"])))


def children(stream: Stream, parent: str) -> dict[str, Shard]:
    """Return the shards that a closed shard was split or merged into."""
    return {name: shard for name, shard in stream["shards"].items() if parent in parents(shard)}


def parents(shard: Shard) -> list[str]:
    """Return the names of a shard's parents."""
    return [name for name in (shard["parent_shard_id"], shard["adjacent_parent_shard_id"]) if name]


def split(stream: Stream, name: str, at: int) -> None:
    """Split a shard in two. Parameters: at, the first hash key of the second child.

    Raises: AwsError InvalidArgumentException unless both children get hash keys.
    """
    first, last = _range(_eligible(stream, name))
    if not first < at <= last:
        raise AwsError(
            "InvalidArgumentException",
            f"NewStartingHashKey {at} used in SplitShard() on shard {name} in stream {stream['StreamName']} is not "
            f"within the shard's hash key range, {first + 1} to {last}.",
        )
    _replace(stream, [name], [(first, at - 1, [name]), (at, last, [name])])


def merge(stream: Stream, name: str, adjacent: str) -> None:
    """Merge two neighbours. Raises: AwsError InvalidArgumentException when they are none."""
    ranges = sorted([_range(_eligible(stream, name)), _range(_eligible(stream, adjacent))])
    if ranges[0][1] + 1 != ranges[1][0]:
        raise AwsError(
            "InvalidArgumentException",
            f"Shards {name} and {adjacent} in stream {stream['StreamName']} are not an adjacent pair of shards "
            "eligible for merging",
        )
    _replace(stream, [name, adjacent], [(ranges[0][0], ranges[1][1], [name, adjacent])])


def scale(stream: Stream, count: int) -> None:
    """Come to a number of equal shards by splits and merges, as AWS does; the shards in between stay, closed.

    Raises: AwsError LimitExceededException for more than the double or less than the half.
    """
    now = len(open_shards(stream))
    if count > MOST_TIMES * now or count * MOST_TIMES < now:
        raise AwsError(
            "LimitExceededException",
            f"UpdateShardCount cannot scale from {now} to {count}: at most to the double, at least to the half.",
        )
    if count == now:
        return
    edges = [number * KEYS // count for number in range(count + 1)]
    for edge in edges[1:-1]:
        (name,) = _within(stream, edge, edge)
        if _range(stream["shards"][name])[0] != edge:
            split(stream, name, edge)
    for first, after in itertools.pairwise(edges):
        while len(names := _within(stream, first, after - 1)) > 1:
            merge(stream, names[0], names[1])


def forget_expired(stream: Stream) -> None:
    """Remove closed shards whose last record has left the retention period."""
    kept_since = time.time() - stream["RetentionPeriodHours"] * 3600
    for name, shard in list(stream["shards"].items()):
        if ENDING in shard and not shard["records"] and shard["closed"] < kept_since:
            del stream["shards"][name]


def _eligible(stream: Stream, name: str) -> Shard:
    shard: Shard | None = stream["shards"].get(name)
    if shard is None:
        raise AwsError("ResourceNotFoundException", f"Shard {name} in stream {stream['StreamName']} not found")
    if ENDING in shard:
        raise AwsError(
            "InvalidArgumentException",
            f"Shard {name} in stream {stream['StreamName']} has already been merged or split, and thus is not "
            "eligible for merging or splitting.",
        )
    return shard


def _range(shard: Shard) -> tuple[int, int]:
    return int(shard["starting_hash_key"]), int(shard["ending_hash_key"])


def _within(stream: Stream, first: int, last: int) -> list[str]:
    """Return the open shards that have hash keys from ``first`` to ``last``."""
    ranges = {name: _range(shard) for name, shard in open_shards(stream).items()}
    return [name for name, (start, end) in ranges.items() if start <= last and first <= end]


def _replace(stream: Stream, closing: Iterable[str], made: list[tuple[int, int, list[str]]]) -> None:
    """Close shards and open others. Parameters: made, the first and last hash key and the parents of each."""
    from ministack.services import kinesis

    for name in closing:
        stream["shards"][name] |= {ENDING: kinesis._next_sequence_number(), "closed": time.time()}
    for first, last, of in made:
        stream["shards"][f"shardId-{kinesis._max_shard_index(stream) + 1:012d}"] = {
            "records": [],
            "starting_hash_key": str(first),
            "ending_hash_key": str(last),
            "starting_sequence_number": kinesis._next_sequence_number(),
            "parent_shard_id": of[0],
            "adjacent_parent_shard_id": of[1] if len(of) > 1 else None,
        }
