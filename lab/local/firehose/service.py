"""The operations of Firehose, and its deliveries as one worker.

Source: https://docs.aws.amazon.com/firehose/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

import base64
import binascii
import shutil
import threading
import uuid
from pathlib import Path
from typing import Any, Final

from lab.local.context import Context
from lab.local.edge import Call, Operation, Service
from lab.local.errors import AwsError
from lab.local.firehose.delivery import Delivery
from lab.local.firehose.describe import description
from lab.local.firehose.journal import Journal
from lab.local.firehose.metrics import StreamMetrics
from lab.local.firehose.settings import MEGABYTE, settings
from lab.local.firehose.stream import StreamSource
from lab.local.firehose.validate import checked_creation, checked_update
from lab.local.paths import read, write_private

MOST_RECORD_BYTES: Final = 1000 * 1024
MOST_BATCH_RECORDS: Final = 500
MOST_BATCH_BYTES: Final = 4 * MEGABYTE
STOP_SECONDS: Final = 10.0


class Firehose:
    """Delivery streams of one embedded AWS. Use ``service`` at the edge; start and stop it as a worker."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._folder = context.state / "firehose"
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = self._folder / "streams.json"
        self._lock = threading.RLock()
        self._streams: dict[str, dict[str, Any]] = read(self._file) or {}
        self._deliveries: dict[str, Delivery] = {}
        self._started = False

    @property
    def service(self) -> Service:
        """What is served."""
        operations: dict[str, Operation] = {
            "CreateDeliveryStream": self._create,
            "DescribeDeliveryStream": self._describe,
            "ListDeliveryStreams": self._list,
            "DeleteDeliveryStream": self._delete,
            "UpdateDestination": self._update,
            "PutRecord": self._put,
            "PutRecordBatch": self._put_batch,
            "TagDeliveryStream": self._tag,
            "UntagDeliveryStream": self._untag,
            "ListTagsForDeliveryStream": self._tags,
        }
        return Service(operations, passes_on=False)

    def start(self) -> None:
        """Deliver what the streams of an earlier run have left."""
        self._started = True
        for name in self._streams:
            self._deliver(name)

    def stop(self, deadline: float) -> None:
        """Deliver what waits in every stream."""
        for delivery in self._deliveries.values():
            delivery.stop(deadline)
        self._deliveries.clear()

    def _create(self, call: Call) -> dict[str, Any]:
        name, made = checked_creation(call, self._context)
        with self._lock:
            if name in self._streams:
                raise AwsError(
                    "ResourceInUseException", f"Firehose {name} under accountId {call.account} already exists"
                )
            self._streams[name] = made
            self._save()
            self._deliver(name)
        return {"DeliveryStreamARN": made["arn"]}

    def _describe(self, call: Call) -> dict[str, Any]:
        name, found = self._find(call)
        return {"DeliveryStreamDescription": description(name, found)}

    def _list(self, call: Call) -> dict[str, Any]:
        after, limit = call.payload.get("ExclusiveStartDeliveryStreamName", ""), call.payload.get("Limit", 10)
        kind = call.payload.get("DeliveryStreamType")
        names = sorted(
            name for name, found in self._streams.items() if name > after and (kind is None or found["type"] == kind)
        )
        return {"DeliveryStreamNames": names[:limit], "HasMoreDeliveryStreams": len(names) > limit}

    def _delete(self, call: Call) -> dict[str, Any]:
        name, _ = self._find(call)
        with self._lock:
            delivery = self._deliveries.pop(name, None)
            if delivery:
                delivery.stop(STOP_SECONDS)
            del self._streams[name]
            self._checkpoint(name).unlink(missing_ok=True)
            shutil.rmtree(self._journal(name), ignore_errors=True)
            self._save()
        return {}

    def _update(self, call: Call) -> dict[str, Any]:
        name, found = self._find(call)
        with self._lock:
            found["destination"] = checked_update(call, found)
            found["version"] += 1
            self._save()
            self._deliver(name)
        return {}

    def _put(self, call: Call) -> dict[str, Any]:
        self._take(call, [call.payload.get("Record")])
        return {"RecordId": _record_id(), "Encrypted": False}

    def _put_batch(self, call: Call) -> dict[str, Any]:
        records = call.payload.get("Records")
        if not isinstance(records, list) or not 1 <= len(records) <= MOST_BATCH_RECORDS:
            raise AwsError("InvalidArgumentException", f"A batch holds 1 to {MOST_BATCH_RECORDS} records.")
        self._take(call, records)
        answers = [{"RecordId": _record_id()} for _ in records]
        return {"FailedPutCount": 0, "Encrypted": False, "RequestResponses": answers}

    def _take(self, call: Call, records: list[Any]) -> None:
        """Keep records of a direct put; they are safe when this returns."""
        name, found = self._find(call)
        if found["source"]:
            raise AwsError(
                "InvalidArgumentException",
                f"This operation is not permitted on KinesisStreamAsSource delivery stream type: {name}.",
            )
        data = [_data(record) for record in records]
        if any(len(record) > MOST_RECORD_BYTES for record in data):
            raise AwsError("InvalidArgumentException", "A record holds 1,000 KiB at most.")
        if sum(map(len, data)) > MOST_BATCH_BYTES:
            raise AwsError("InvalidArgumentException", "A batch holds 4 MiB at most.")
        with self._lock:  # the stream may have been given another delivery, or been deleted, in between
            delivery = self._deliveries.get(name)
            if delivery is None or not isinstance(delivery.source, Journal):
                raise AwsError("ServiceUnavailableException", "Slow down.", 503)
            delivery.source.append(data)
        delivery.metrics.put(call.operation, [len(record) for record in data])

    def _tag(self, call: Call) -> dict[str, Any]:
        _, found = self._find(call)
        found["tags"] |= {tag["Key"]: tag.get("Value", "") for tag in call.payload.get("Tags", [])}
        self._save()
        return {}

    def _untag(self, call: Call) -> dict[str, Any]:
        _, found = self._find(call)
        for key in call.payload.get("TagKeys", []):
            found["tags"].pop(key, None)
        self._save()
        return {}

    def _tags(self, call: Call) -> dict[str, Any]:
        tags = self._find(call)[1]["tags"]
        return {"Tags": [{"Key": key, "Value": value} for key, value in sorted(tags.items())], "HasMoreTags": False}

    def _find(self, call: Call) -> tuple[str, dict[str, Any]]:
        name = call.payload.get("DeliveryStreamName")
        found = self._streams.get(name) if isinstance(name, str) else None
        if found is None:
            raise AwsError("ResourceNotFoundException", f"Firehose {name} under account {call.account} not found.")
        return str(name), found

    def _deliver(self, name: str) -> None:
        """Begin to deliver a stream, or go on with other settings; what waits is delivered by the old ones."""
        if not self._started:
            return
        earlier = self._deliveries.pop(name, None)
        if earlier:
            earlier.stop(STOP_SECONDS)
        meant = settings(name, self._streams[name])
        metrics = StreamMetrics(self._context, name)
        source = (
            StreamSource(self._context, meant, self._checkpoint(name), metrics)
            if meant.source_arn
            else Journal(self._journal(name), meant.buffer_bytes, self._context.now)
        )
        self._deliveries[name] = Delivery(self._context, meant, source, metrics)
        self._deliveries[name].start()

    def _checkpoint(self, name: str) -> Path:
        return self._folder / f"{name}.json"

    def _journal(self, name: str) -> Path:
        return self._folder / f"{name}.journal"

    def _save(self) -> None:
        with self._lock:
            write_private(self._file, self._streams)


def _data(record: Any) -> bytes:
    """Return a record's bytes. Raises: AwsError SerializationException when it is none."""
    try:
        return base64.b64decode(record["Data"], validate=True)
    except (TypeError, KeyError, ValueError, binascii.Error):
        raise AwsError("SerializationException", "A record's Data must be text in Base64.") from None


def _record_id() -> str:
    return uuid.uuid4().hex
