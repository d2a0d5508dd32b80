"""The operations of MiniStack that somebody checked here, of services in which it also answers what it does not do.

Any other operation of these services is refused by its name; docs/local-aws.md lists them with their proofs.
"""

from __future__ import annotations

import re
from typing import Final

from lab.local import forms
from lab.local.edge import Response, Wire, error_response
from lab.local.errors import AwsError

SERVED: Final[dict[str, frozenset[str]]] = {
    "dynamodb": frozenset(
        {
            *("BatchExecuteStatement", "BatchGetItem", "BatchWriteItem", "CreateTable", "DeleteItem", "DeleteTable"),
            *("DescribeContinuousBackups", "DescribeEndpoints", "DescribeLimits", "DescribeTable"),
            *("DescribeTimeToLive", "ExecuteStatement", "ExecuteTransaction", "GetItem", "ListTables"),
            *("ListTagsOfResource", "PutItem", "Query", "Scan", "TagResource", "TransactGetItems"),
            *("TransactWriteItems", "UntagResource", "UpdateContinuousBackups", "UpdateItem", "UpdateTable"),
            "UpdateTimeToLive",
        }
    ),
    "events": frozenset(
        {
            *("CreateEventBus", "DeleteEventBus", "DeleteRule", "DescribeEventBus", "DescribeRule", "DisableRule"),
            *("EnableRule", "ListEventBuses", "ListRuleNamesByTarget", "ListRules", "ListTagsForResource"),
            *("ListTargetsByRule", "PutEvents", "PutRule", "PutTargets", "RemoveTargets", "TagResource"),
            *("TestEventPattern", "UntagResource"),
        }
    ),
    "glue": frozenset(
        {
            *("BatchCreatePartition", "BatchDeleteTable", "BatchGetPartition"),
            *("BatchUpdatePartition", "CreateDatabase", "CreateJob", "CreatePartition"),
            *("CreateTable", "DeleteDatabase", "DeleteJob", "DeletePartition", "DeleteTable"),
            *("GetDatabase", "GetDatabases", "GetJob", "GetJobs"),
            *("GetPartition", "GetPartitions", "GetTable", "GetTables", "GetTags", "TagResource", "UntagResource"),
            *("UpdateDatabase", "UpdateJob", "UpdateTable"),
        }
    ),
    "kinesis": frozenset(
        {
            *("AddTagsToStream", "CreateStream", "DecreaseStreamRetentionPeriod", "DeleteStream", "DescribeStream"),
            *("DescribeStreamSummary", "GetRecords", "GetShardIterator", "IncreaseStreamRetentionPeriod"),
            *("ListShards", "ListStreams", "ListTagsForStream", "MergeShards", "PutRecord", "PutRecords"),
            *("RemoveTagsFromStream", "SplitShard", "UpdateShardCount"),
        }
    ),
    "logs": frozenset(
        {
            *("CreateLogGroup", "CreateLogStream", "DeleteLogGroup", "DeleteLogStream", "DeleteMetricFilter"),
            *("DeleteRetentionPolicy", "DescribeLogGroups", "DescribeLogStreams", "DescribeMetricFilters"),
            *("FilterLogEvents", "GetLogEvents", "ListTagsForResource", "ListTagsLogGroup", "PutLogEvents"),
            *("PutMetricFilter", "PutRetentionPolicy", "TagLogGroup", "TagResource", "UntagLogGroup"),
            "UntagResource",
        }
    ),
    "monitoring": frozenset(
        {
            *("DeleteAlarms", "DeleteDashboards", "DescribeAlarmHistory", "DescribeAlarms"),
            *("DescribeAlarmsForMetric", "DisableAlarmActions", "EnableAlarmActions", "GetDashboard"),
            *("GetMetricData", "GetMetricStatistics", "ListDashboards", "ListMetrics", "ListTagsForResource"),
            *("PutCompositeAlarm", "PutDashboard", "PutMetricAlarm", "PutMetricData", "SetAlarmState"),
            *("TagResource", "UntagResource"),
        }
    ),
    "sns": frozenset(
        {
            *("AddPermission", "ConfirmSubscription", "CreateTopic", "DeleteTopic", "GetSubscriptionAttributes"),
            *("GetTopicAttributes", "ListSubscriptions", "ListSubscriptionsByTopic", "ListTagsForResource"),
            *("ListTopics", "Publish", "PublishBatch", "RemovePermission", "SetSubscriptionAttributes"),
            *("SetTopicAttributes", "Subscribe", "TagResource", "Unsubscribe", "UntagResource"),
        }
    ),
    "ssm": frozenset(
        {
            *("AddTagsToResource", "DeleteParameter", "DeleteParameters", "DescribeParameters", "GetParameter"),
            *("GetParameterHistory", "GetParameters", "GetParametersByPath", "LabelParameterVersion"),
            *("ListTagsForResource", "PutParameter", "RemoveTagsFromResource"),
        }
    ),
}
"""By the service's name at the edge."""

_ACTION: Final = re.compile(rb"(?:^|&)Action=(\w+)")


def operation(headers: dict[str, str], body: bytes, query: dict[str, list[str]]) -> str:
    """Return the operation that a request of JSON or of the query protocol asks for; nothing for another protocol."""
    target = headers.get("x-amz-target", "").rpartition(".")[2]
    if target:
        return target
    action = _ACTION.search(body)
    return action[1].decode() if action else next(iter(query.get("Action", ())), "")


def served(name: str, handler: Wire) -> Wire:
    """Wrap a service's handler: operations that nobody checked are refused. Parameters: name, of the service."""
    known = SERVED.get(name)
    if known is None:
        return handler

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Response:
        asked = operation(headers, body, query)
        if not asked or asked in known:
            return await handler(method, path, headers, body, query)
        message = f"{name}:{asked} is not served by this AWS."
        if headers.get("x-amz-target"):
            return error_response(AwsError("UnknownOperationException", message))
        return 400, {"Content-Type": "text/xml"}, forms.refusal("InvalidAction", message)

    return handle
