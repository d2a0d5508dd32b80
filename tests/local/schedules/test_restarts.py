"""Schedules after a crash or a long stop: nothing is lost, nothing comes twice without need."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from lab.local.schedules import expression
from tests.local.schedules.world import NOON, QUEUE, World, refusal


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
