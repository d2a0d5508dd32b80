"""Failures of a delivery stream, told where AWS tells them: in its CloudWatch log, under the stream's role.

Source: https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-logs.html
"""

from __future__ import annotations

import json
import logging
from typing import Final

from lab.local.context import Context
from lab.local.errors import AwsError
from lab.local.firehose.settings import Settings

AGAIN_SECONDS: Final = 60.0
"""A failure that lasts is told once a minute, not at every attempt."""

logger = logging.getLogger("lab.firehose")


class Report:
    """The error log of one delivery stream."""

    def __init__(self, context: Context, settings: Settings) -> None:
        self._context = context
        self._settings = settings
        self._told: dict[str, float] = {}

    def failed(self, hop: str, error: Exception) -> None:
        """Tell a failure. Parameters: hop, the source's ARN or the bucket's name, whichever was asked."""
        now = self._context.now()
        code, message = _described(hop, error)
        if not self._settings.log_group or now - self._told.get(code, 0.0) < AGAIN_SECONDS:
            return
        document = {
            "deliveryStreamARN": self._settings.arn,
            "destination": f"arn:aws:s3:::{self._settings.bucket}",
            "deliveryStreamVersionId": int(self._settings.version),
            "message": message,
            "errorCode": code,
        }
        try:
            self._context.role_client(self._settings.role, self._settings.caller, "logs").put_log_events(
                logGroupName=self._settings.log_group,
                logStreamName=self._settings.log_stream,
                logEvents=[{"timestamp": int(now * 1000), "message": json.dumps(document)}],
            )
            self._told[code] = now
        except Exception as second:
            logger.warning("delivery stream %s cannot write its log: %s", self._settings.stream, second)


def _described(hop: str, error: Exception) -> tuple[str, str]:
    """Return a failure's code, ``<service>.<error>``, and its message."""
    service = "Kinesis" if hop.startswith("arn:") else "S3"
    answer = getattr(error, "response", None)  # botocore's ClientError, which is not imported before it is needed
    if answer:
        found = answer.get("Error", {})
        code = found.get("Code", "InternalError").removesuffix("Exception")
        return f"{service}.{code}", found.get("Message", str(error))
    if isinstance(error, AwsError):
        return f"{service}.AssumeRoleAccessDenied", error.message
    return f"{service}.InternalError", str(error)
