"""A clock and clients that write down what is asked of them, which tests of schedules share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

from lab.local.context import Caller, Context, Credentials
from lab.local.edge import Call
from lab.local.errors import AwsError
from lab.local.schedules import Schedules

NOON = 1_772_193_600.0  # 2026-02-27T12:00:00Z


ROLE = "arn:aws:iam::000000000000:role/starter"


QUEUE = "arn:aws:sqs:ap-northeast-1:000000000000:dead"


GROUPS = "arn:aws:scheduler:ap-northeast-1:000000000000:schedule-group/"


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
        assert (caller.principal, caller.source[: len(GROUPS)]) == ("scheduler.amazonaws.com", GROUPS)
        if role != ROLE:
            raise AwsError("AccessDeniedException", "no")
        return Credentials("a", "b")

    def client(self, role: str, caller: Caller, service: str) -> Any:
        assert (role, caller.principal) == (ROLE, "scheduler.amazonaws.com")

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


def refusal(code: str, status: int = 400) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": "because"}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "StartJobRun",
    )
