"""Log groups that forget after the settings' days and go with their stack."""

from __future__ import annotations

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from constructs import Construct
from settings import Settings

RETENTION: Final = {
    1: logs.RetentionDays.ONE_DAY,
    7: logs.RetentionDays.ONE_WEEK,
    14: logs.RetentionDays.TWO_WEEKS,
    30: logs.RetentionDays.ONE_MONTH,
    90: logs.RetentionDays.THREE_MONTHS,
    180: logs.RetentionDays.SIX_MONTHS,
    365: logs.RetentionDays.ONE_YEAR,
    731: logs.RetentionDays.TWO_YEARS,
}


def log_group(scope: Construct, construct_id: str, settings: Settings, name: str | None = None) -> logs.LogGroup:
    """Return a log group.

    Parameters: name, only where the specification fixes it.
    """
    return logs.LogGroup(
        scope,
        construct_id,
        log_group_name=name,
        retention=RETENTION[settings.log_retention_days],
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
