"""What every role of the pipelines may do, beside what it did: the table «Granted and used» of docs/security.md.

The embedded AWS records each permission that a role uses. ``python -m lab.granted`` compares that with the policies of
the stacks that are deployed on it, after a run of the notebooks, and writes the table. A grant that nothing used needs
a reason below, else the command fails and names it.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from typing import Final

from lab import permissions, stackdocs, stacks, target
from lab.errors import LabError

STACKS: Final = stacks.STACKS
PART: Final = "granted and used"
PAGE: Final = "security.md"

REASONS: Final[Mapping[str, Mapping[str, str]]] = {
    "SensorRuleRole": {
        "kinesis:PutRecord": "used once the stage that it feeds is deployed",
        "logs:": "used when an action fails; AWS's guide for the CloudWatch Logs action asks for the three",
    },
    "CrawlerRole": {
        "glue:Update": "used when columns or partitions change",
        "glue:BatchUpdatePartition": "used when columns or partitions change",
        "glue:": "AWS's crawler calls single and batch operations as it sees fit",
        "logs:": "AWS's crawler writes its log under this role",
        "s3:GetBucketLocation": "AWS's crawler looks for the bucket's region",
    },
    "ConnectorRole": {"": "AWS's connector runs in Lambda; the embedded AWS reads the table itself"},
    "RawDeliveryRole": {
        "s3:": "AWS's guide for Firehose asks for it; it serves uploads over 5 MB",
        "logs:PutLogEvents": "used when a delivery fails",
    },
    "EtlRole": {
        "s3:AbortMultipartUpload": "used when an upload over 64 MB fails",
        "s3:GetBucketLocation": "asked for by clients that look for the bucket's region",
        "s3:DeleteObject": "used when small files are joined or a killed run left something behind",
        "logs:CreateLogGroup": "used by the first run of an account",
    },
    "StartsRole": {
        "glue:StartJobRun": "used by the schedule, which is off in the lab: its notebooks start the job by hand",
        "sqs:SendMessage": "used when a start failed after its retries",
    },
    "DeviceFlagsRole": {"logs:": "used when a message could not be told; AWS's guide asks for the three"},
    "ScoringRole": {
        "s3:DeleteObject": "used when a killed run left rows behind",
        "logs:CreateLogGroup": "used by the first run of an account",
    },
    "DigestRole": {"logs:CreateLogGroup": "used by the first run of an account"},
}
"""Why a role is granted what a run did not use: by the role, then by the longest beginning of the action."""


def reason(role: str, action: str) -> str | None:
    """Return why an action is granted though it was not used, or None when nobody said."""
    known = [start for start in REASONS.get(role, {}) if action.startswith(start)]
    return REASONS[role][max(known, key=len)] if known else None


def table(
    granted: Mapping[str, Collection[str]],
    used: Mapping[str, Collection[str]],
    denied: Mapping[str, Collection[str]] | None = None,
) -> str:
    """Return the table: a row for what a role used, and one for each reason of what it did not.

    Parameters: granted, used, denied: actions by role; denied, what it asked for in vain.
    Raises: LabError when a grant was not used and has no reason, or when it was asked for and denied all the same: no
    reason explains that.
    """
    vain = [
        f"{role} {action}"
        for role, actions in (denied or {}).items()
        for action in sorted(set(actions) & set(granted.get(role, ())) - set(used.get(role, ())))
    ]
    if vain:
        raise LabError(
            f"Granted, asked for and denied: {', '.join(vain)}.", "Look at the policy's resources and conditions."
        )
    lines = ["| role | granted actions | used by a run of the notebooks |", "| --- | --- | --- |"]
    unexplained = []
    for role in sorted(granted):
        seen = sorted(set(granted[role]) & set(used.get(role, ())))
        if seen:
            lines.append(f"| {role} | {_listed(seen)} | yes |")
        grouped: dict[str, list[str]] = {}
        for action in sorted(set(granted[role]) - set(seen)):
            why = reason(role.partition(" ")[0], action)
            if why is None:
                unexplained.append(f"{role} {action}")
            grouped.setdefault(why or "", []).append(action)
        lines += [f"| {role} | {_listed(actions)} | no: {why} |" for why, actions in grouped.items()]
    if unexplained:
        raise LabError(
            f"Granted, not used and not explained: {', '.join(unexplained)}.",
            "Take the permission away, or give a reason in lab/granted.py.",
        )
    return "\n".join(lines)


Actions = dict[str, set[str]]


def measured(stage: str) -> tuple[dict[str, list[str]], Actions, Actions]:
    """Return (granted, used, denied): actions by role and stack, of the stacks deployed on the embedded AWS.

    Raises: LabError when one of them is not deployed.
    """
    from lab.local import decisions
    from lab.local.paths import Paths

    granted: dict[str, list[str]] = {}
    used: Actions = {}
    denied: Actions = {}
    recorded = decisions.read(Paths(target.state_folder()).decisions)
    for stack in STACKS:
        names = {
            permissions.short(item["LogicalResourceId"]): item["PhysicalResourceId"]
            for item in stacks.resources(stack, stage)
            if item["ResourceType"] == "AWS::IAM::Role"
        }
        for role, actions in permissions.grants(stack, stage).items():
            granted[f"{role} ({stack})"] = actions
            own = [decision for decision in recorded if decision.role == names[role]]
            used[f"{role} ({stack})"] = {decision.action for decision in own if decision.allowed}
            denied[f"{role} ({stack})"] = {decision.action for decision in own if not decision.allowed}
    return granted, used, denied


def _listed(actions: Collection[str]) -> str:
    return ", ".join(f"`{action}`" for action in actions)


def main() -> int:
    """Write the table anew. Returns the exit status."""
    try:
        content = table(*measured(stacks.DEFAULT_STAGE))
    except LabError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    stackdocs.renew(PAGE, {PART: content})
    return 0


if __name__ == "__main__":
    sys.exit(main())
