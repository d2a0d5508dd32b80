"""The operations of Firehose, and its deliveries as one worker."""

from __future__ import annotations

import base64
import json
import threading
import uuid
from pathlib import Path
from typing import Any, Final

from lab.local.context import Context
from lab.local.edge import Call, Operation, Service
from lab.local.errors import AwsError
from lab.local.firehose.delivery import MEGABYTE, Delivery, Settings

DESTINATION_ID: Final = "destinationId-000000000001"
MOST_RECORD_BYTES: Final = 1_024_000
OTHERS: Final = "DestinationConfiguration"


class Firehose:
    """Delivery streams of one embedded AWS. Use ``service`` at the edge; start and stop it as a worker."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._folder = context.state / "firehose"
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = self._folder / "streams.json"
        self._lock = threading.RLock()
        self._streams: dict[str, dict[str, Any]] = _read(self._file)
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
        """Flush every stream."""
        for delivery in self._deliveries.values():
            delivery.stop(deadline)
        self._deliveries.clear()

    def _create(self, call: Call) -> dict[str, Any]:
        name = call.payload["DeliveryStreamName"]
        other = [key for key in call.payload if key.endswith(OTHERS) and key != f"ExtendedS3{OTHERS}"]
        if other or f"ExtendedS3{OTHERS}" not in call.payload:
            raise AwsError("InvalidArgumentException", f"Only ExtendedS3 destinations are served, not {other}.")
        with self._lock:
            if name in self._streams:
                raise AwsError("ResourceInUseException", f"Firehose {name} already exists.")
            arn = f"arn:aws:firehose:{call.region}:{call.account}:deliverystream/{name}"
            self._streams[name] = {
                "arn": arn,
                "type": call.payload.get("DeliveryStreamType", "DirectPut"),
                "source": call.payload.get("KinesisStreamSourceConfiguration"),
                "destination": call.payload[f"ExtendedS3{OTHERS}"],
                "tags": {tag["Key"]: tag.get("Value", "") for tag in call.payload.get("Tags", [])},
                "version": 1,
                "created": self._context.now(),
                "failure": "",
            }
            self._save()
            self._deliver(name)
        return {"DeliveryStreamARN": arn}

    def _describe(self, call: Call) -> dict[str, Any]:
        name = call.payload["DeliveryStreamName"]
        found = self._find(name)
        source = found["source"]
        destination = {key: value for key, value in found["destination"].items() if key != "S3BackupConfiguration"}
        description = {
            "DeliveryStreamName": name,
            "DeliveryStreamARN": found["arn"],
            "DeliveryStreamStatus": "ACTIVE",
            "DeliveryStreamType": found["type"],
            "VersionId": str(found["version"]),
            "CreateTimestamp": found["created"],
            "HasMoreDestinations": False,
            "Destinations": [{"DestinationId": DESTINATION_ID, "ExtendedS3DestinationDescription": destination}],
        }
        if source:
            description["Source"] = {"KinesisStreamSourceDescription": source}
        if found["failure"]:
            description["FailureDescription"] = {"Type": "UNKNOWN_ERROR", "Details": found["failure"]}
        return {"DeliveryStreamDescription": description}

    def _list(self, call: Call) -> dict[str, Any]:
        after, limit = call.payload.get("ExclusiveStartDeliveryStreamName", ""), call.payload.get("Limit", 10)
        names = sorted(name for name in self._streams if name > after)
        return {"DeliveryStreamNames": names[:limit], "HasMoreDeliveryStreams": len(names) > limit}

    def _delete(self, call: Call) -> dict[str, Any]:
        name = call.payload["DeliveryStreamName"]
        self._find(name)
        with self._lock:
            delivery = self._deliveries.pop(name, None)
            if delivery:
                delivery.stop(5)
            del self._streams[name]
            (self._folder / f"{name}.json").unlink(missing_ok=True)
            self._save()
        return {}

    def _update(self, call: Call) -> dict[str, Any]:
        name = call.payload["DeliveryStreamName"]
        found = self._find(name)
        if call.payload.get("CurrentDeliveryStreamVersionId") != str(found["version"]):
            raise AwsError("ConcurrentModificationException", "The delivery stream has another version.")
        with self._lock:
            found["destination"] = {**found["destination"], **call.payload.get("ExtendedS3DestinationUpdate", {})}
            found["version"] += 1
            self._save()
            self._deliver(name)
        return {}

    def _put(self, call: Call) -> dict[str, Any]:
        self._take(call.payload["DeliveryStreamName"], [call.payload["Record"]])
        return {"RecordId": uuid.uuid4().hex, "Encrypted": False}

    def _put_batch(self, call: Call) -> dict[str, Any]:
        records = call.payload["Records"]
        if not 1 <= len(records) <= 500:
            raise AwsError("InvalidArgumentException", "A batch holds 1 to 500 records.")
        self._take(call.payload["DeliveryStreamName"], records)
        return {"FailedPutCount": 0, "RequestResponses": [{"RecordId": uuid.uuid4().hex} for _ in records]}

    def _take(self, name: str, records: list[dict[str, str]]) -> None:
        if self._find(name)["source"]:
            raise AwsError("InvalidArgumentException", f"Firehose {name} reads from Kinesis; put records there.")
        data = [base64.b64decode(record["Data"]) for record in records]
        if any(len(record) > MOST_RECORD_BYTES for record in data):
            raise AwsError("InvalidArgumentException", "A record holds 1,000 KiB at most.")
        self._deliveries[name].put(data)

    def _tag(self, call: Call) -> dict[str, Any]:
        found = self._find(call.payload["DeliveryStreamName"])
        found["tags"] |= {tag["Key"]: tag.get("Value", "") for tag in call.payload["Tags"]}
        self._save()
        return {}

    def _untag(self, call: Call) -> dict[str, Any]:
        found = self._find(call.payload["DeliveryStreamName"])
        for key in call.payload["TagKeys"]:
            found["tags"].pop(key, None)
        self._save()
        return {}

    def _tags(self, call: Call) -> dict[str, Any]:
        tags = self._find(call.payload["DeliveryStreamName"])["tags"]
        return {"Tags": [{"Key": key, "Value": value} for key, value in sorted(tags.items())], "HasMoreTags": False}

    def _find(self, name: str) -> dict[str, Any]:
        found = self._streams.get(name)
        if found is None:
            raise AwsError("ResourceNotFoundException", f"Firehose {name} not found.")
        return found

    def _deliver(self, name: str) -> None:
        if not self._started:
            return
        earlier = self._deliveries.pop(name, None)
        if earlier:
            earlier.stop(10)
        found = self._streams[name]

        def failed(message: str) -> None:
            found["failure"] = message

        delivery = Delivery(self._context, settings(name, found), self._folder / f"{name}.json", failed)
        self._deliveries[name] = delivery
        delivery.start()

    def _save(self) -> None:
        with self._lock:
            part = self._file.with_suffix(".part")
            part.write_text(json.dumps(self._streams, indent=1))
            part.replace(self._file)


def settings(name: str, found: dict[str, Any]) -> Settings:
    """Return what a stream's configuration means for its delivery."""
    destination, source = found["destination"], found["source"]
    hints = destination.get("BufferingHints", {})
    compressed = destination.get("CompressionFormat", "UNCOMPRESSED") == "GZIP"
    return Settings(
        stream=name,
        version=str(found["version"]),
        source=source["KinesisStreamARN"].rpartition("/")[2] if source else None,
        source_role=source["RoleARN"] if source else "",
        source_arn=source["KinesisStreamARN"] if source else "",
        bucket=destination["BucketARN"].rpartition(":")[2],
        role=destination["RoleARN"],
        prefix=destination.get("Prefix", ""),
        zone=destination.get("CustomTimeZone", "UTC"),
        suffix=destination.get("FileExtension") or (".gz" if compressed else ""),
        compressed=compressed,
        delimiter=_delimiter(destination.get("ProcessingConfiguration", {})),
        buffer_bytes=int(hints.get("SizeInMBs", 5)) * MEGABYTE,
        buffer_seconds=float(hints.get("IntervalInSeconds", 300)),
    )


def _delimiter(processing: dict[str, Any]) -> bytes:
    if str(processing.get("Enabled", False)).lower() != "true":
        return b""
    for processor in processing.get("Processors", []):
        if processor["Type"] == "AppendDelimiterToRecord":
            parameters = {item["ParameterName"]: item["ParameterValue"] for item in processor.get("Parameters", [])}
            return parameters.get("Delimiter", "\\n").encode().decode("unicode_escape").encode()
    return b""


def _read(path: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    return document
