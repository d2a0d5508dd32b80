"""The operations of crawlers, and their crawls in threads."""

from __future__ import annotations

import json
import logging
import threading
from pathlib import Path
from typing import Any, Final

from lab.local.context import Context
from lab.local.crawler import dynamodb, s3
from lab.local.edge import Call, Operation
from lab.local.errors import AwsError

DEFINED: Final = (
    "Role",
    "DatabaseName",
    "Description",
    "Targets",
    "Classifiers",
    "SchemaChangePolicy",
    "RecrawlPolicy",
    "LineageConfiguration",
    "TablePrefix",
    "Configuration",
    "CrawlerSecurityConfiguration",
    "LakeFormationConfiguration",
)

logger = logging.getLogger("lab.crawler")


class Crawlers:
    """Crawlers of one embedded AWS: ``operations`` for the edge, start and stop as a worker."""

    def __init__(self, context: Context) -> None:
        self._context = context
        folder = context.state / "crawler"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = folder / "crawlers.json"
        self._lock = threading.RLock()
        self._crawlers: dict[str, dict[str, Any]] = _read(self._file)
        for crawler in self._crawlers.values():  # a crawl that a crash interrupted is over
            crawler["State"] = "READY"
        self._threads: list[threading.Thread] = []

    @property
    def operations(self) -> dict[str, Operation]:
        """What is served of Glue."""
        return {
            "CreateCrawler": self._create,
            "UpdateCrawler": self._update,
            "DeleteCrawler": self._delete,
            "GetCrawler": lambda call: {"Crawler": self._shown(self._find(call.payload["Name"]))},
            "GetCrawlers": lambda _call: {"Crawlers": [self._shown(item) for item in self._sorted()]},
            "ListCrawlers": lambda _call: {"CrawlerNames": [item["Name"] for item in self._sorted()]},
            "BatchGetCrawlers": self._several,
            "StartCrawler": self._start,
            "GetCrawlerMetrics": self._metrics,
        }

    def start(self) -> None:
        """Nothing runs until it is asked for."""

    def stop(self, deadline: float) -> None:
        """Wait for crawls under way."""
        for thread in self._threads:
            thread.join(deadline)

    def _create(self, call: Call) -> dict[str, Any]:
        name = call.payload["Name"]
        with self._lock:
            if name in self._crawlers:
                raise AwsError("AlreadyExistsException", f"Crawler {name} already exists")
            self._crawlers[name] = {"Name": name, "State": "READY", "Version": 1, "CreationTime": self._context.now()}
            self._define(self._crawlers[name], call.payload)
        return {}

    def _update(self, call: Call) -> dict[str, Any]:
        with self._lock:
            crawler = self._ready(call.payload["Name"])
            crawler["Version"] += 1
            self._define(crawler, call.payload)
        return {}

    def _define(self, crawler: dict[str, Any], payload: dict[str, Any]) -> None:
        crawler |= {name: payload[name] for name in DEFINED if name in payload}
        if payload.get("Schedule"):
            crawler["Schedule"] = {"ScheduleExpression": payload["Schedule"], "State": "SCHEDULED"}
        crawler["LastUpdated"] = self._context.now()
        self._save()

    def _delete(self, call: Call) -> dict[str, Any]:
        with self._lock:
            self._ready(call.payload["Name"])
            del self._crawlers[call.payload["Name"]]
            self._save()
        return {}

    def _several(self, call: Call) -> dict[str, Any]:
        names = call.payload["CrawlerNames"]
        found = [self._shown(self._crawlers[name]) for name in names if name in self._crawlers]
        return {"Crawlers": found, "CrawlersNotFound": [name for name in names if name not in self._crawlers]}

    def _start(self, call: Call) -> dict[str, Any]:
        with self._lock:
            crawler = self._ready(call.payload["Name"])
            crawler["State"] = "RUNNING"
            crawler["Started"] = self._context.now()
        thread = threading.Thread(target=self._crawl, args=(crawler,), name=f"crawl-{crawler['Name']}", daemon=True)
        self._threads = [item for item in self._threads if item.is_alive()] + [thread]
        thread.start()
        return {}

    def _crawl(self, crawler: dict[str, Any]) -> None:
        last: dict[str, Any] = {"StartTime": crawler["Started"], "LogGroup": "/aws-glue/crawlers"}
        last["LogStream"] = crawler["Name"]
        counts = {"created": 0, "updated": 0}
        try:
            for target in crawler["Targets"].get("S3Targets", []):
                s3.crawl(self._context, crawler, target, counts)
            for target in crawler["Targets"].get("DynamoDBTargets", []):
                dynamodb.crawl(self._context, crawler, target, counts)
            last["Status"] = "SUCCEEDED"
        except Exception as error:  # whatever stops a crawl is told where AWS tells it
            logger.warning("crawler %s: %s", crawler["Name"], error)
            last |= {"Status": "FAILED", "ErrorMessage": str(error)}
        with self._lock:
            crawler["LastCrawl"] = last
            crawler["Counts"] = counts
            crawler["Seconds"] = self._context.now() - crawler["Started"]
            crawler["State"] = "READY"
            self._save()

    def _metrics(self, call: Call) -> dict[str, Any]:
        names = call.payload.get("CrawlerNameList") or [item["Name"] for item in self._sorted()]
        rows = []
        for name in names:
            crawler = self._find(name)
            counts = crawler.get("Counts", {"created": 0, "updated": 0})
            rows.append(
                {
                    "CrawlerName": name,
                    "StillEstimating": False,
                    "TimeLeftSeconds": 0.0,
                    "LastRuntimeSeconds": crawler.get("Seconds", 0.0),
                    "MedianRuntimeSeconds": crawler.get("Seconds", 0.0),
                    "TablesCreated": counts["created"],
                    "TablesUpdated": counts["updated"],
                    "TablesDeleted": 0,
                }
            )
        return {"CrawlerMetricsList": rows}

    def _find(self, name: str) -> dict[str, Any]:
        found = self._crawlers.get(name)
        if found is None:
            raise AwsError("EntityNotFoundException", f"Crawler {name} not found")
        return found

    def _ready(self, name: str) -> dict[str, Any]:
        crawler = self._find(name)
        if crawler["State"] != "READY":
            raise AwsError("CrawlerRunningException", f"Crawler with name {name} has already started")
        return crawler

    def _sorted(self) -> list[dict[str, Any]]:
        return [crawler for _, crawler in sorted(self._crawlers.items())]

    def _shown(self, crawler: dict[str, Any]) -> dict[str, Any]:
        elapsed = int(1000 * (self._context.now() - crawler["Started"])) if crawler["State"] != "READY" else 0
        hidden = ("Counts", "Seconds", "Started")
        return {**{key: value for key, value in crawler.items() if key not in hidden}, "CrawlElapsedTime": elapsed}

    def _save(self) -> None:
        part = self._file.with_suffix(".part")
        part.write_text(json.dumps(self._crawlers, indent=1))
        part.replace(self._file)


def _read(path: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    return document
