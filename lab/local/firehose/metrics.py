"""What a delivery stream tells CloudWatch.

Source: https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html
"""

from __future__ import annotations

from typing import Final

from lab.local.context import Context
from lab.local.monitoring.metrics import Metrics

NAMESPACE: Final = "AWS/Firehose"
FRESHNESS_SECONDS: Final = 10.0
"""How often the age of what waits is told."""


class StreamMetrics:
    """The metrics of one delivery stream. Parameters: stream, its name."""

    def __init__(self, context: Context, stream: str) -> None:
        self._metrics = Metrics(NAMESPACE, context.account, context.region)
        self._now = context.now
        self._of = {"DeliveryStreamName": stream}
        self._aged = 0.0

    def put(self, operation: str, sizes: list[int]) -> None:
        """Tell of records that a client put. Parameters: operation, PutRecord or PutRecordBatch; sizes, in bytes."""
        self._metrics.count("IncomingRecords", self._of, len(sizes))
        self._metrics.add("IncomingBytes", sum(sizes), "Bytes", self._of)
        self._metrics.count("IncomingPutRequests", self._of)
        self._metrics.count(f"{operation}.Requests", self._of)
        self._metrics.add(f"{operation}.Bytes", sum(sizes), "Bytes", self._of)
        if operation == "PutRecordBatch":
            self._metrics.count("PutRecordBatch.Records", self._of, len(sizes))

    def read(self, sizes: list[int], behind: float) -> None:
        """Tell of records read from Kinesis. Parameters: behind, milliseconds that the reader is behind."""
        self._metrics.count("DataReadFromKinesisStream.Records", self._of, len(sizes))
        self._metrics.add("DataReadFromKinesisStream.Bytes", sum(sizes), "Bytes", self._of)
        self._metrics.add("KinesisMillisBehindLatest", behind, "Milliseconds", self._of)

    def delivered(self, records: int, size: int) -> None:
        """Tell of an object that was written. Parameters: size, in bytes before it was packed."""
        self._metrics.count("DeliveryToS3.Success", self._of)
        self._metrics.count("DeliveryToS3.Records", self._of, records)
        self._metrics.add("DeliveryToS3.Bytes", size, "Bytes", self._of)
        self._metrics.count("DeliveryToS3.ObjectCount", self._of)

    def failed(self) -> None:
        """Tell of an object that could not be written."""
        self._metrics.count("DeliveryToS3.Success", self._of, 0.0)

    def waiting(self, since: float | None) -> None:
        """Tell the age of the oldest record. Parameters: since, when it arrived; None when none waits."""
        now = self._now()
        if since is not None and now - self._aged >= FRESHNESS_SECONDS:
            self._aged = now
            self._metrics.add("DeliveryToS3.DataFreshness", now - since, "Seconds", self._of)
