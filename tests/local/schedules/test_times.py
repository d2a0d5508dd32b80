"""When schedules are due: rates, crons, one-time schedules, their limits and windows."""

from __future__ import annotations

import pytest

from lab.local.errors import AwsError
from lab.local.schedules import planning
from tests.local.schedules.world import GLUE, NOON, ROLE, World


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


def test_when_an_instant_is_drawn_from_a_window_it_is_the_same_after_a_restart() -> None:
    schedule = {"Arn": "a", "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 10}}
    assert planning.invoked_at(schedule, NOON) == planning.invoked_at(dict(schedule), NOON)
    assert planning.invoked_at(schedule, NOON) != planning.invoked_at({**schedule, "Arn": "b"}, NOON)
