"""The worker that evaluates alarms, and measures the queues, which tell nothing by themselves.

It works on the loop that serves requests, as MiniStack's own evaluation does, so that nothing changes beneath it.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from lab.local.context import Context
from lab.local.monitoring.metrics import MINUTE_SECONDS, Metrics

TURN_SECONDS: Final = 5.0
"""An alarm changes at the latest so long after the minute that decides it."""
QUEUE_METRICS: Final = {
    "ApproximateNumberOfMessagesVisible": "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible": "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed": "ApproximateNumberOfMessagesDelayed",
}
"""Metrics of a queue and the attributes that they show.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
"""

logger = logging.getLogger("lab.monitoring")


class Watch:
    """Watches over the alarms and queues of one embedded AWS."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._measured = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin. Called on the loop that serves requests."""
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._run())

    def stop(self, _deadline: float) -> None:
        """End. Called from another thread."""
        if self._loop is not None and self._task is not None:
            self._loop.call_soon_threadsafe(self._task.cancel)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(TURN_SECONDS)
            self.turn()

    def turn(self) -> None:
        """Measure the queues once a minute and evaluate every alarm."""
        from ministack.core.responses import request_scope
        from ministack.services import cloudwatch

        now = self._context.now()
        with request_scope(self._context.account, self._context.region):
            minute = int(now) // MINUTE_SECONDS
            if minute != self._measured:
                self._measured = minute
                self._measure(now)
            for alarm in list(cloudwatch._alarms.values()):
                try:
                    cloudwatch._evaluate_alarm(alarm)
                except Exception:  # one alarm must not keep the others from it; the log tells
                    logger.exception("alarm %s", alarm["AlarmName"])

    def _measure(self, now: float) -> None:
        from ministack.services import sqs

        metrics = Metrics("AWS/SQS", self._context.account, self._context.region)
        for queue in list(sqs._queues.values()):
            sqs._refresh_counts(queue)
            for name, attribute in QUEUE_METRICS.items():
                metrics.add(name, float(queue["attributes"][attribute]), "Count", {"QueueName": queue["name"]}, now)
