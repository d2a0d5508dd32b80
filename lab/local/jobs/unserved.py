"""What starts jobs and crawlers in AWS Glue and does not here: triggers and workflows, refused by name.

Kept definitions that never fire would look like success. Schedules (EventBridge Scheduler) and a crawler's own schedule
do fire.
"""

from __future__ import annotations

from typing import Any, Final

from lab.local.edge import Call, Operation
from lab.local.errors import AwsError

NAMES: Final = (
    "CreateTrigger",
    "GetTrigger",
    "DeleteTrigger",
    "UpdateTrigger",
    "StartTrigger",
    "StopTrigger",
    "ListTriggers",
    "BatchGetTriggers",
    "GetTriggers",
    "CreateWorkflow",
    "GetWorkflow",
    "DeleteWorkflow",
    "UpdateWorkflow",
    "StartWorkflowRun",
)


def refuse(call: Call) -> dict[str, Any]:
    """Refuse an operation. Raises: AwsError UnknownOperationException, always."""
    raise AwsError(
        "UnknownOperationException",
        f"glue:{call.operation} is not served by this AWS: start jobs by a schedule of EventBridge Scheduler.",
    )


OPERATIONS: Final[dict[str, Operation]] = dict.fromkeys(NAMES, refuse)
