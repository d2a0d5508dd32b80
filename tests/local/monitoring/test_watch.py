"""The watch over queues and alarms, in this process and with a clock of its own: no minute has to pass."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from ministack.core.responses import request_scope
from ministack.services import cloudwatch, sqs

from lab.local.context import Context
from lab.local.monitoring.watch import Watch
from tests.local import account

ACCOUNT, REGION = "000000000000", "ap-northeast-1"


def unreachable(*_: Any) -> Any:
    raise AssertionError("the watch asks nobody")


def context(folder: Path, now: list[float]) -> Context:
    return Context(
        "http://127.0.0.1:1", REGION, ACCOUNT, folder, folder, unreachable, unreachable, unreachable, lambda: now[0]
    )


def test_queues_are_measured_once_a_minute(tmp_path: Path) -> None:
    now, name = [1_800_000_000.0], account.unique("queue")
    watch = Watch(context(tmp_path, now))
    with request_scope(ACCOUNT, REGION):
        url = sqs._act_create_queue({"QueueName": name}, "")["QueueUrl"]
        for number in range(3):
            sqs._act_send_message({"QueueUrl": url, "MessageBody": str(number)}, url)
        asyncio.run(sqs._act_receive_message({"QueueUrl": url, "MaxNumberOfMessages": 1}, url))
        for seconds in (0, 20, 39, 1):  # the last one is in the next minute
            now[0] += seconds
            watch.turn()
        stored = {
            metric: cloudwatch._metrics.get(("AWS/SQS", f"ApproximateNumberOfMessages{metric}", f"QueueName={name}"))
            for metric in ("Visible", "NotVisible", "Delayed")
        }
        sqs._act_delete_queue({"QueueUrl": url}, url)
    measured = {
        metric: sum(point["_stat"]["SampleCount"] for point in points) for metric, points in stored.items() if points
    }
    assert measured == {"Visible": 2, "NotVisible": 2, "Delayed": 2}
    assert stored["Visible"][-1]["_stat"]["Maximum"] == 2
    assert stored["NotVisible"][-1]["_stat"]["Maximum"] == 1


def test_an_alarm_that_cannot_be_evaluated_keeps_no_other_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluated: list[str] = []

    def evaluate(alarm: dict[str, Any]) -> None:
        evaluated.append(alarm["AlarmName"])
        if alarm["AlarmName"] == "broken":
            raise ValueError("broken")

    monkeypatch.setattr(cloudwatch, "_evaluate_alarm", evaluate)
    with request_scope(ACCOUNT, REGION):
        for name in ("broken", "sound"):
            monkeypatch.setitem(cloudwatch._alarms, name, {"AlarmName": name})
        Watch(context(tmp_path, [1_800_000_000.0])).turn()
    assert evaluated == ["broken", "sound"]
