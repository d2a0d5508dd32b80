"""Schedule groups and their tags.

Source: https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateScheduleGroup.html
"""

from __future__ import annotations

import re
from typing import Any, Final

from lab.local.context import Context
from lab.local.edge import Call, Operation
from lab.local.errors import AwsError
from lab.local.schedules import paging, request
from lab.local.schedules.store import DEFAULT_GROUP, Store

MOST_TAGS: Final = 50
_GROUP_ARN: Final = re.compile(r"^arn:aws:scheduler:[a-z0-9\-]+:\d{12}:schedule-group/([0-9a-zA-Z\-_.]+)$")


class Groups:
    """The operations of groups and tags. Parameters: store, Scheduler's memory."""

    def __init__(self, context: Context, store: Store) -> None:
        self._context = context
        self._store = store

    @property
    def operations(self) -> dict[str, Operation]:
        """What is served."""
        return {
            "CreateScheduleGroup": self._create,
            "GetScheduleGroup": self._get,
            "ListScheduleGroups": self._list,
            "DeleteScheduleGroup": self._delete,
            "TagResource": self._tag,
            "UntagResource": self._untag,
            "ListTagsForResource": self._tags,
        }

    def _create(self, call: Call) -> dict[str, Any]:
        name = request.name(call.payload.get("Name"), "name")
        arn = self._arn(name)
        tags = _tags(call.payload.get("Tags") or [])
        token = call.payload.get("ClientToken")
        with self._store.lock:
            known = self._store.groups.get(name)
            if known is not None:
                if token and known.get("token") == token:
                    return {"ScheduleGroupArn": arn}
                raise AwsError("ConflictException", f"Schedule group {name} already exists.", 409)
            now = self._context.now()
            self._store.groups[name] = {"created": now, "changed": now, "tags": tags, "token": token}
            self._store.save()
        return {"ScheduleGroupArn": arn}

    def _get(self, call: Call) -> dict[str, Any]:
        name = call.payload["Name"]
        return self._shown(name, self._found(name))

    def _list(self, call: Call) -> dict[str, Any]:
        prefix = call.payload.get("NamePrefix", "")
        with self._store.lock:
            names = sorted(name for name in self._store.groups if name.startswith(prefix))
            chosen, token = paging.page(names, call.payload)
            groups = [self._shown(name, self._store.groups[name]) for name in chosen]
        return {"ScheduleGroups": groups, **token}

    def _delete(self, call: Call) -> dict[str, Any]:
        """Remove a group with its schedules. AWS may take its time and shows DELETING meanwhile; here it is at once."""
        name = call.payload["Name"]
        if name == DEFAULT_GROUP:
            raise AwsError("ValidationException", "The default schedule group cannot be deleted.")
        with self._store.lock:
            self._found(name)
            del self._store.groups[name]
            for key in [key for key, schedule in self._store.schedules.items() if schedule["GroupName"] == name]:
                del self._store.schedules[key]
            self._store.save()
        return {}

    def _tag(self, call: Call) -> dict[str, Any]:
        tags = _tags(call.payload.get("Tags") or [])
        with self._store.lock:
            group = self._of_arn(call.payload["ResourceArn"])
            if len(group["tags"] | tags) > MOST_TAGS:
                raise AwsError("ValidationException", f"A schedule group has at most {MOST_TAGS} tags.")
            group["tags"] |= tags
            self._store.save()
        return {}

    def _untag(self, call: Call) -> dict[str, Any]:
        keys = call.payload.get("TagKeys") or []
        with self._store.lock:
            group = self._of_arn(call.payload["ResourceArn"])
            for key in [keys] if isinstance(keys, str) else keys:
                group["tags"].pop(key, None)
            self._store.save()
        return {}

    def _tags(self, call: Call) -> dict[str, Any]:
        with self._store.lock:
            found = self._of_arn(call.payload["ResourceArn"])["tags"]
            return {"Tags": [{"Key": key, "Value": value} for key, value in sorted(found.items())]}

    def _found(self, name: str) -> dict[str, Any]:
        found = self._store.groups.get(name)
        if found is None:
            raise AwsError("ResourceNotFoundException", f"Schedule group {name} does not exist.", 404)
        return found

    def _of_arn(self, arn: str) -> dict[str, Any]:
        """Return the group of an ARN; schedules themselves have no tags."""
        match = _GROUP_ARN.match(arn)
        if match is None:
            raise AwsError("ValidationException", f"{arn} is not the ARN of a schedule group.")
        if arn != self._arn(match[1]):
            raise AwsError("ResourceNotFoundException", f"Resource {arn} does not exist.", 404)
        return self._found(match[1])

    def _arn(self, name: str) -> str:
        return f"arn:aws:scheduler:{self._context.region}:{self._context.account}:schedule-group/{name}"

    def _shown(self, name: str, group: dict[str, Any]) -> dict[str, Any]:
        return {
            "Arn": self._arn(name),
            "Name": name,
            "State": "ACTIVE",
            "CreationDate": group["created"],
            "LastModificationDate": group["changed"],
        }


def _tags(given: list[dict[str, str]]) -> dict[str, str]:
    found = {tag["Key"]: tag["Value"] for tag in given}
    if len(found) > MOST_TAGS:
        raise AwsError("ValidationException", f"A schedule group has at most {MOST_TAGS} tags.")
    return found
