"""What a request may say of a crawler.

Source: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-crawling.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from lab.local.errors import AwsError
from lab.local.schedules import cron

MEMBERS: Final = (
    "Role",
    "DatabaseName",
    "Description",
    "Targets",
    "Classifiers",
    "SchemaChangePolicy",
    "RecrawlPolicy",
    "LineageConfiguration",
    "TablePrefix",
    "Configuration",
    "CrawlerSecurityConfiguration",
    "LakeFormationConfiguration",
)
DEFAULTS: Final[dict[str, Any]] = {
    "Classifiers": [],
    "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVERYTHING"},
    "SchemaChangePolicy": {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "DEPRECATE_IN_DATABASE"},
    "LineageConfiguration": {"CrawlerLineageSettings": "DISABLE"},
}
SERVED_TARGETS: Final = ("S3Targets", "DynamoDBTargets")
UPDATES: Final = ("LOG", "UPDATE_IN_DATABASE")
DELETES: Final = ("LOG", "DELETE_FROM_DATABASE", "DEPRECATE_IN_DATABASE")
NEW_FOLDERS: Final = "CRAWL_NEW_FOLDERS_ONLY"
CONFIGURATION: Final[dict[str, Any]] = {
    "Version": (1, 1.0),
    "CrawlerOutput": {
        "Tables": {"AddOrUpdateBehavior": ("MergeNewColumns",)},
        "Partitions": {"AddOrUpdateBehavior": ("InheritFromTable",)},
    },
    "Grouping": {"TableGroupingPolicy": ("CombineCompatibleSchemas",), "TableLevelConfiguration": None},
    "CreatePartitionIndex": (False,),
}


def merged(known: Mapping[str, Any], payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return a crawler's members after a request: the known ones, the request's over them, AWS's defaults below.

    Raises: AwsError InvalidInputException that names what is wrong or not served here.
    """
    found = {**DEFAULTS, **known, **{name: payload[name] for name in MEMBERS if payload.get(name) is not None}}
    if not found.get("DatabaseName"):
        raise _invalid("A crawler needs a DatabaseName.")
    _check_targets(found.get("Targets") or {})
    if found["Classifiers"]:
        raise _invalid("Custom classifiers are not served by this AWS: leave Classifiers empty.")
    if found.get("CrawlerSecurityConfiguration"):
        raise _invalid("CrawlerSecurityConfiguration is not served by this AWS.")
    if found.get("LakeFormationConfiguration", {}).get("UseLakeFormationCredentials"):
        raise _invalid("Lake Formation credentials are not served by this AWS.")
    if found["LineageConfiguration"].get("CrawlerLineageSettings", "DISABLE") != "DISABLE":
        raise _invalid("Lineage is not served by this AWS: set CrawlerLineageSettings to DISABLE.")
    found["SchemaChangePolicy"] = {**DEFAULTS["SchemaChangePolicy"], **found["SchemaChangePolicy"]}
    _check_policies(found["SchemaChangePolicy"], found["RecrawlPolicy"], found.get("Targets") or {})
    found["_configuration"] = _configuration(found.get("Configuration") or "{}")
    return found


def schedule(expression: str) -> dict[str, str]:
    """Return the schedule of an expression in UTC.

    Raises: AwsError InvalidInputException for anything but a cron expression.
    Source: https://docs.aws.amazon.com/glue/latest/dg/monitor-data-warehouse-schedule.html
    """
    if not (expression.startswith("cron(") and expression.endswith(")")):
        raise _invalid(
            f"Invalid schedule expression {expression}: expected cron(minutes hours day month weekday year)."
        )
    try:
        cron.parse(expression[5:-1])
    except ValueError as error:
        raise _invalid(f"Invalid schedule expression {expression}: {error}.") from None
    return {"ScheduleExpression": expression, "State": "SCHEDULED"}


def _check_targets(targets: Mapping[str, Any]) -> None:
    refused = [name for name, value in targets.items() if value and name not in SERVED_TARGETS]
    if refused:
        raise _invalid(f"{', '.join(sorted(refused))}: not served by this AWS, only S3Targets and DynamoDBTargets.")
    if not any(targets.get(name) for name in SERVED_TARGETS):
        raise _invalid("A crawler needs at least one target.")
    for target in targets.get("S3Targets") or []:
        if not str(target.get("Path", "")).removeprefix("s3://"):
            raise _invalid("An S3 target needs a Path.")
        refused = [name for name in ("ConnectionName", "EventQueueArn", "DlqEventQueueArn") if target.get(name)]
        if refused:
            raise _invalid(f"{', '.join(refused)} of an S3 target: not served by this AWS.")
        if "SampleSize" in target and not 1 <= int(target["SampleSize"]) <= 249:
            raise _invalid("SampleSize must be from 1 to 249.")


def _check_policies(change: Mapping[str, Any], recrawl: Mapping[str, Any], targets: Mapping[str, Any]) -> None:
    if change["UpdateBehavior"] not in UPDATES or change["DeleteBehavior"] not in DELETES:
        raise _invalid(f"SchemaChangePolicy: expected one of {UPDATES} and one of {DELETES}.")
    behavior = recrawl.get("RecrawlBehavior", "CRAWL_EVERYTHING")
    if behavior == "CRAWL_EVENT_MODE":
        raise _invalid("CRAWL_EVENT_MODE is not served by this AWS.")
    if behavior not in ("CRAWL_EVERYTHING", NEW_FOLDERS):
        raise _invalid(f"RecrawlBehavior {behavior} is unknown.")
    if behavior == NEW_FOLDERS and targets.get("S3Targets") and set(change.values()) != {"LOG"}:
        raise _invalid(
            'The SchemaChangePolicy for "Crawl new folders only" Amazon S3 target can have only LOG DeleteBehavior '
            "value and LOG UpdateBehavior value."
        )


def _configuration(text: str) -> dict[str, Any]:
    """Return the parsed configuration; whatever would be ignored here is refused.

    Source: https://docs.aws.amazon.com/glue/latest/dg/crawler-configuration.html
    """
    try:
        found = json.loads(text)
    except ValueError:
        raise _invalid("Configuration is not JSON.") from None
    if not isinstance(found, dict) or (found and "Version" not in found):
        raise _invalid("Configuration is a JSON object with a Version.")
    _check(found, CONFIGURATION, "Configuration")
    level = found.get("Grouping", {}).get("TableLevelConfiguration", 1)
    if isinstance(level, bool) or not isinstance(level, int) or level < 1:
        raise _invalid("TableLevelConfiguration is a whole number from 1.")
    return dict(found)


def _check(found: Mapping[str, Any], known: Mapping[str, Any], path: str) -> None:
    for name, value in found.items():
        expected = known.get(name, ())
        if name not in known or (isinstance(expected, tuple) and value not in expected):
            raise _invalid(f"{path}.{name} {value!r} is not served by this AWS.")
        if isinstance(expected, dict):
            if not isinstance(value, dict):
                raise _invalid(f"{path}.{name} is a JSON object.")
            _check(value, expected, f"{path}.{name}")


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidInputException", message)
