"""The operations of schedules, and Scheduler as one worker.

Source: https://docs.aws.amazon.com/scheduler/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

from typing import Any, Final

from lab.local.context import Context
from lab.local.edge import Call, Operation, Service
from lab.local.errors import AwsError
from lab.local.schedules import paging, planning, request
from lab.local.schedules.attempts import Attempts
from lab.local.schedules.delivery import Delivery, caller_of
from lab.local.schedules.groups import Groups
from lab.local.schedules.store import Store, key_of

ROUTES: Final = [
    ("POST", "/schedules/{Name}", "CreateSchedule"),
    ("GET", "/schedules/{Name}", "GetSchedule"),
    ("PUT", "/schedules/{Name}", "UpdateSchedule"),
    ("DELETE", "/schedules/{Name}", "DeleteSchedule"),
    ("GET", "/schedules", "ListSchedules"),
    ("POST", "/schedule-groups/{Name}", "CreateScheduleGroup"),
    ("GET", "/schedule-groups/{Name}", "GetScheduleGroup"),
    ("DELETE", "/schedule-groups/{Name}", "DeleteScheduleGroup"),
    ("GET", "/schedule-groups", "ListScheduleGroups"),
    ("POST", "/tags/{ResourceArn+}", "TagResource"),
    ("DELETE", "/tags/{ResourceArn+}", "UntagResource"),
    ("GET", "/tags/{ResourceArn+}", "ListTagsForResource"),
]
_OWN: Final = ("_next", "_token", "_request")


class Schedules:
    """EventBridge Scheduler of one embedded AWS. Use ``service`` at the edge; start and stop it as a worker."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = Store(context.state / "schedules", context.now())
        self._groups = Groups(context, self._store)
        self.delivery = Delivery(context, self._store)
        self._attempts = Attempts(context, self.delivery)

    @property
    def service(self) -> Service:
        """What is served: all operations of Scheduler."""
        operations: dict[str, Operation] = {
            "CreateSchedule": self._create,
            "GetSchedule": self._get,
            "UpdateSchedule": self._update,
            "DeleteSchedule": self._delete,
            "ListSchedules": self._list,
            **self._groups.operations,
        }
        return Service(operations, passes_on=False)

    def start(self) -> None:
        """Go on with the schedules and invocations of an earlier run."""
        self._attempts.start()

    def stop(self, deadline: float) -> None:
        """Finish the calls under way."""
        self._attempts.stop(deadline)

    def _create(self, call: Call) -> dict[str, Any]:
        now = self._context.now()
        wanted = request.schedule(call.payload, now)
        self._check_role(wanted)
        group, name = wanted["GroupName"], wanted["Name"]
        key, token = key_of(group, name), call.payload.get("ClientToken")
        with self._store.lock:
            self._check_group(group)
            known = self._store.schedules.get(key)
            if known is not None:
                if token and known["_token"] == token and known["_request"] == wanted:
                    return {"ScheduleArn": known["Arn"]}
                raise AwsError("ConflictException", f"Schedule {name} already exists.", 409)
            arn = f"arn:aws:scheduler:{self._context.region}:{self._context.account}:schedule/{group}/{name}"
            self._put(key, {**wanted, "Arn": arn, "CreationDate": now, "_token": token, "_request": wanted}, now)
        self._attempts.wake()
        return {"ScheduleArn": arn}

    def _update(self, call: Call) -> dict[str, Any]:
        """Replace a schedule: members that the request leaves out go back to their defaults."""
        now = self._context.now()
        wanted = request.schedule(call.payload, now)
        self._check_role(wanted)
        with self._store.lock:
            known = self._found(call)
            kept = {member: known[member] for member in ("Arn", "CreationDate", "_token", "_request")}
            self._put(key_of(wanted["GroupName"], wanted["Name"]), {**wanted, **kept}, now)
        self._attempts.wake()
        return {"ScheduleArn": known["Arn"]}

    def _put(self, key: str, schedule: dict[str, Any], now: float) -> None:
        schedule["LastModificationDate"] = now
        schedule["_next"] = planning.next_time(schedule, now) if schedule["State"] == "ENABLED" else None
        self._store.schedules[key] = schedule
        self._store.save()

    def _get(self, call: Call) -> dict[str, Any]:
        with self._store.lock:
            return {member: value for member, value in self._found(call).items() if member not in _OWN}

    def _delete(self, call: Call) -> dict[str, Any]:
        with self._store.lock:
            found = self._found(call)
            del self._store.schedules[key_of(found["GroupName"], found["Name"])]
            self._store.save()
        return {}

    def _list(self, call: Call) -> dict[str, Any]:
        group = call.payload.get("ScheduleGroup") or call.payload.get("GroupName")
        prefix, state = call.payload.get("NamePrefix", ""), call.payload.get("State")
        if state:
            request.one_of(state, "state", ("ENABLED", "DISABLED"))
        with self._store.lock:
            if group:
                self._check_group(group)
            keys = sorted(
                key
                for key, schedule in self._store.schedules.items()
                if schedule["Name"].startswith(prefix)
                and group in (None, schedule["GroupName"])
                and state in (None, schedule["State"])
            )
            chosen, token = paging.page(keys, call.payload)
            found = [_summary(self._store.schedules[key]) for key in chosen]
        return {"Schedules": found, **token}

    def _found(self, call: Call) -> dict[str, Any]:
        group = call.payload.get("groupName") or call.payload.get("GroupName") or request.DEFAULT_GROUP
        self._check_group(group)
        found = self._store.schedules.get(key_of(group, call.payload["Name"]))
        if found is None:
            raise AwsError("ResourceNotFoundException", f"Schedule {call.payload['Name']} does not exist.", 404)
        return found

    def _check_group(self, group: str) -> None:
        if group not in self._store.groups:
            raise AwsError("ResourceNotFoundException", f"Schedule group {group} does not exist.", 404)

    def _check_role(self, wanted: dict[str, Any]) -> None:
        """Refuse a role that does not trust Scheduler, as AWS does when the schedule is made."""
        try:
            self._context.assume(wanted["Target"]["RoleArn"], caller_of(self._context, wanted["GroupName"]))
        except AwsError:
            raise AwsError(
                "ValidationException",
                "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.",
            ) from None


def _summary(schedule: dict[str, Any]) -> dict[str, Any]:
    members = ("Arn", "CreationDate", "GroupName", "LastModificationDate", "Name", "State")
    return {**{member: schedule[member] for member in members}, "Target": {"Arn": schedule["Target"]["Arn"]}}
