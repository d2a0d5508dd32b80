"""One crawl under way: its clients, its log, what it knows from earlier crawls, and whether it is to stop."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from lab.local.context import Context
from lab.local.crawler.catalogue import CALLER, Catalogue
from lab.local.crawler.listing import Entry
from lab.local.crawler.shape import Shape

LOG_GROUP: Final = "/aws-glue/crawlers"

logger = logging.getLogger("lab.crawler")


class StoppedError(Exception):
    """The crawl was asked to stop."""


class Shapes:
    """Shapes of objects by version, so that a crawl reads only what is new. Parameters: file, where they are kept."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: dict[str, Any] = {}
        self._used: dict[str, Any] = {}
        with suppress(FileNotFoundError, ValueError):
            self._known = json.loads(file.read_text())

    def of(self, bucket: str, entry: Entry, read: Callable[[], Shape]) -> Shape:
        """Return the shape of an object, reading it only when this version was not seen before."""
        name = f"{bucket}/{entry.key}"
        known = self._known.get(name)
        if known is None or known[0] != entry.etag:
            known = [entry.etag, read().document()]
        self._used[name] = known
        return Shape.read(known[1])

    def save(self) -> None:
        """Keep the shapes that this crawl used."""
        part = self._file.with_suffix(".part")
        part.write_text(json.dumps(self._used))
        part.replace(self._file)


class Crawl:
    """One crawl.

    Parameters: crawler, its definition, with the folders that earlier crawls saw; run_id, which every line of its log
    begins with; shapes, of the objects that earlier crawls read; stop, set when it is to stop.
    """

    def __init__(
        self, context: Context, crawler: dict[str, Any], run_id: str, shapes: Shapes, stop: threading.Event
    ) -> None:
        self._context = context
        self.crawler = crawler
        self.shapes = shapes
        self.folders: dict[str, list[str]] = dict(crawler.get("_folders", {}))
        self._run_id = run_id
        self._stop = stop
        self._lines: list[dict[str, Any]] = []
        self.catalogue = Catalogue(self.client("glue"), crawler, self._info, context.now)

    def client(self, service: str) -> Any:
        """Return a client of a service under the crawler's role."""
        return self._context.role_client(self._context.role_arn(self.crawler["Role"]), CALLER, service)

    def check(self) -> None:
        """Raise StoppedError when the crawl is to stop."""
        if self._stop.is_set():
            raise StoppedError

    def log(self, text: str) -> None:
        """Keep a line for the crawler's log stream."""
        now = int(self._context.now() * 1000)
        self._lines.append({"timestamp": now, "message": f"[{self._run_id}] {text}"})

    def send_log(self) -> None:
        """Put the kept lines into CloudWatch Logs under the crawler's role; a refusal does not fail the crawl."""
        client = self.client("logs")
        stream = {"logGroupName": LOG_GROUP, "logStreamName": self.crawler["Name"]}
        try:
            with suppress(client.exceptions.ResourceAlreadyExistsException):
                client.create_log_group(logGroupName=LOG_GROUP)
            with suppress(client.exceptions.ResourceAlreadyExistsException):
                client.create_log_stream(**stream)
            client.put_log_events(**stream, logEvents=self._lines)
        except client.exceptions.ClientError as error:
            logger.warning("crawler %s: its log: %s", self.crawler["Name"], error)
        self._lines = []

    def _info(self, text: str) -> None:
        self.log(f"INFO : {text}")
