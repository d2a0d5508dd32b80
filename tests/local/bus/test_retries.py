"""Events whose target fails for a while, by a clock of the test's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.local import admission
from lab.local.bus.deliveries import KEPT_SECONDS, Deliveries
from lab.local.context import Context

START = 1_772_193_600.0
REGION, ACCOUNT = "ap-northeast-1", "000000000000"
RULE = {"Arn": f"arn:aws:events:{REGION}:{ACCOUNT}:rule/r", "Name": "r"}
STREAM = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/s"
TARGET = {
    "Id": "t",
    "Arn": STREAM,
    "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/r",
    "DeadLetterConfig": {"Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead"},
}


class World:
    """A clock, and clients that write down what is asked of them. answers: what the next records raise."""

    def __init__(self, folder: Path) -> None:
        self.now = START
        self.times: list[float] = []
        self.dead: list[dict[str, str]] = []
        self.answers: list[str] = []
        self.context = Context(
            endpoint="http://127.0.0.1:1",
            region=REGION,
            account=ACCOUNT,
            state=folder,
            objects=folder,
            service_client=self.client,
            assume=self.client,
            role_client=self.client,
            now=lambda: self.now,
        )
        self.deliveries = Deliveries(self.context)

    def client(self, *_: Any) -> Any:
        meta = SimpleNamespace(endpoint_url="http://127.0.0.1:1")
        return SimpleNamespace(meta=meta, put_record=self.put_record, send_message=self.send_message)

    def put_record(self, **_: Any) -> None:
        self.times.append(self.now - START)
        if self.answers:
            code = self.answers.pop(0)
            raise ClientError({"Error": {"Code": code, "Message": "because"}}, "PutRecord")

    def send_message(self, *, MessageAttributes: dict[str, dict[str, str]], **_: Any) -> None:  # noqa: N803  (boto3's)
        self.dead.append({name: value["StringValue"] for name, value in MessageAttributes.items()})

    def take(self, **more: Any) -> None:
        self.deliveries.take(RULE, {**TARGET, **more}, {"id": "1"}, "text")

    def pass_time(self, seconds: int) -> None:
        for _ in range(seconds):
            self.deliveries._turn()
            self.now += 1

    def on_disk(self) -> int:
        return len(json.loads((self.context.state / "bus" / "events.json").read_text()))


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    allowed: Callable[..., None] = lambda *_: None  # noqa: E731
    monkeypatch.setattr(admission, "require", allowed)
    return World(tmp_path)


def test_when_a_target_throttles_it_is_tried_again_with_growing_delays_until_it_answers(world: World) -> None:
    world.answers = ["ProvisionedThroughputExceededException", "InternalFailure"]
    world.take()
    world.pass_time(60)
    assert (world.times, world.dead) == ([0, 10, 30], [])


def test_when_the_retries_are_used_up_the_dead_letter_queue_is_told(world: World) -> None:
    world.answers = ["ProvisionedThroughputExceededException"] * 9
    world.take(RetryPolicy={"MaximumRetryAttempts": 2})
    world.pass_time(60)
    assert world.times == [0, 10, 30]
    assert world.dead == [
        {
            "RULE_ARN": RULE["Arn"],
            "TARGET_ARN": STREAM,
            "ERROR_CODE": "THROTTLING",
            "ERROR_MESSAGE": "because",
            "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
            "RETRY_ATTEMPTS": "2",
        }
    ]


def test_when_an_event_grows_too_old_it_is_given_up(world: World) -> None:
    world.answers = ["InternalFailure"] * 9
    world.take(RetryPolicy={"MaximumEventAgeInSeconds": 60})
    world.pass_time(120)
    assert world.times == [0, 10, 30]
    assert [found["EXHAUSTED_RETRY_CONDITION"] for found in world.dead] == ["MaximumEventAgeInSeconds"]
    assert [found["ERROR_CODE"] for found in world.dead] == ["ERROR_FROM_TARGET"]


def test_when_the_process_dies_what_waits_is_tried_again_after_the_next_start(world: World) -> None:
    world.answers = ["InternalFailure"]
    world.take()
    world.pass_time(3)
    world.deliveries = Deliveries(world.context)
    world.pass_time(30)
    assert world.times == [0, 10]


def test_what_arrived_stays_on_disk_until_a_crash_can_no_longer_take_it(world: World) -> None:
    world.take()
    world.pass_time(3)
    assert world.on_disk() == 1
    world.deliveries = Deliveries(world.context)
    world.pass_time(1)
    assert world.times == [0, 3]
    world.pass_time(int(KEPT_SECONDS) + 3)
    assert world.on_disk() == 0


def test_when_the_process_ends_in_order_nothing_that_arrived_comes_again(world: World) -> None:
    world.take()
    world.pass_time(1)
    world.deliveries.stop(0)
    world.deliveries = Deliveries(world.context)
    world.pass_time(20)
    assert world.times == [0]
