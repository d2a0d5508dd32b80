"""What MiniStack's own CloudFormation types accept and leave out: done here, after them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final

Handlers = dict[str, dict[str, Any]]

CHECKED: Final = frozenset(
    {
        "AWS::CDK::Metadata",
        *(f"AWS::CloudWatch::{name}" for name in ("Alarm", "Dashboard")),
        "AWS::DynamoDB::Table",
        "AWS::ECR::Repository",
        *(f"AWS::Events::{name}" for name in ("EventBus", "Rule")),
        *(f"AWS::Glue::{name}" for name in ("Database", "Job", "Partition", "Table")),
        *(f"AWS::IAM::{name}" for name in ("InstanceProfile", "ManagedPolicy", "Policy", "Role", "User")),
        *(f"AWS::IoT::{name}" for name in ("Certificate", "Policy", "PolicyPrincipalAttachment", "Thing", "TopicRule")),
        *(f"AWS::IoT::{name}" for name in ("ThingGroup", "ThingPrincipalAttachment", "ThingType")),
        *(f"AWS::KMS::{name}" for name in ("Alias", "Key")),
        "AWS::Kinesis::Stream",
        *(f"AWS::Logs::{name}" for name in ("LogGroup", "LogStream", "MetricFilter")),
        *(f"AWS::S3::{name}" for name in ("Bucket", "BucketPolicy")),
        *(f"AWS::SNS::{name}" for name in ("Subscription", "Topic", "TopicPolicy")),
        *(f"AWS::SQS::{name}" for name in ("Queue", "QueuePolicy")),
        "AWS::SSM::Parameter",
        "AWS::SecretsManager::Secret",
    }
)
"""MiniStack's types of services that are served here. It has many more, whose resources nobody could use."""


def complete(handlers: Handlers, ours: Collection[str]) -> None:
    """Leave in MiniStack's table of resource types what is served, and put our additions into it.

    Parameters: ours, the types that are ours alone.
    """
    for name in set(handlers) - CHECKED - set(ours):
        del handlers[name]
    table, stream, rule = (
        handlers[name] for name in ("AWS::DynamoDB::Table", "AWS::Kinesis::Stream", "AWS::Events::Rule")
    )
    table["create"] = _with_recovery(table["create"])
    stream["update"] = _with_shards(stream["update"])
    rule["create"] = _with_targets(rule["create"])


def _with_recovery(create: Callable[..., Any]) -> Callable[..., Any]:
    """Add point-in-time recovery to the making of a table."""

    def made(logical_id: str, properties: dict[str, Any], *rest: Any) -> Any:
        from ministack.services import dynamodb

        result = create(logical_id, properties, *rest)
        recovery = properties.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled", False)
        dynamodb._pitr_settings[result[0]] = str(recovery).lower() == "true"
        return result

    return made


def _with_shards(update: Callable[..., Any]) -> Callable[..., Any]:
    """Add another number of shards to the update of a stream."""

    def changed(physical_id: str, old: dict[str, Any], new: dict[str, Any], *rest: Any) -> Any:
        from ministack.services import kinesis

        from lab.local.errors import AwsError
        from lab.local.kinesis import shards

        stream = kinesis._streams.get(physical_id)
        if stream is not None and old.get("Name") == new.get("Name") and "ShardCount" in new:
            try:
                shards.scale(stream, int(new["ShardCount"]))
            except AwsError as error:
                raise ValueError(f"{error.message} (Service: Kinesis, Error Code: {error.code})") from error
        return update(physical_id, old, new, *rest)

    return changed


def _with_targets(create: Callable[..., Any]) -> Callable[..., Any]:
    """Hold the targets of a new rule to what PutTargets takes."""

    def made(logical_id: str, properties: dict[str, Any], *rest: Any) -> Any:
        from lab.local.bus import target
        from lab.local.errors import AwsError

        for one in properties.get("Targets") or []:
            try:
                target.check(one)
            except AwsError as error:
                raise ValueError(f"{error.message} (Service: EventBridge, Error Code: {error.code})") from error
        return create(logical_id, properties, *rest)

    return made
