"""Calls that fail: tried again, given up, told to the dead-letter queue."""

from __future__ import annotations

import pytest
from botocore.exceptions import ParamValidationError

from lab.local.errors import AwsError
from tests.local.schedules.world import GLUE, QUEUE, World, refusal


def test_when_the_target_fails_it_is_tried_again_with_growing_delays_until_it_answers(world: World) -> None:
    world.answers = [refusal("ConcurrentRunsExceededException"), refusal("InternalServiceException", 500)]
    world.make("at(2026-02-27T12:00:01)", {"DeadLetterConfig": {"Arn": QUEUE}})
    world.pass_time(120)
    assert world.times == ["1", "11", "31"]
    assert world.dead == []
    assert world.schedules.delivery.next_instant() is None


def test_when_the_retries_are_used_up_the_dead_letter_queue_is_told(world: World) -> None:
    world.answers = [refusal("ThrottlingException")] * 3
    retry = {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 600}
    world.make("at(2026-02-27T12:00:01)", {"DeadLetterConfig": {"Arn": QUEUE}, "RetryPolicy": retry})
    world.pass_time(120)
    assert world.times == ["1", "11", "31"]
    (event,) = world.dead
    assert len(event.pop("EXECUTION_ID")) == 32
    assert event == {
        "ERROR_CODE": "ThrottlingException",
        "ERROR_MESSAGE": "because",
        "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
        "IS_PAYLOAD_TRUNCATED": "false",
        "RETRY_ATTEMPTS": "2",
        "SCHEDULED_TIME": "2026-02-27T12:00:01Z",
        "SCHEDULE_ARN": "arn:aws:scheduler:ap-northeast-1:000000000000:schedule/default/s",
        "TARGET_ARN": GLUE,
    }
    sent = world.calls[-1][3]
    assert sent["QueueUrl"] == "http://127.0.0.1:1/000000000000/dead"
    assert sent["MessageBody"] == '{"JobName": "etl"}'


def test_when_an_event_grows_too_old_it_is_given_up_before_its_retries_are_used_up(world: World) -> None:
    world.answers = [refusal("ThrottlingException")] * 9
    retry = {"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 60}
    world.make("at(2026-02-27T12:00:01)", {"DeadLetterConfig": {"Arn": QUEUE}, "RetryPolicy": retry})
    world.pass_time(200)
    assert world.times == ["1", "11", "31"]
    assert [event["EXHAUSTED_RETRY_CONDITION"] for event in world.dead] == ["MaximumEventAgeInSeconds"]
    assert world.calls[-1][2] == "31"  # the next attempt, 40 s later, would come too late


@pytest.mark.parametrize(
    "error",
    [
        refusal("AccessDeniedException", 403),
        refusal("EntityNotFoundException"),
        refusal("AWS.SimpleQueueService.NonExistentQueue"),
        ParamValidationError(report="Unknown parameter"),
        AwsError("AccessDeniedException", "the role trusts nobody", 403),
    ],
)
def test_when_trying_again_cannot_help_the_event_is_dead_at_once(world: World, error: Exception) -> None:
    world.answers = [error]
    world.make("at(2026-02-27T12:00:01)", {"DeadLetterConfig": {"Arn": QUEUE}})
    world.pass_time(60)
    assert world.times == ["1"]
    (event,) = world.dead
    assert event["RETRY_ATTEMPTS"] == "0"
    assert "EXHAUSTED_RETRY_CONDITION" not in event


def test_when_there_is_no_dead_letter_queue_a_dead_event_is_dropped_and_the_schedule_goes_on(world: World) -> None:
    world.answers = [refusal("AccessDeniedException", 403)]
    world.make("rate(1 minute)")
    world.pass_time(70)
    assert world.times == ["0", "60"]
