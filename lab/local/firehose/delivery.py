"""One delivery stream at work: a thread that takes records from its source and writes objects."""

from __future__ import annotations

import gzip
import logging
import threading
from typing import Final

from lab.local.context import Context
from lab.local.firehose import prefix
from lab.local.firehose.batch import Batch, Source
from lab.local.firehose.metrics import StreamMetrics
from lab.local.firehose.report import Report
from lab.local.firehose.settings import Settings

POLL_SECONDS: Final = 0.25
RETRY_SECONDS: Final = 2.0

logger = logging.getLogger("lab.firehose")


class Delivery:
    """The thread of one delivery stream. It tries until it succeeds; what waits stays with the source."""

    def __init__(self, context: Context, settings: Settings, source: Source, metrics: StreamMetrics) -> None:
        self.source = source
        self.metrics = metrics
        self._context = context
        self._settings = settings
        self._report = Report(context, settings)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"firehose-{settings.stream}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, deadline: float) -> None:
        """Deliver what waits and end within some seconds."""
        self._stop.set()
        self._thread.join(deadline)

    def _work(self) -> None:
        pause = POLL_SECONDS
        while not self._stop.wait(pause):
            pause = self._turn(final=False)
        self._turn(final=True)

    def _turn(self, final: bool) -> float:
        """Read and write once. Returns the seconds until the next turn."""
        hop = self._settings.source_arn
        try:
            more = not final and self.source.fill()
            self.metrics.waiting(self.source.since)
            hop = self._settings.bucket
            while self._due(final):
                self._write(self.source.take())
                self.source.done()
        except Exception as error:
            logger.warning("delivery stream %s: %s: %s", self._settings.stream, hop, error)
            self._report.failed(hop, error)
            if hop == self._settings.bucket:
                self.metrics.failed()
            self.metrics.waiting(self.source.since)
            return RETRY_SECONDS
        return 0.0 if more else POLL_SECONDS

    def _due(self, final: bool) -> bool:
        """Tell whether an object is to be written now: it is full, old enough, or the last."""
        since = self.source.since
        if since is None:
            return False
        waited = self._context.now() - since
        return final or self.source.size >= self._settings.buffer_bytes or waited >= self._settings.buffer_seconds

    def _write(self, batch: Batch) -> None:
        settings = self._settings
        body = b"".join(record + settings.delimiter for record in batch.records)
        folder = prefix.expand(settings.prefix, batch.since, settings.zone)
        version = f"{settings.stream}-{settings.version}"
        key = folder + prefix.object_name(version, batch.since, settings.zone, batch.name) + settings.suffix
        client = self._context.role_client(settings.role, settings.caller, "s3")
        content = gzip.compress(body, compresslevel=6, mtime=0) if settings.compressed else body
        client.put_object(Bucket=settings.bucket, Key=key, Body=content, ContentType="application/octet-stream")
        self.metrics.waiting(batch.since)
        self.metrics.delivered(len(batch.records), len(body))
