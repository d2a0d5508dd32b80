"""Invocations on a clock of the tests' own: when they are made, retried, given up, and what a crash leaves of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.local.context import Caller, Context, Credentials
from lab.local.edge import Call
from lab.local.errors import AwsError
from lab.local.schedules import Schedules, expression, planning

NOON = 1_772_193_600.0  # 2026-02-27T12:00:00Z
ROLE = "arn:aws:iam::000000000000:role/starter"
QUEUE = "arn:aws:sqs:ap-northeast-1:000000000000:dead"
CALLER = Caller("scheduler.amazonaws.com", "arn:aws:scheduler:ap-northeast-1:000000000000:schedule-group/default")
GLUE = "arn:aws:scheduler:::aws-sdk:glue:startJobRun"


class World:
    """A clock, and clients that write down what is asked of them. answers: what the next calls raise, if anything."""

    def __init__(self, folder: Path) -> None:
        self.now = NOON
        self.calls: list[tuple[str, str, str, dict[str, Any]]] = []
        self.answers: list[Exception] = []
        self.context = Context(
            endpoint="http://127.0.0.1:1",
            region="ap-northeast-1",
            account="000000000000",
            state=folder,
            objects=folder,
            service_client=self.no_client,
            assume=self.assume,
            role_client=self.client,
            now=lambda: self.now,
        )
        self.schedules = Schedules(self.context)

    def no_client(self, service: str) -> Any:
        raise AssertionError(f"{service} must be called under the schedule's role")

    def assume(self, role: str, caller: Caller) -> Credentials:
        assert caller == CALLER
        if role != ROLE:
            raise AwsError("AccessDeniedException", "no")
        return Credentials("a", "b")

    def client(self, role: str, caller: Caller, service: str) -> Any:
        assert (role, caller) == (ROLE, CALLER)

        def method(name: str) -> Callable[..., None]:
            def called(**parameters: Any) -> None:
                self.calls.append((service, name, f"{self.now - NOON:g}", parameters))
                if self.answers and (service, name) != ("sqs", "send_message"):
                    raise self.answers.pop(0)

            return called

        names = ("start_job_run", "send_message", "publish", "put_record")
        meta = SimpleNamespace(endpoint_url="http://127.0.0.1:1")
        return SimpleNamespace(meta=meta, **{name: method(name) for name in names})

    def ask(self, operation: str, **payload: Any) -> dict[str, Any]:
        call = Call("scheduler", operation, payload, "000000000000", "ap-northeast-1", {})
        return self.schedules.service.operations[operation](call)

    def make(self, expression: str, target: dict[str, Any] | None = None, **more: Any) -> None:
        wanted = {"Arn": GLUE, "RoleArn": ROLE, "Input": '{"JobName": "etl"}'} | (target or {})
        payload = {"Name": "s", "FlexibleTimeWindow": {"Mode": "OFF"}, "ScheduleExpression": expression, **more}
        self.ask("CreateSchedule", **payload, Target={key: value for key, value in wanted.items() if value is not None})

    def pass_time(self, seconds: float, step: float = 1.0) -> None:
        """Let the clock run, doing what is due at every step."""
        for _ in range(round(seconds / step)):
            self.look()
            self.now += step
        self.look()

    def look(self) -> None:
        self.schedules.delivery.plan(self.now)
        for execution_id in self.schedules.delivery.waiting(self.now):
            self.schedules.delivery.attempt(execution_id)

    def restart(self) -> None:
        self.schedules = Schedules(self.context)

    @property
    def times(self) -> list[str]:
        """When the target was called, in seconds after noon."""
        return [when for service, _, when, _ in self.calls if service == "glue"]

    @property
    def dead(self) -> list[dict[str, str]]:
        """The attributes of the dead-letter events."""
        return [
            {name: value["StringValue"] for name, value in parameters["MessageAttributes"].items()}
            for _, method, _, parameters in self.calls
            if method == "send_message"
        ]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def refusal(code: str, status: int = 400) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": "because"}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "StartJobRun",
    )


def test_when_a_rate_begins_it_is_due_at_once_and_then_every_period(world: World) -> None:
    world.make("rate(2 minutes)")
    world.pass_time(300)
    assert world.times == ["0", "120", "240"]
    assert world.calls[0] == ("glue", "start_job_run", "0", {"JobName": "etl"})


def test_when_there_are_a_start_and_an_end_a_rate_keeps_within_them(world: World) -> None:
    world.make("rate(2 minutes)", StartDate=NOON + 60, EndDate=NOON + 190)
    world.pass_time(600)
    assert world.times == ["60", "180"]


def test_when_a_cron_has_a_start_its_first_time_lies_after_it(world: World) -> None:
    world.make("cron(* * * * ? *)", StartDate=NOON + 90, EndDate=NOON + 181)
    world.pass_time(600)
    assert world.times == ["120", "180"]


def test_when_a_schedule_is_disabled_nothing_happens_until_it_is_enabled(world: World) -> None:
    world.make("cron(* * * * ? *)", State="DISABLED")
    world.pass_time(130)
    assert world.times == []
    window = {"Mode": "OFF"}
    target = {"Arn": GLUE, "RoleArn": ROLE, "Input": '{"JobName": "other"}'}
    world.ask(
        "UpdateSchedule", Name="s", ScheduleExpression="cron(* * * * ? *)", FlexibleTimeWindow=window, Target=target
    )
    world.pass_time(60)
    assert world.calls == [("glue", "start_job_run", "180", {"JobName": "other"})]


def test_when_a_one_time_schedule_is_done_it_stays_or_is_deleted_as_asked(world: World) -> None:
    world.make("at(2026-02-27T21:01:00)", ScheduleExpressionTimezone="Asia/Tokyo")
    world.pass_time(70)
    assert world.times == ["60"]
    assert world.ask("GetSchedule", Name="s")["State"] == "ENABLED"
    world.ask("DeleteSchedule", Name="s")
    world.make("at(2026-02-27T12:02:00)", ActionAfterCompletion="DELETE")
    world.pass_time(60)
    assert world.times == ["60", "120"]
    with pytest.raises(AwsError, match="Schedule s does not exist"):
        world.ask("GetSchedule", Name="s")


def test_when_a_recurring_schedule_reaches_its_end_it_is_deleted_if_asked(world: World) -> None:
    world.make("rate(1 minute)", EndDate=NOON + 61, ActionAfterCompletion="DELETE")
    world.pass_time(30)
    assert len(world.ask("ListSchedules")["Schedules"]) == 1
    world.pass_time(40)
    assert world.times == ["0", "60"]
    assert world.ask("ListSchedules")["Schedules"] == []


def test_when_the_window_is_flexible_each_call_falls_within_it_and_not_always_at_the_same_place(world: World) -> None:
    world.make("rate(1 hour)", FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15})
    world.pass_time(10 * 3600, step=10)
    delays = [float(when) % 3600 for when in world.times]
    assert len(delays) in (10, 11)
    assert all(0 <= delay <= 910 for delay in delays)
    assert max(delays) - min(delays) > 60


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


def test_when_it_crashed_between_the_plan_and_the_call_the_invocation_is_made_after_the_start(world: World) -> None:
    world.make("at(2026-02-27T12:00:10)")
    world.now += 10
    world.schedules.delivery.plan(world.now)
    world.restart()
    world.now += 5
    world.look()
    assert world.times == ["15"]
    world.restart()
    world.look()
    assert world.times == ["15"]


def test_when_it_was_down_for_hours_one_call_makes_up_for_all_and_the_rhythm_stays(world: World) -> None:
    world.make("rate(15 minutes)")
    world.look()
    world.now += 3 * 3600 + 60
    world.restart()
    world.pass_time(900)
    assert world.times == ["0", "10860", "11700"]


def test_when_it_was_down_longer_than_an_event_may_live_a_recurring_schedule_makes_up_for_its_last_time(
    world: World,
) -> None:
    retry = {"MaximumEventAgeInSeconds": 900}
    text = '{"JobName": "<aws.scheduler.scheduled-time>"}'
    world.make("cron(0 * * * ? *)", {"Input": text, "DeadLetterConfig": {"Arn": QUEUE}, "RetryPolicy": retry})
    world.look()
    world.now += 3 * 3600 + 600
    world.restart()
    world.look()
    assert [parameters["JobName"] for _, _, _, parameters in world.calls] == [
        "2026-02-27T12:00:00Z",
        "2026-02-27T15:00:00Z",
    ]


def test_when_it_was_down_longer_than_an_event_may_live_a_one_time_schedule_is_told_dead(world: World) -> None:
    retry = {"MaximumEventAgeInSeconds": 600}
    world.make("at(2026-02-27T12:10:00)", {"DeadLetterConfig": {"Arn": QUEUE}, "RetryPolicy": retry})
    world.now += 3600
    world.restart()
    world.look()
    assert world.times == []
    assert [event["EXHAUSTED_RETRY_CONDITION"] for event in world.dead] == ["MaximumEventAgeInSeconds"]


def test_when_a_retry_was_waiting_at_the_crash_it_goes_on_where_it_was(world: World) -> None:
    world.answers = [refusal("ThrottlingException")]
    world.make("at(2026-02-27T12:00:00)")
    world.look()
    world.restart()
    world.pass_time(30)
    assert world.times == ["0", "10"]


def test_when_the_input_holds_keywords_they_are_replaced_for_every_attempt(world: World) -> None:
    words = ["schedule-arn", "scheduled-time", "execution-id", "attempt-number"]
    text = json.dumps({"JobName": "etl", "Arguments": {f"--{word}": f"<aws.scheduler.{word}>" for word in words}})
    world.answers = [refusal("ThrottlingException")]
    world.make("at(2026-02-27T12:00:05)", {"Input": text})
    world.pass_time(30)
    first, second = (parameters["Arguments"] for _, _, _, parameters in world.calls)
    assert first["--schedule-arn"] == "arn:aws:scheduler:ap-northeast-1:000000000000:schedule/default/s"
    assert first["--scheduled-time"] == second["--scheduled-time"] == "2026-02-27T12:00:05Z"
    assert first["--execution-id"] == second["--execution-id"]
    assert (first["--attempt-number"], second["--attempt-number"]) == ("1", "2")


@pytest.mark.parametrize(
    ("target", "called"),
    [
        (
            {"Arn": "arn:aws:sqs:ap-northeast-1:000000000000:q", "Input": "hello"},
            ("sqs", "send_message", {"QueueUrl": "http://127.0.0.1:1/000000000000/q", "MessageBody": "hello"}),
        ),
        (
            {"Arn": "arn:aws:sns:ap-northeast-1:000000000000:t", "Input": "hello"},
            ("sns", "publish", {"TopicArn": "arn:aws:sns:ap-northeast-1:000000000000:t", "Message": "hello"}),
        ),
        (
            {
                "Arn": "arn:aws:kinesis:ap-northeast-1:000000000000:stream/k",
                "Input": "hello",
                "KinesisParameters": {"PartitionKey": "p"},
            },
            (
                "kinesis",
                "put_record",
                {
                    "StreamARN": "arn:aws:kinesis:ap-northeast-1:000000000000:stream/k",
                    "PartitionKey": "p",
                    "Data": b"hello",
                },
            ),
        ),
        (
            {"Arn": "arn:aws:firehose:ap-northeast-1:000000000000:deliverystream/f", "Input": "hello"},
            ("firehose", "put_record", {"DeliveryStreamName": "f", "Record": {"Data": b"hello"}}),
        ),
    ],
)
def test_when_a_target_is_named_by_its_arn_the_matching_operation_is_called(
    world: World, target: dict[str, Any], called: tuple[str, str, dict[str, Any]]
) -> None:
    world.make("at(2026-02-27T12:00:00)", target)
    world.look()
    assert [(service, method, parameters) for service, method, _, parameters in world.calls] == [called]


def test_when_a_queue_is_given_no_input_it_gets_the_scheduled_event(world: World) -> None:
    world.make("at(2026-02-27T12:00:00)", {"Arn": "arn:aws:sqs:ap-northeast-1:000000000000:q", "Input": None})
    world.look()
    event = json.loads(world.calls[0][3]["MessageBody"])
    assert event["source"] == "aws.scheduler"
    assert event["time"] == "2026-02-27T12:00:00Z"
    assert event["resources"] == ["arn:aws:scheduler:ap-northeast-1:000000000000:schedule/default/s"]


def test_when_a_group_is_deleted_its_schedules_are_never_called_again(world: World) -> None:
    world.ask("CreateScheduleGroup", Name="g")
    world.make("rate(1 minute)", GroupName="g")
    world.look()
    world.ask("DeleteScheduleGroup", Name="g")
    world.pass_time(120)
    assert world.times == ["0"]


def test_when_an_instant_is_drawn_from_a_window_it_is_the_same_after_a_restart() -> None:
    schedule = {"Arn": "a", "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 10}}
    assert planning.invoked_at(schedule, NOON) == planning.invoked_at(dict(schedule), NOON)
    assert planning.invoked_at(schedule, NOON) != planning.invoked_at({**schedule, "Arn": "b"}, NOON)


STEP = st.one_of(
    st.tuples(st.just("pass"), st.integers(1, 200)),
    st.tuples(st.just("crash"), st.just(0)),
    st.tuples(st.just("plan and crash"), st.just(0)),
    st.tuples(st.just("fail"), st.integers(1, 4)),
    st.tuples(st.just("down"), st.integers(1, 600)),
)


@settings(deadline=None, max_examples=25)
@given(steps=st.lists(STEP, max_size=10))
def test_whatever_fails_or_crashes_every_time_that_was_watched_is_delivered_once_and_told_by_its_own_time(
    steps: list[tuple[str, int]],
) -> None:
    with TemporaryDirectory() as folder:
        world = World(Path(folder))
        text = '{"JobName": "<aws.scheduler.scheduled-time>"}'
        world.make("rate(1 minute)", {"Input": text, "DeadLetterConfig": {"Arn": QUEUE}})
        world.look()
        failures, missed = 0, set[float]()
        for kind, number in steps:
            before = world.now
            if kind == "pass":
                world.pass_time(number, step=5)
            elif kind == "fail":
                world.answers += [refusal("ThrottlingException")] * number
                failures += number
            elif kind == "down":
                world.now += number
                world.restart()
                world.look()
                missed |= set(sorted(minutes(before + 1, world.now))[:-1])  # the last of them is made up for
            else:
                if kind == "plan and crash":
                    world.schedules.delivery.plan(world.now)
                world.restart()
                world.look()
        world.answers.clear()
        world.pass_time(600, step=10)
        told = [parameters["JobName"] for service, _, _, parameters in world.calls if service == "glue"]
        watched = minutes(NOON, world.now) - missed
        assert set(told) == {expression.text_of(instant) for instant in watched}
        assert len(told) <= len(watched) + failures
        assert world.dead == []


def minutes(first: float, last: float) -> set[float]:
    """The instants at which ``rate(1 minute)`` is due from a first to a last one."""
    return {NOON + 60 * count for count in range(1000) if first <= NOON + 60 * count <= last}
