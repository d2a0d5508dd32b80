"""What Kinesis tells CloudWatch of a stream.

Source: https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Final

from lab.local.edge import Response
from lab.local.monitoring.metrics import Metrics, of_request

NAMESPACE: Final = "AWS/Kinesis"
_BEHIND: Final = re.compile(rb'"MillisBehindLatest": (\d+)')
_RECORD: Final = b'"SequenceNumber": "'
"""What each record of an answer has once: answers are long, and to read one again would cost more than the reading."""

Operation = Callable[[dict[str, Any]], Response]


def put(original: Operation) -> Operation:
    """Wrap PutRecord."""

    @wraps(original)
    def put_record(data: dict[str, Any]) -> Response:
        began = time.time()
        answer = original(data)
        _told("PutRecord", data, answer, began, [data["Data"]])
        return answer

    return put_record


def put_several(original: Operation) -> Operation:
    """Wrap PutRecords."""

    @wraps(original)
    def put_records(data: dict[str, Any]) -> Response:
        began = time.time()
        answer = original(data)
        sent = [record["Data"] for record in data["Records"]]
        told, of = _told("PutRecords", data, answer, began, sent)
        if answer[0] == 200:
            told.count("PutRecords.TotalRecords", of, len(sent))
            told.count("PutRecords.SuccessfulRecords", of, len(sent))
        return answer

    return put_records


def got(original: Operation) -> Operation:
    """Wrap GetRecords."""

    @wraps(original)
    def get_records(data: dict[str, Any]) -> Response:
        from ministack.services import kinesis

        began = time.time()
        answer = original(data)
        place = kinesis._shard_iterators.get(data["ShardIterator"])
        if place is not None:
            told, of = of_request(NAMESPACE), {"StreamName": place["stream"]}
            told.count("GetRecords.Success", of, float(answer[0] == 200))
            behind = _BEHIND.search(answer[2])
            if answer[0] == 200 and behind:
                records = kinesis._streams[place["stream"]]["shards"][place["shard_id"]]["records"]
                taken = records[place["position"] : place["position"] + answer[2].count(_RECORD)]
                told.count("GetRecords.Records", of, len(taken))
                told.add("GetRecords.Bytes", _bytes(record["Data"] for record in taken), "Bytes", of)
                told.add("GetRecords.IteratorAgeMilliseconds", float(behind[1]), "Milliseconds", of)
                told.add("GetRecords.Latency", (time.time() - began) * 1000, "Milliseconds", of)
        return answer

    return get_records


def _told(
    operation: str, data: dict[str, Any], answer: Response, began: float, sent: list[str]
) -> tuple[Metrics, dict[str, str]]:
    """Tell what all puts tell. Returns the metrics and the dimensions of the stream."""
    name = data.get("StreamName") or str(data.get("StreamARN", "")).rpartition("/")[2]
    told, of = of_request(NAMESPACE), {"StreamName": name}
    if answer[0] == 200 or b"ResourceNotFoundException" not in answer[2]:
        told.count(f"{operation}.Success", of, float(answer[0] == 200))
    if answer[0] == 200:
        size = _bytes(sent)
        told.count("IncomingRecords", of, len(sent))
        told.add("IncomingBytes", size, "Bytes", of)
        told.add(f"{operation}.Bytes", size, "Bytes", of)
        told.add(f"{operation}.Latency", (time.time() - began) * 1000, "Milliseconds", of)
    return told, of


def _bytes(texts: Iterable[str]) -> float:
    """Return how many bytes texts in Base64 stand for."""
    return float(sum(len(text) * 3 // 4 - text.count("=", -2) for text in texts))
