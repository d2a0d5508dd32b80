"""What a crawler remembers of its crawls: the last one, all of them, and the figures of its metrics.

Source: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-crawling.html (LastCrawlInfo, CrawlerHistory)
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from typing import Any, Final

from lab.local.crawler.catalogue import Counts
from lab.local.crawler.crawl import LOG_GROUP
from lab.local.errors import AwsError
from lab.local.schedules.expression import text_of

MOST_CRAWLS: Final = 1000
DETAIL_TYPE: Final = "Glue Crawler State Change"
STATES: Final = {"SUCCEEDED": "COMPLETED", "FAILED": "FAILED", "CANCELLED": "STOPPED"}


class Histories:
    """The crawls of all crawlers. Parameters: crawlers, by name; each keeps its own in ``_run`` and ``_history``."""

    def __init__(self, crawlers: Mapping[str, dict[str, Any]]) -> None:
        self._crawlers = crawlers

    def begin(self, crawler: dict[str, Any], crawl_id: str, now: float) -> None:
        """Begin a crawl."""
        crawler["State"] = "RUNNING"
        crawler["_run"] = {"CrawlId": crawl_id, "StartTime": now}

    def end(self, crawler: dict[str, Any], status: str, message: str, now: float, counts: Counts) -> None:
        """End the crawl under way. Parameters: status, as LastCrawl has it; message, why it failed."""
        run = crawler.pop("_run")
        log = {"LogGroup": LOG_GROUP, "LogStream": crawler["Name"], "MessagePrefix": run["CrawlId"]}
        error = {"ErrorMessage": message} if message else {}
        crawler["State"] = "READY"
        crawler["LastCrawl"] = {"Status": status, "StartTime": run["StartTime"], **log, **error}
        changes = {"ADD": counts.created, "UPDATE": counts.updated, "DELETE": counts.deleted}
        entry = {**run, **log, **error, "State": STATES[status], "EndTime": now, "DPUHour": 0.0}
        entry["Summary"] = json.dumps({"TABLE": {name: {"Count": count} for name, count in changes.items()}})
        crawler["_history"] = [entry, *crawler.get("_history", [])][:MOST_CRAWLS]
        crawler["_counts"] = dict(counts.__dict__)

    def metrics(self, crawler: dict[str, Any]) -> dict[str, Any]:
        """Return a crawler's row of GetCrawlerMetrics."""
        seconds = [run["EndTime"] - run["StartTime"] for run in crawler.get("_history", [])]
        counts = crawler.get("_counts", dict(Counts().__dict__))
        return {
            "CrawlerName": crawler["Name"],
            "StillEstimating": False,
            "TimeLeftSeconds": 0.0,
            "LastRuntimeSeconds": seconds[0] if seconds else 0.0,
            "MedianRuntimeSeconds": statistics.median(seconds) if seconds else 0.0,
            "TablesCreated": counts["created"],
            "TablesUpdated": counts["updated"],
            "TablesDeleted": counts["deleted"],
        }

    def crawls(self, crawler: dict[str, Any], payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return a page of ListCrawls, newest first.

        Raises: AwsError InvalidInputException for a filter that is not served: others than CRAWL_ID and STATE by EQ.
        """
        found = list(crawler.get("_history", []))
        if "_run" in crawler:
            found.insert(0, {**crawler["_run"], "State": "RUNNING"})
        members = {"CRAWL_ID": "CrawlId", "STATE": "State"}
        for wanted in payload.get("Filters") or []:
            if wanted.get("FieldName") not in members or wanted.get("FilterOperator") != "EQ":
                raise AwsError("InvalidInputException", f"The filter {wanted} is not served by this AWS.")
            found = [run for run in found if run[members[wanted["FieldName"]]] == wanted["FieldValue"]]
        ids, token = page([run["CrawlId"] for run in found], payload, 20)
        return {"Crawls": [run for run in found if run["CrawlId"] in ids], **token}


def started(crawler: Mapping[str, Any], account: str) -> dict[str, str]:
    """Return the detail of the event that a crawl began.

    Source: https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html
    """
    moment = text_of(crawler["_run"]["StartTime"])
    return {**_detail(crawler, account, "Started"), "startTime": moment}


def ended(crawler: Mapping[str, Any], account: str) -> dict[str, str] | None:
    """Return the detail of the event that a crawl ended, or None for one that was stopped: AWS tells of none."""
    last, run, counts = crawler["LastCrawl"], crawler["_history"][0], crawler["_counts"]
    if last["Status"] == "FAILED":
        return {**_detail(crawler, account, "Failed"), "errorMessage": last.get("ErrorMessage", "")}
    if last["Status"] != "SUCCEEDED":
        return None
    return {
        **_detail(crawler, account, "Succeeded"),
        "completionDate": text_of(run["EndTime"]),
        "runningTime (sec)": str(round(run["EndTime"] - run["StartTime"])),
        "tablesCreated": str(counts["created"]),
        "tablesUpdated": str(counts["updated"]),
        "tablesDeleted": str(counts["deleted"]),
        "warningMessage": "N/A",
    }


def _detail(crawler: Mapping[str, Any], account: str, state: str) -> dict[str, str]:
    return {"accountId": account, "crawlerName": crawler["Name"], "state": state, "message": f"Crawler {state}"}


def page(keys: Sequence[str], payload: Mapping[str, Any], size: int) -> tuple[list[str], dict[str, str]]:
    """Return the keys of the page that a request asks for, and its NextToken member when more follow.

    Parameters: payload, with MaxResults and NextToken, which is the last key that was shown; size, without MaxResults.
    Raises: AwsError InvalidInputException for a token that is none.
    """
    size = int(payload.get("MaxResults") or size)
    token = payload.get("NextToken")
    if token and token not in keys:
        raise AwsError("InvalidInputException", "NextToken is not valid.")
    rest = list(keys[keys.index(token) + 1 :] if token else keys)
    return rest[:size], ({"NextToken": rest[size - 1]} if len(rest) > size else {})
