"""What EventBridge is told when a job run ends.

Source: https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

DETAIL_TYPE: Final = "Glue Job State Change"
SEVERITIES: Final = {"SUCCEEDED": "INFO", "STOPPED": "INFO", "TIMEOUT": "WARN", "FAILED": "ERROR"}
MESSAGES: Final = {"SUCCEEDED": "Job run succeeded", "STOPPED": "Job run stopped", "TIMEOUT": "Job run timed out"}


def detail(run: Mapping[str, Any], state: str, message: str) -> dict[str, str]:
    """Return the event's detail. Parameters: run, its record; message, why it failed."""
    failed = f"JobName:{run['JobName']} and JobRunId:{run['Id']} failed to execute with exception {message}"
    return {
        "jobName": run["JobName"],
        "severity": SEVERITIES[state],
        "state": state,
        "jobRunId": run["Id"],
        "message": MESSAGES.get(state, failed),
    }
