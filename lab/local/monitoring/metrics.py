"""Metrics that services tell CloudWatch of themselves: one statistic set a minute, as AWS's own services send them.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_StatisticSet.html
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

MINUTE_SECONDS: Final = 60

Point = dict[str, Any]
"""A stored data point in MiniStack's form, with its statistic set in ``_stat``."""

_lock = threading.Lock()
_latest: dict[tuple[str, ...], Point] = {}
"""The point of each metric that was added to last; MiniStack keeps the same object in its store."""


class Change:
    """Who is told that metrics changed: the snapshots."""

    told: Callable[[], None] = staticmethod(lambda: None)


@dataclass(frozen=True)
class Metrics:
    """The metrics of one service in one place. namespace: such as ``AWS/Kinesis``."""

    namespace: str
    account: str
    region: str

    def add(self, name: str, value: float, unit: str, dimensions: Mapping[str, str], when: float | None = None) -> None:
        """Add a value to its minute. Parameters: when, Unix seconds, now where nothing is said."""
        from ministack.services import cloudwatch

        now = time.time() if when is None else when
        minute = int(now) // MINUTE_SECONDS * MINUTE_SECONDS
        key = (self.account, self.region, self.namespace, name, cloudwatch._dims_key(dimensions))
        with _lock:
            point = _latest.get(key)
            if point is None or point["Timestamp"] != minute:
                point = _latest[key] = self._opened(key, minute, unit, dimensions)
            point["_stat"] = _with(point["_stat"], value)
        Change.told()

    def count(self, name: str, dimensions: Mapping[str, str], number: float = 1.0) -> None:
        """Add to a number of events."""
        self.add(name, number, "Count", dimensions)

    def _opened(self, key: tuple[str, ...], minute: int, unit: str, dimensions: Mapping[str, str]) -> Point:
        """Return a new point that stands in MiniStack's store."""
        from ministack.core.responses import request_scope
        from ministack.services import cloudwatch

        point: Point = {"Timestamp": minute, "Value": 0.0, "Unit": unit, "Dimensions": dict(dimensions), "_stat": {}}
        with request_scope(self.account, self.region):
            cloudwatch._metric_bucket(key[2:]).append(point)
        return point


def _with(known: Mapping[str, float], value: float) -> dict[str, float]:
    """Return a statistic set with one more value. It is replaced, not changed: readers see it whole."""
    return {
        "SampleCount": known.get("SampleCount", 0.0) + 1.0,
        "Sum": known.get("Sum", 0.0) + value,
        "Minimum": min(known.get("Minimum", value), value),
        "Maximum": max(known.get("Maximum", value), value),
    }


def evicted(original: Callable[[], None]) -> Callable[[], None]:
    """Wrap the removal of old points, which replaces the lists that points are added to."""

    def evict_old_metrics() -> None:
        with _lock:
            original()

    return evict_old_metrics


def of_request(namespace: str) -> Metrics:
    """Return the metrics of a namespace in the account and region of the request that is served now."""
    from ministack.core.responses import get_account_id, get_region

    return Metrics(namespace, get_account_id(), get_region())
