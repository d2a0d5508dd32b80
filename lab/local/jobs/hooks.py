"""Where the definitions of jobs join MiniStack, which keeps some of their members and changes them one by one."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from lab.local.edge import Response, error_response
from lab.local.errors import AwsError
from lab.local.hook import Hook

_GLUE: Final = "ministack.services.glue"
KEPT: Final = (
    "ExecutionClass",
    "JobMode",
    "JobRunQueuingEnabled",
    "LogUri",
    "MaintenanceWindow",
    "NotificationProperty",
)
REQUIRED: Final = ("Role", "Command")

Data = dict[str, Any]
Operation = Callable[[Data], Response]


def whole(original: Operation) -> Operation:
    """Wrap CreateJob: how many runs may be at once, and the other members that are left out.

    Source: https://docs.aws.amazon.com/glue/latest/webapi/API_CreateJob.html
    """

    @wraps(original)
    def create_job(data: Data) -> Response:
        from ministack.services import glue

        answer = original(data)
        if answer[0] == 200:
            made = glue._jobs[data["Name"]]
            made["ExecutionProperty"] = {"MaxConcurrentRuns": 1, **(data.get("ExecutionProperty") or {})}
            made.update((member, data[member]) for member in KEPT if member in data)
        return answer

    return create_job


def overwritten(original: Operation) -> Operation:
    """Wrap UpdateJob: the definition is overwritten, so what is not given is gone.

    Source: https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateJob.html
    """

    @wraps(original)
    def update_job(data: Data) -> Response:
        from ministack.services import glue

        name, update = data.get("JobName"), data.get("JobUpdate") or {}
        if name not in glue._jobs:
            return original(data)
        missing = [member for member in REQUIRED if not update.get(member)]
        if missing:
            return error_response(AwsError("InvalidInputException", f"{', '.join(missing)} cannot be empty."))
        old = glue._jobs.pop(name)
        glue._create_job({**update, "Name": name, "Tags": old.get("Tags") or {}})
        glue._jobs[name]["CreatedOn"] = old["CreatedOn"]
        return 200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps({"JobName": name}).encode()

    return update_job


HOOKS: Final = (
    Hook(_GLUE, "_create_job", ("data",), "all members of a job's definition", whole),
    Hook(_GLUE, "_update_job", ("data",), "a job's new definition", overwritten),
    Hook(_GLUE, "_jobs", None, "the definitions there are"),
)
