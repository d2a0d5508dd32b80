"""Where closing shards join MiniStack, which drops a shard with its records when it is split or merged."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from lab.local.edge import Response, error_response
from lab.local.errors import AwsError
from lab.local.hook import Hook
from lab.local.kinesis import metrics, shards

Operation = Callable[[dict[str, Any]], Response]
Change = Callable[[shards.Stream, dict[str, Any]], dict[str, Any]]


def changing(change: Change) -> Callable[[Operation], Operation]:
    """Return what replaces an operation that changes a stream's shards."""

    def replace(original: Operation) -> Operation:
        @wraps(original)
        def operation(data: dict[str, Any]) -> Response:
            from ministack.core.responses import json_response
            from ministack.services import kinesis

            name, stream = kinesis._resolve_stream(data)
            if not stream:
                return error_response(AwsError("ResourceNotFoundException", f"Stream {name} not found"))
            try:
                answer: Response = json_response(change(stream, data))
            except AwsError as error:
                return error_response(error)
            return answer

        return operation

    return replace


def _split(stream: shards.Stream, data: dict[str, Any]) -> dict[str, Any]:
    shards.split(stream, data["ShardToSplit"], _hash_key(data["NewStartingHashKey"]))
    return {}


def _merge(stream: shards.Stream, data: dict[str, Any]) -> dict[str, Any]:
    shards.merge(stream, data["ShardToMerge"], data["AdjacentShardToMerge"])
    return {}


def _scale(stream: shards.Stream, data: dict[str, Any]) -> dict[str, Any]:
    before, wanted = len(shards.open_shards(stream)), int(data["TargetShardCount"])
    shards.scale(stream, wanted)
    return {
        "StreamName": stream["StreamName"],
        "StreamARN": stream["StreamARN"],
        "CurrentShardCount": before,
        "TargetShardCount": wanted,
    }


def _hash_key(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < shards.KEYS):
        raise AwsError("ValidationException", f"{text!r} at 'newStartingHashKey' is not a hash key.")
    return int(text)


def routed(_original: Callable[..., str]) -> Callable[..., str]:
    """Replace the choice of a record's shard: an open one."""

    def route_to_shard(hash_key_int: int, stream: shards.Stream) -> str:
        for name, shard in stream["shards"].items():
            if shards.ENDING not in shard and int(shard["starting_hash_key"]) <= hash_key_int <= int(
                shard["ending_hash_key"]
            ):
                return str(name)
        raise ValueError(f"no shard of {stream['StreamName']} takes the hash key {hash_key_int}")

    return route_to_shard


def shown(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Wrap the description of a shard: a closed one has a last sequence number."""

    @wraps(original)
    def shard_out(shard_id: str, shard: shards.Shard) -> dict[str, Any]:
        found = original(shard_id, shard)
        if shards.ENDING in shard:
            found["SequenceNumberRange"]["EndingSequenceNumber"] = shard[shards.ENDING]
        return found

    return shard_out


def read(original: Operation) -> Operation:
    """Wrap GetRecords: behind the last record of a closed shard there is no next iterator, but there are children.

    Source: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html
    """

    @wraps(original)
    def get_records(data: dict[str, Any]) -> Response:
        from ministack.services import kinesis

        status, headers, body = original(data)
        place = kinesis._shard_iterators.get(data.get("ShardIterator"))
        stream = kinesis._streams.get(place["stream"]) if place else None
        if status != 200 or stream is None or shards.ENDING not in stream["shards"].get(place["shard_id"], {}):
            return status, headers, body
        answer = json.loads(body)
        following = kinesis._shard_iterators[answer["NextShardIterator"]]
        if following["position"] < len(stream["shards"][place["shard_id"]]["records"]):
            return status, headers, body
        del kinesis._shard_iterators[answer.pop("NextShardIterator")]
        answer["ChildShards"] = [
            {
                "ShardId": name,
                "ParentShards": shards.parents(child),
                "HashKeyRange": {
                    "StartingHashKey": child["starting_hash_key"],
                    "EndingHashKey": child["ending_hash_key"],
                },
            }
            for name, child in shards.children(stream, place["shard_id"]).items()
        ]
        return status, headers, json.dumps(answer).encode()

    return get_records


def summarised(original: Operation) -> Operation:
    """Wrap DescribeStreamSummary: closed shards do not count."""

    @wraps(original)
    def describe_stream_summary(data: dict[str, Any]) -> Response:
        from ministack.services import kinesis

        status, headers, body = original(data)
        if status != 200:
            return status, headers, body
        answer = json.loads(body)
        _, stream = kinesis._resolve_stream(data)
        answer["StreamDescriptionSummary"]["OpenShardCount"] = len(shards.open_shards(stream))
        return status, headers, json.dumps(answer).encode()

    return describe_stream_summary


def listed(original: Operation) -> Operation:
    """Wrap ListShards, which does not know filters.

    Source: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ShardFilter.html
    """

    @wraps(original)
    def list_shards(data: dict[str, Any]) -> Response:
        status, headers, body = original(data)
        asked = data.get("ShardFilter")
        if status != 200 or not asked:
            return status, headers, body
        answer = json.loads(body)
        try:
            answer["Shards"] = _filtered(answer["Shards"], asked)
        except AwsError as error:
            return error_response(error)
        return status, headers, json.dumps(answer).encode()

    return list_shards


def _filtered(found: list[dict[str, Any]], asked: dict[str, Any]) -> list[dict[str, Any]]:
    names = {shard["ShardId"] for shard in found}
    kind = asked["Type"]
    if kind == "FROM_TRIM_HORIZON":
        return found
    if kind == "AT_TRIM_HORIZON":
        return [shard for shard in found if shard.get("ParentShardId") not in names]
    if kind == "AT_LATEST":
        return [shard for shard in found if "EndingSequenceNumber" not in shard["SequenceNumberRange"]]
    if kind == "AFTER_SHARD_ID" and asked.get("ShardId"):
        return [shard for shard in found if shard["ShardId"] > asked["ShardId"]]
    raise AwsError("InvalidArgumentException", f"The ShardFilter {kind} is not served by this AWS.")


def expired(original: Callable[..., None]) -> Callable[..., None]:
    """Wrap the removal of old records: closed shards go with their last one."""

    @wraps(original)
    def expire_records(stream: shards.Stream) -> None:
        original(stream)
        shards.forget_expired(stream)

    return expire_records


def retained(original: Operation) -> Operation:
    """Wrap a change of the retention period: one that is out of bounds is refused under Kinesis' own code.

    Source: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_IncreaseStreamRetentionPeriod.html
    """

    @wraps(original)
    def change_retention(data: dict[str, Any]) -> Response:
        status, headers, body = original(data)
        answer = json.loads(body) if status == 400 else {}
        if answer.get("__type") == "ValidationException":
            return error_response(AwsError("InvalidArgumentException", answer["message"]))
        return status, headers, body

    return change_retention


_KINESIS: Final = "ministack.services.kinesis"
HOOKS: Final = (
    Hook(_KINESIS, "_split_shard", ("data",), "a split shard keeps its records", changing(_split)),
    Hook(_KINESIS, "_merge_shards", ("data",), "merged shards keep their records", changing(_merge)),
    Hook(_KINESIS, "_update_shard_count", ("data",), "scaled streams keep their records", changing(_scale)),
    Hook(_KINESIS, "_route_to_shard", ("hash_key_int", "stream"), "closed shards take no record", routed),
    Hook(_KINESIS, "_shard_out", ("shard_id", "shard"), "the end of a closed shard", shown),
    Hook(_KINESIS, "_get_records", ("data",), "the children of a closed shard", read),
    Hook(_KINESIS, "_get_records", ("data",), "what readers tell CloudWatch", metrics.got),
    Hook(_KINESIS, "_put_record", ("data",), "what writers tell CloudWatch", metrics.put),
    Hook(_KINESIS, "_put_records", ("data",), "what writers of batches tell CloudWatch", metrics.put_several),
    Hook(_KINESIS, "_describe_stream_summary", ("data",), "the number of open shards", summarised),
    Hook(_KINESIS, "_list_shards", ("data",), "shards by a filter", listed),
    Hook(_KINESIS, "_increase_retention", ("data",), "retention periods out of bounds", retained),
    Hook(_KINESIS, "_decrease_retention", ("data",), "retention periods out of bounds", retained),
    Hook(_KINESIS, "_expire_records", ("stream",), "closed shards that have expired", expired),
    Hook(_KINESIS, "_resolve_stream", ("data",), "the stream of a request, by name or ARN"),
    Hook(_KINESIS, "_next_sequence_number", (), "where a shard begins and ends"),
    Hook(_KINESIS, "_max_shard_index", ("stream",), "names of new shards"),
    Hook(_KINESIS, "_shard_iterators", None, "where a reader stands"),
    Hook(_KINESIS, "_streams", None, "the shards of a stream"),
)
