"""The operations of crawlers, and their crawls in threads.

Source: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-crawling.html
"""

from __future__ import annotations

import logging
import threading
import uuid
from contextlib import suppress
from typing import Any, Final

from lab.local.context import Context
from lab.local.crawler import definition, dynamodb, history, s3, tags
from lab.local.crawler.catalogue import CALLER, Counts
from lab.local.crawler.crawl import Crawl, Shapes, StoppedError
from lab.local.crawler.history import Histories, page
from lab.local.crawler.starts import Starts
from lab.local.edge import Call, Operation
from lab.local.errors import AwsError
from lab.local.paths import read, write_private
from lab.local.service_events import Tell
from lab.local.waiting_thread import WaitingThread

INTERRUPTED: Final = "The service restarted while the crawler was running."

logger = logging.getLogger("lab.crawler")


class Crawlers:
    """Crawlers of one embedded AWS: ``operations`` for the edge, start and stop as a worker.

    Parameters: tell, puts an event on the bus.
    """

    def __init__(self, context: Context, tell: Tell) -> None:
        self._context = context
        self._tell = tell
        self._folder = context.state / "crawler"
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = self._folder / "crawlers.json"
        self._lock = threading.RLock()
        self._crawlers: dict[str, dict[str, Any]] = (read(self._file) or {}).get("crawlers", {})
        self._histories = Histories(self._crawlers)
        self._stops: dict[str, threading.Event] = {}
        self._threads: list[threading.Thread] = []
        self._starts = Starts(self._scheduled, self._start_scheduled, context.now)
        self._schedules = WaitingThread("crawler-schedules", self._starts.turn)
        for crawler in self._crawlers.values():
            if crawler["State"] != "READY":
                self._histories.end(crawler, "FAILED", INTERRUPTED, context.now(), Counts())

    @property
    def operations(self) -> dict[str, Operation]:
        """What is served of Glue."""
        return {
            "CreateCrawler": self._create,
            "UpdateCrawler": self._update,
            "DeleteCrawler": self._delete,
            "GetCrawler": lambda call: {"Crawler": self._shown(self._find(call.payload["Name"]))},
            "GetCrawlers": self._all,
            "ListCrawlers": self._names,
            "BatchGetCrawlers": self._several,
            "StartCrawler": self._start,
            "StopCrawler": self._stop,
            "StartCrawlerSchedule": self._start_schedule,
            "StopCrawlerSchedule": self._stop_schedule,
            "UpdateCrawlerSchedule": self._update_schedule,
            "GetCrawlerMetrics": self._metrics,
            "ListCrawls": self._crawls,
        }

    def start(self) -> None:
        """Let the schedules fire."""
        self._schedules.start()

    def stop(self, deadline: float) -> None:
        """End the crawls under way."""
        self._schedules.stop(deadline)
        for stop in list(self._stops.values()):
            stop.set()
        for thread in self._threads:
            thread.join(deadline)

    def _create(self, call: Call) -> dict[str, Any]:
        name = call.payload["Name"]
        with self._lock:
            if name in self._crawlers:
                raise AwsError("AlreadyExistsException", f"Crawler with name {name} already exists")
            now = self._context.now()
            crawler = {"Name": name, "State": "READY", "Version": 0, "CreationTime": now}
            self._define(crawler, call.payload)
        if call.payload.get("Tags"):
            tags.replace(self._context, name, call.payload["Tags"])
        self._schedules.wake()
        return {}

    def _update(self, call: Call) -> dict[str, Any]:
        with self._lock:
            crawler = self._ready(call.payload["Name"])
            self._define(crawler, call.payload)
        if "Tags" in call.payload:  # no member of the operation: a stack changes tags this way
            tags.replace(self._context, crawler["Name"], call.payload["Tags"] or {})
        self._schedules.wake()
        return {}

    def _define(self, crawler: dict[str, Any], payload: dict[str, Any]) -> None:
        wanted = definition.merged(crawler, payload)
        if payload.get("Schedule"):
            wanted["Schedule"] = definition.schedule(payload["Schedule"])
        elif "Schedule" in payload:
            wanted.pop("Schedule", None)
        try:
            self._context.assume(self._context.role_arn(wanted["Role"]), CALLER)
        except AwsError:
            raise AwsError(
                "InvalidInputException",
                "Service is unable to assume provided role. Please verify role's TrustPolicy",
            ) from None
        wanted["Version"] += 1
        wanted["LastUpdated"] = self._context.now()
        if wanted.get("Targets") != crawler.get("Targets"):
            wanted.pop("_folders", None)
        self._crawlers[crawler["Name"]] = wanted
        self._save()

    def _delete(self, call: Call) -> dict[str, Any]:
        name = call.payload["Name"]
        with self._lock:
            self._ready(name)
            del self._crawlers[name]
            self._save()
        tags.replace(self._context, name, {})
        self._shapes_file(name).unlink(missing_ok=True)
        return {}

    def _all(self, call: Call) -> dict[str, Any]:
        names, token = page(sorted(self._crawlers), call.payload, 1000)
        return {"Crawlers": [self._shown(self._crawlers[name]) for name in names], **token}

    def _names(self, call: Call) -> dict[str, Any]:
        known = sorted(self._crawlers)
        if call.payload.get("Tags"):
            known = tags.names(self._context, known, call.payload["Tags"])
        names, token = page(known, call.payload, 1000)
        return {"CrawlerNames": names, **token}

    def _several(self, call: Call) -> dict[str, Any]:
        names = call.payload["CrawlerNames"]
        found = [self._shown(self._crawlers[name]) for name in names if name in self._crawlers]
        return {"Crawlers": found, "CrawlersNotFound": [name for name in names if name not in self._crawlers]}

    def _start(self, call: Call) -> dict[str, Any]:
        self._begin(call.payload["Name"])
        return {}

    def _start_scheduled(self, name: str) -> None:
        with suppress(AwsError):  # it runs already, or was deleted meanwhile: this time is skipped
            self._begin(name)

    def _begin(self, name: str) -> None:
        with self._lock:
            crawler = self._ready(name)
            stop = self._stops[name] = threading.Event()
            self._histories.begin(crawler, uuid.uuid4().hex, self._context.now())
            self._save()
        self._tell(history.DETAIL_TYPE, history.started(crawler, self._context.account))
        thread = threading.Thread(target=self._crawl, args=(crawler, stop), name=f"crawl-{name}", daemon=True)
        self._threads = [item for item in self._threads if item.is_alive()] + [thread]
        thread.start()

    def _stop(self, call: Call) -> dict[str, Any]:
        name = call.payload["Name"]
        with self._lock:
            crawler = self._find(name)
            if crawler["State"] == "STOPPING":
                raise AwsError("CrawlerStoppingException", f"Crawler with name {name} is stopping")
            if crawler["State"] != "RUNNING":
                raise AwsError("CrawlerNotRunningException", f"Crawler with name {name} isn't running")
            crawler["State"] = "STOPPING"
            self._stops[name].set()
        return {}

    def _crawl(self, crawler: dict[str, Any], stop: threading.Event) -> None:
        name, run_id = crawler["Name"], crawler["_run"]["CrawlId"]
        status, message, counts = "SUCCEEDED", "", Counts()
        try:
            crawl = Crawl(self._context, crawler, run_id, Shapes(self._shapes_file(name)), stop)
            counts = crawl.catalogue.counts
            try:
                self._look(crawl)
            except StoppedError:
                status = "CANCELLED"
                crawl.log("INFO : The crawl was stopped")
            except Exception as error:
                status, message = "FAILED", str(error)
                crawl.log(f"ERROR : {error}")
            else:
                self._set(crawler, "_folders", crawl.folders)
            self._set(crawler, "State", "STOPPING")
            crawl.log("BENCHMARK : Crawler has finished running and is in state READY")
            crawl.send_log()
        except Exception as error:  # whatever stops a crawl is told where AWS tells it
            status, message = "FAILED", message or str(error)
        if status == "FAILED":
            logger.warning("crawler %s: %s", name, message)
        with self._lock:
            self._histories.end(crawler, status, message, self._context.now(), counts)
            self._stops.pop(name, None)
            self._save()
            told = history.ended(crawler, self._context.account)
        if told is not None:
            self._tell(history.DETAIL_TYPE, told)

    def _set(self, crawler: dict[str, Any], member: str, value: Any) -> None:
        with self._lock:
            crawler[member] = value

    def _look(self, crawl: Crawl) -> None:
        crawler = crawl.crawler
        crawl.log(f"BENCHMARK : Running Start Crawl for Crawler {crawler['Name']}")
        for target in crawler["Targets"].get("S3Targets") or []:
            s3.crawl(crawl, target)
        for target in crawler["Targets"].get("DynamoDBTargets") or []:
            dynamodb.crawl(crawl, target)
        crawl.shapes.save()
        crawl.log(f"BENCHMARK : Finished writing to Catalog, database {crawler['DatabaseName']}")

    def _scheduled(self) -> dict[str, str]:
        with self._lock:
            return {
                name: crawler["Schedule"]["ScheduleExpression"]
                for name, crawler in self._crawlers.items()
                if crawler.get("Schedule", {}).get("State") == "SCHEDULED"
            }

    def _start_schedule(self, call: Call) -> dict[str, Any]:
        name = call.payload["CrawlerName"]
        with self._lock:
            crawler = self._find(name)
            if not crawler.get("Schedule"):
                raise AwsError("NoScheduleException", f"Crawler {name} has no schedule")
            if crawler["Schedule"]["State"] == "SCHEDULED":
                raise AwsError("SchedulerRunningException", f"The schedule of crawler {name} is running already")
            crawler["Schedule"]["State"] = "SCHEDULED"
            self._save()
        self._schedules.wake()
        return {}

    def _stop_schedule(self, call: Call) -> dict[str, Any]:
        name = call.payload["CrawlerName"]
        with self._lock:
            crawler = self._find(name)
            if crawler.get("Schedule", {}).get("State") != "SCHEDULED":
                raise AwsError("SchedulerNotRunningException", f"The schedule of crawler {name} is not running")
            crawler["Schedule"]["State"] = "NOT_SCHEDULED"
            self._save()
        return {}

    def _update_schedule(self, call: Call) -> dict[str, Any]:
        with self._lock:
            crawler = self._find(call.payload["CrawlerName"])
            expression = call.payload.get("Schedule")
            if expression:
                crawler["Schedule"] = definition.schedule(expression)
            else:
                crawler.pop("Schedule", None)
            self._save()
        self._schedules.wake()
        return {}

    def _metrics(self, call: Call) -> dict[str, Any]:
        names, token = page(sorted(self._crawlers), call.payload, 1000)
        asked = call.payload.get("CrawlerNameList") or names
        rows = [self._histories.metrics(self._find(name)) for name in asked]
        return {"CrawlerMetricsList": rows, **({} if call.payload.get("CrawlerNameList") else token)}

    def _crawls(self, call: Call) -> dict[str, Any]:
        with self._lock:
            return self._histories.crawls(self._find(call.payload["CrawlerName"]), call.payload)

    def _find(self, name: str) -> dict[str, Any]:
        found = self._crawlers.get(name)
        if found is None:
            raise AwsError("EntityNotFoundException", f"Crawler with name {name} does not exist")
        return found

    def _ready(self, name: str) -> dict[str, Any]:
        crawler = self._find(name)
        if crawler["State"] != "READY":
            raise AwsError("CrawlerRunningException", f"Crawler with name {name} has already started")
        return crawler

    def _shown(self, crawler: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            elapsed = 0
            if crawler["State"] != "READY":
                elapsed = int(1000 * (self._context.now() - crawler["_run"]["StartTime"]))
            public = {key: value for key, value in crawler.items() if not key.startswith("_")}
            return {**public, "CrawlElapsedTime": elapsed}

    def _shapes_file(self, name: str) -> Any:
        return self._folder / f"shapes-{uuid.uuid5(uuid.NAMESPACE_URL, name).hex}.json"

    def _save(self) -> None:
        write_private(self._file, {"crawlers": self._crawlers})
