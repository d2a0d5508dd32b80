"""Amazon EventBridge Scheduler: schedules that call an operation, a queue, a topic or a stream at their times."""

from __future__ import annotations

from lab.local.schedules.service import ROUTES, Schedules

__all__ = ["ROUTES", "Schedules"]
